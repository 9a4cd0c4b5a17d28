package simulator

import (
	"crypto/rand"
	"net/http"
	"time"
)

const (
	subjectTokenHeader = "X-Subject-Token"
	identityTime       = "2006-01-02T15:04:05.000000Z"
)

// scope is the kind of scope of a token.
type scope int

const (
	scopeNone scope = iota
	scopeDomain
	scopeProject
)

// token is an issued token.
type token struct {
	methods         []string
	issued, expires time.Time
	scope           scope
	agency          bool // issued to the agency, not to the user
}

// issue returns the ID of a new token, and deletes expired tokens.
func (s *Simulator) issue(t token, now time.Time) string {
	for id, old := range s.tokens {
		if !now.Before(old.expires) {
			delete(s.tokens, id)
		}
	}

	id := "simulated-" + rand.Text()
	s.tokens[id] = t

	return id
}

// validToken returns the token with this ID, and whether it is valid.
func (s *Simulator) validToken(id string, now time.Time) (token, bool) {
	t, ok := s.tokens[id]

	return t, ok && now.Before(t.expires)
}

// IssueToken returns a new token of the user for the project.
func (s *Simulator) IssueToken() string {
	s.mu.Lock()
	defer s.mu.Unlock()

	now := s.options.Now()

	return s.issue(token{
		methods: []string{"password"},
		issued:  now,
		expires: now.Add(s.options.TokenLifetime),
		scope:   scopeProject,
	}, now)
}

// RevokeTokens revokes all issued tokens.
func (s *Simulator) RevokeTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()

	clear(s.tokens)
}

// tokenBody returns the body that describes t, with URLs for the sender of r. The token itself is in
// a header.
func (s *Simulator) tokenBody(t token, r *http.Request) object {
	own := s.tenant(t.agency)
	user := object{"id": DefaultUserID, "name": DefaultUserName, "domain": s.tenant(false).domain}

	d := object{
		"methods":    t.methods,
		"issued_at":  t.issued.UTC().Format(identityTime),
		"expires_at": t.expires.UTC().Format(identityTime),
		"user":       user,
	}
	if t.agency {
		d["user"] = object{"id": agencyID, "name": own.domain.Name + "/" + DefaultAgencyName, "domain": own.domain}
		d["assumed_by"] = object{"user": user}
	}

	switch t.scope {
	case scopeNone:
		return object{"token": d}
	case scopeDomain:
		d["domain"] = own.domain
	case scopeProject:
		d["project"] = object{"id": own.project.ID, "name": own.project.Name, "domain": own.domain}
	}

	d["roles"] = []reference{{ID: "0", Name: "te_admin"}}
	if !r.URL.Query().Has("nocatalog") {
		d["catalog"] = s.catalog(t, baseURL(r))
	}

	return object{"token": d}
}

// baseURL returns the base URL that the sender of r uses.
func baseURL(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}

	return "http://" + r.Host
}
