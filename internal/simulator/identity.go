package simulator

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"
)

// identity wraps an IAM call.
func (s *Simulator) identity(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := s.locked(h, w, r); err != nil {
			writeIdentityFailure(w, asAPIError(err))
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
	AssumeRole struct {
		DomainID   string `json:"domain_id"`
		DomainName string `json:"domain_name"`
		AgencyName string `json:"agency_name"`
	} `json:"assume_role"`
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
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		return refusef(http.StatusBadRequest, "", "The request body is invalid: %v", err)
	}

	t, err := s.authenticate(r, body.Auth.Identity, now)
	if err != nil {
		return err
	}

	t.scope, err = s.readScope(body.Auth.Scope)
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
		var ok bool

		switch method {
		case "password":
			ok = s.knowsPassword(id)
			proven = true
		case "totp":
			ok = s.options.Passcode == "" || id.TOTP.User.Passcode == s.options.Passcode
		case "token":
			var source token

			source, ok = s.validToken(id.Token.ID, now)
			t.expires = source.expires // A token is not renewed by itself.
			proven = true
		case "assume_role":
			ok = s.mayAssume(r, id, now)
			t.agency = true
			proven = true
		}

		if !ok {
			return token{}, refuseIdentity()
		}
	}

	if !proven {
		return token{}, refuseIdentity()
	}

	return t, nil
}

// knowsPassword says whether the request names the user and its password, and
// brings the passcode along when one is needed.
func (s *Simulator) knowsPassword(id identityRequest) bool {
	o, user := s.options, id.Password.User
	if !user.is(o.UserID, o.UserName) || user.Password != o.Password {
		return false
	}

	// Names are unique in a domain only, so a name needs one.
	if user.ID == "" && user.Domain == nil || user.Domain != nil && !user.Domain.is(o.DomainID, o.DomainName) {
		return false
	}

	return o.Passcode == "" || slices.Contains(id.Methods, "totp")
}

// mayAssume says whether the request comes from the user, who proves it by a
// token, and names the agency.
func (s *Simulator) mayAssume(r *http.Request, id identityRequest, now time.Time) bool {
	_, ok := s.validToken(r.Header.Get(authTokenHeader), now)
	role := id.AssumeRole
	domain := reference{ID: role.DomainID, Name: role.DomainName}

	return ok && role.AgencyName == s.options.AgencyName && domain.is(s.options.DomainID, s.options.DomainName)
}

func (s *Simulator) readScope(request *scopeRequest) (scope, error) {
	o := s.options

	switch {
	case request == nil:
		return scopeNone, nil
	case request.Project != nil:
		p := request.Project
		if !p.is(o.ProjectID, o.ProjectName) || p.Domain != nil && !p.Domain.is(o.DomainID, o.DomainName) {
			return scopeNone, refuseIdentity()
		}

		return scopeProject, nil
	case request.Domain != nil && request.Domain.is(o.DomainID, o.DomainName):
		return scopeDomain, nil
	default:
		return scopeNone, refuseIdentity()
	}
}

func (s *Simulator) showToken(w http.ResponseWriter, r *http.Request, now time.Time) error {
	if err := s.requireToken(r, now); err != nil {
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

func (s *Simulator) listProjects(w http.ResponseWriter, r *http.Request, now time.Time) error {
	if err := s.requireToken(r, now); err != nil {
		return err
	}

	o, query := s.options, r.URL.Query()
	list := projectList{Projects: []project{}, Links: selfLink{Self: baseURL(r) + r.URL.RequestURI()}}

	nameFits := !query.Has("name") || query.Get("name") == o.ProjectName
	domainFits := !query.Has("domain_id") || query.Get("domain_id") == o.DomainID

	if nameFits && domainFits {
		list.Projects = append(list.Projects, project{
			ID: o.ProjectID, Name: o.ProjectName, DomainID: o.DomainID, ParentID: o.DomainID, Enabled: true,
			Links: selfLink{Self: baseURL(r) + identityPath + "/projects/" + o.ProjectID},
		})
	}

	writeJSON(w, http.StatusOK, list)

	return nil
}

func (s *Simulator) requireToken(r *http.Request, now time.Time) error {
	if _, ok := s.validToken(r.Header.Get(authTokenHeader), now); !ok {
		return refuseIdentity()
	}

	return nil
}

// refuseIdentity does not tell what was wrong, as IAM does not.
func refuseIdentity() *apiError {
	return refusef(http.StatusUnauthorized, "", "The request you have made requires authentication.")
}
