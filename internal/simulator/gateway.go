package simulator

import (
	"net/http"
	"time"
)

const authTokenHeader = "X-Auth-Token"

// admit is the gateway before ModelArts: it says why a request may not pass.
func (s *Simulator) admit(w http.ResponseWriter, r *http.Request, now time.Time) error {
	if s.throttle.exceeded(now, s.options.RateLimit) {
		w.Header().Set("Retry-After", "1")

		return refusef(http.StatusTooManyRequests, codeThrottled,
			"The throttling threshold has been reached: %d requests per second", s.options.RateLimit)
	}

	projectID, err := s.callerProject(r, now)
	if err != nil {
		return err
	}

	switch projectID {
	case "":
		return refusef(http.StatusForbidden, codeForbidden,
			"You are not authorized to perform the (%s) operation.", r.Method)
	case r.PathValue("project_id"):
		return nil
	default:
		return refusef(http.StatusForbidden, codeOtherProject, "The project of the URL is not that of the credentials.")
	}
}

// callerProject authenticates the request, and returns the project that its
// credentials are for, or "" when they are for none.
func (s *Simulator) callerProject(r *http.Request, now time.Time) (string, error) {
	id, signed := credentialsOf(r)

	switch {
	case signed:
		return s.signatureProject(r, now)
	case id == "":
		return "", refuseCredentials("X-Auth-Token and Authorization are missing")
	default:
		return s.tokenProject(id, now)
	}
}

func (s *Simulator) tokenProject(id string, now time.Time) (string, error) {
	t, ok := s.validToken(id, now)
	if !ok {
		return "", refusef(http.StatusUnauthorized, codeTokenExpired, "The token must be updated.")
	}

	if t.scope != scopeProject {
		return "", nil
	}

	return s.tenant(t.agency).project.ID, nil
}

// signatureProject takes a signature for the project that the request names, if
// it is the user's. A key is for all projects of its user, so that one that names
// none is for none.
func (s *Simulator) signatureProject(r *http.Request, now time.Time) (string, error) {
	if err := s.verifySignature(r, now); err != nil {
		return "", err
	}

	if r.Header.Get(projectHeader) == DefaultProjectID {
		return DefaultProjectID, nil
	}

	return "", nil
}

func refuseCredentials(reason string) *apiError {
	return refusef(http.StatusUnauthorized, codeUnauthenticated, "Incorrect IAM authentication information: %s", reason)
}

// throttle counts the requests of one second of the clock.
type throttle struct {
	second int64 // since 1970
	count  int
}

// exceeded counts a request, and says whether it is one too many. A limit of 0
// is none.
func (t *throttle) exceeded(now time.Time, limit int) bool {
	if second := now.Unix(); second != t.second {
		*t = throttle{second: second}
	}

	t.count++

	return limit > 0 && t.count > limit
}
