package simulator

import (
	"cmp"
	"net/http"
	"time"
)

const authTokenHeader = "X-Auth-Token"

// admit simulates the gateway: it returns an error if the rate limit or the credentials don't
// allow the request.
func (s *Simulator) admit(w http.ResponseWriter, r *http.Request, now time.Time) error {
	limit, window := s.options.RateLimit, s.options.RateWindow

	switch {
	case !s.throttle.exceeded(now, limit, cmp.Or(window, time.Second)):
	case window > 0:
		return newAPIError(http.StatusTooManyRequests, codeThrottled,
			"policy user over ratelimit,limit:%d,time:%d second", limit, window/time.Second)
	default:
		w.Header().Set("Retry-After", "1")

		return newAPIError(http.StatusTooManyRequests, codeThrottled,
			"The throttling threshold has been reached: %d requests per second", limit)
	}

	projectID, err := s.callerProject(r, now)
	if err != nil {
		return err
	}

	switch projectID {
	case "":
		return newAPIError(http.StatusForbidden, codeForbidden,
			"You are not authorized to perform the (%s) operation.", r.Method)
	case r.PathValue("project_id"):
		return nil
	default:
		return newAPIError(http.StatusForbidden, codeOtherProject, "The project of the URL is not that of the credentials.")
	}
}

// callerProject authenticates the request, and returns the project of its credentials, or "" if
// they have none.
func (s *Simulator) callerProject(r *http.Request, now time.Time) (string, error) {
	id, signed := credentialsOf(r)

	switch {
	case signed:
		return s.signatureProject(r, now)
	case id == "":
		return "", invalidCredentials("X-Auth-Token and Authorization are missing")
	default:
		return s.tokenProject(id, now)
	}
}

func (s *Simulator) tokenProject(id string, now time.Time) (string, error) {
	t, ok := s.validToken(id, now)
	if !ok {
		return "", newAPIError(http.StatusUnauthorized, codeTokenExpired, "The token must be updated.")
	}

	if t.scope != scopeProject {
		return "", nil
	}

	return s.tenant(t.agency).project.ID, nil
}

// signatureProject returns the project that a signed request names, if it is the user's. An
// access key belongs to a user with many projects, so a request without one has none.
func (s *Simulator) signatureProject(r *http.Request, now time.Time) (string, error) {
	if err := s.verifySignature(r, now); err != nil {
		return "", err
	}

	if r.Header.Get(projectHeader) == DefaultProjectID {
		return DefaultProjectID, nil
	}

	return "", nil
}

func invalidCredentials(reason string) *apiError {
	return newAPIError(http.StatusUnauthorized, codeUnauthenticated, "Incorrect IAM authentication information: %s", reason)
}

// throttle counts the requests in a window of time.
type throttle struct {
	start time.Time
	count int
}

// exceeded counts a request, and reports whether it exceeds the limit. A limit of 0 is none.
func (t *throttle) exceeded(now time.Time, limit int, window time.Duration) bool {
	if start := now.Truncate(window); !start.Equal(t.start) {
		*t = throttle{start: start}
	}

	t.count++

	return limit > 0 && t.count > limit
}
