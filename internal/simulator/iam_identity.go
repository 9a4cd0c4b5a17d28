package simulator

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"
)

// identity wraps an IAM call. Signatures are the business of the gateway, which
// refuses them in its own words.
func (s *Simulator) identity(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := s.locked(h, w, r)
		if err == nil {
			return
		}

		if e := asAPIError(err); e.isGateway() {
			writeGatewayFailure(w, e)
		} else {
			writeIdentityFailure(w, e)
		}
	})
}

// authRequest is the body that asks for a token.
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

// reference names something by its id or its name, as both requests and answers
// do.
type reference struct {
	ID   string `json:"id,omitempty"`
	Name string `json:"name,omitempty"`
}

// is says whether r means the thing with this id and name. What r does not say
// does not matter, but it has to say something.
func (r reference) is(id, name string) bool {
	return r != reference{} && (r.ID == "" || r.ID == id) && (r.Name == "" || r.Name == name)
}

func (s *Simulator) createToken(w http.ResponseWriter, r *http.Request, now time.Time) error {
	var body authRequest
	if err := json.Unmarshal(bodyOf(r), &body); err != nil {
		return refusef(http.StatusBadRequest, "", "The request body is invalid: %v", err)
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

// authenticate checks every method of the request, and returns the token they
// are worth, not scoped yet.
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
			ok = s.knowsPassword(id)
			proven = true
		case "totp":
			ok = s.takesPasscode(id.TOTP.User.Passcode)
		case "token":
			var source token

			source, ok = s.validToken(id.Token.ID, now)
			t.expires = source.expires // A token is not renewed by itself.
			t.agency = t.agency || source.agency
			proven = true
		case "assume_role":
			ok, err = s.mayAssume(r, id.AssumeRole, now)
			t.agency = true
			proven = true
		}

		if err != nil {
			return token{}, err
		}

		if !ok {
			return token{}, refuseIdentity()
		}
	}

	if !proven {
		return token{}, refuseIdentity()
	}

	if slices.Contains(id.Methods, "totp") {
		s.passcodeUsed = true
	}

	return t, nil
}

// takesPasscode says whether the passcode is right, and has not been used if it
// is good for one token. It is used up by a request whose other methods are right
// too, even when no token comes of it.
func (s *Simulator) takesPasscode(passcode string) bool {
	o := s.options

	return o.Passcode == "" || passcode == o.Passcode && (!o.PasscodeOnce || !s.passcodeUsed)
}

// knowsPassword says whether the request names the user and its password, and
// brings the passcode along when one is needed.
func (s *Simulator) knowsPassword(id identityRequest) bool {
	o, user := s.options, id.Password.User
	if !user.is(DefaultUserID, DefaultUserName) || user.Password != o.Password {
		return false
	}

	// Names are unique in a domain only, so a name needs one.
	if user.ID == "" && user.Domain == nil || user.Domain != nil && !user.Domain.is(DefaultDomainID, DefaultDomainName) {
		return false
	}

	return o.Passcode == "" || slices.Contains(id.Methods, "totp")
}

// readScope says what a token is to be good for: the user's is for the user's
// project and domain, the agency's for those it was delegated.
func (s *Simulator) readScope(request *scopeRequest, agency bool) (scope, error) {
	own := s.tenant(agency)

	switch {
	case request == nil && agency:
		return scopeNone, refusef(http.StatusBadRequest, "", "A token of an agency needs a scope.")
	case request == nil:
		return scopeNone, nil
	case request.Project != nil:
		p := request.Project
		if !p.is(own.project.ID, own.project.Name) || p.Domain != nil && !p.Domain.is(own.domain.ID, own.domain.Name) {
			return scopeNone, refuseIdentity()
		}

		// A name alone could be of the user's domain as well.
		if agency && p.ID == "" && p.Domain == nil {
			return scopeNone, refuseIdentity()
		}

		return scopeProject, nil
	case request.Domain != nil && request.Domain.is(own.domain.ID, own.domain.Name):
		return scopeDomain, nil
	default:
		return scopeNone, refuseIdentity()
	}
}

func (s *Simulator) showToken(w http.ResponseWriter, r *http.Request, now time.Time) error {
	if _, err := s.caller(r, now); err != nil {
		return err
	}

	subject := r.Header.Get(subjectTokenHeader)

	t, ok := s.validToken(subject, now)
	if !ok {
		return refusef(http.StatusNotFound, "", "The subject token is not known.")
	}

	w.Header().Set(subjectTokenHeader, subject)
	writeJSON(w, http.StatusOK, s.tokenBody(t, r))

	return nil
}

// refuseIdentity does not tell what was wrong, as IAM does not.
func refuseIdentity() *apiError {
	return refusef(http.StatusUnauthorized, "", "The request you have made requires authentication.")
}
