package simulator

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"
)

// identity returns the handler of a request to IAM. The gateway checks signatures, so their
// errors have its form.
func (s *Simulator) identity(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := s.locked(h, w, r)
		if err == nil {
			return
		}

		if e := asAPIError(err); e.isGateway() {
			writeGatewayError(w, e)
		} else {
			writeIdentityError(w, e)
		}
	})
}

// caller authenticates a request to IAM, and returns its token. For a signed request it
// returns a token of the user, for the project that the request names, if it names one.
func (s *Simulator) caller(r *http.Request, now time.Time) (token, error) {
	id, signed := credentialsOf(r)
	if !signed {
		t, ok := s.validToken(id, now)
		if !ok {
			return token{}, unauthenticated()
		}

		return t, nil
	}

	if err := s.verifySignature(r, now); err != nil {
		return token{}, err
	}

	project, domain := r.Header.Get(projectHeader), r.Header.Get(domainHeader)
	if project != "" && project != DefaultProjectID || domain != "" && domain != DefaultDomainID {
		return token{}, newAPIError(http.StatusForbidden, "",
			"The access key is not for the project or the domain that the request names.")
	}

	if project == "" {
		return token{scope: scopeNone}, nil
	}

	return token{scope: scopeProject}, nil
}

// authRequest is the body of a request for a token.
type authRequest struct {
	Auth struct {
		Identity identityRequest `json:"identity"`
		Scope    *scopeRequest   `json:"scope"`
	} `json:"auth"`
}

type identityRequest struct {
	Methods  []string `json:"methods"`
	Password struct {
		User userRequest `json:"user"`
	} `json:"password"`
	TOTP struct {
		User userRequest `json:"user"`
	} `json:"totp"`
	Token struct {
		ID string `json:"id"`
	} `json:"token"`
	AssumeRole assumeRequest `json:"assume_role"`
}

type userRequest struct {
	reference
	Domain   *reference `json:"domain"`
	Password string     `json:"password"`
	Passcode string     `json:"passcode"`
}

type scopeRequest struct {
	Project *projectRequest `json:"project"`
	Domain  *reference      `json:"domain"`
}

type projectRequest struct {
	reference
	Domain *reference `json:"domain"`
}

// reference is an ID, a name or both, in requests and responses.
type reference struct {
	ID   string `json:"id,omitempty"`
	Name string `json:"name,omitempty"`
}

// matches reports whether r has this ID and name. One of the two can be absent in r.
func (r reference) matches(id, name string) bool {
	return r != reference{} && (r.ID == "" || r.ID == id) && (r.Name == "" || r.Name == name)
}

func (s *Simulator) createToken(w http.ResponseWriter, r *http.Request, now time.Time) error {
	var body authRequest
	if err := json.Unmarshal(bodyOf(r), &body); err != nil {
		return newAPIError(http.StatusBadRequest, "", "The request body is invalid: %v", err)
	}

	t, err := s.authenticate(r, body.Auth.Identity, now)
	if err != nil {
		return err
	}

	t.scope, err = s.readScope(body.Auth.Scope, t.agency)
	if err != nil {
		return err
	}

	w.Header().Set(subjectTokenHeader, s.issue(t, now))
	writeJSON(w, http.StatusCreated, s.tokenBody(t, r))

	return nil
}

// authenticate checks every method of the request, and returns a token without a scope.
func (s *Simulator) authenticate(r *http.Request, id identityRequest, now time.Time) (token, error) {
	t := token{methods: id.Methods, issued: now, expires: now.Add(s.options.TokenLifetime)}

	proven := false

	for _, method := range id.Methods {
		var (
			ok  bool
			err error
		)

		switch method {
		case "password":
			ok = s.validPassword(id)
			proven = true
		case "totp":
			ok = s.validPasscode(id.TOTP.User.Passcode)
		case "token":
			var source token

			source, ok = s.validToken(id.Token.ID, now)
			t.expires = source.expires // A token can't be renewed with itself.
			t.agency = t.agency || source.agency
			proven = true
		case "assume_role":
			ok, err = s.canAssume(r, id.AssumeRole, now)
			t.agency = true
			proven = true
		}

		if err != nil {
			return token{}, err
		}

		if !ok {
			return token{}, unauthenticated()
		}
	}

	if !proven {
		return token{}, unauthenticated()
	}

	if slices.Contains(id.Methods, "totp") {
		s.passcodeUsed = true
	}

	return t, nil
}

// validPasscode reports whether the passcode is right and, with [Options.PasscodeOnce], unused.
// A request whose methods are all right uses it, even if the request then fails.
func (s *Simulator) validPasscode(passcode string) bool {
	o := s.options

	return o.Passcode == "" || passcode == o.Passcode && (!o.PasscodeOnce || !s.passcodeUsed)
}

// validPassword reports whether the request has the user's name or ID and password, and a
// passcode if one is required.
func (s *Simulator) validPassword(id identityRequest) bool {
	o, user := s.options, id.Password.User
	if !user.matches(DefaultUserID, DefaultUserName) || user.Password != o.Password {
		return false
	}

	// Names are unique within a domain, so a name requires one.
	if user.ID == "" && user.Domain == nil || user.Domain != nil && !user.Domain.matches(DefaultDomainID, DefaultDomainName) {
		return false
	}

	return o.Passcode == "" || slices.Contains(id.Methods, "totp")
}

// readScope returns the requested scope, if its project or domain belongs to the user or, for
// a token of the agency, to the agency.
func (s *Simulator) readScope(request *scopeRequest, agency bool) (scope, error) {
	own := s.tenant(agency)

	switch {
	case request == nil && agency:
		return scopeNone, newAPIError(http.StatusBadRequest, "", "A token of an agency needs a scope.")
	case request == nil:
		return scopeNone, nil
	case request.Project != nil:
		p := request.Project
		if !p.matches(own.project.ID, own.project.Name) || p.Domain != nil && !p.Domain.matches(own.domain.ID, own.domain.Name) {
			return scopeNone, unauthenticated()
		}

		// A name without a domain could belong to the user's domain.
		if agency && p.ID == "" && p.Domain == nil {
			return scopeNone, unauthenticated()
		}

		return scopeProject, nil
	case request.Domain != nil && request.Domain.matches(own.domain.ID, own.domain.Name):
		return scopeDomain, nil
	default:
		return scopeNone, unauthenticated()
	}
}

func (s *Simulator) showToken(w http.ResponseWriter, r *http.Request, now time.Time) error {
	if _, err := s.caller(r, now); err != nil {
		return err
	}

	subject := r.Header.Get(subjectTokenHeader)

	t, ok := s.validToken(subject, now)
	if !ok {
		return newAPIError(http.StatusNotFound, "", "The subject token is not known.")
	}

	w.Header().Set(subjectTokenHeader, subject)
	writeJSON(w, http.StatusOK, s.tokenBody(t, r))

	return nil
}

// unauthenticated returns IAM's error, which doesn't contain the reason.
func unauthenticated() *apiError {
	return newAPIError(http.StatusUnauthorized, "", "The request you have made requires authentication.")
}
