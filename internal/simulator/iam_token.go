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

	now := s.options.Clock.Now()

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

// tokenResponse is the body that describes a token. The token is in a header.
type tokenResponse struct {
	Token tokenDescription `json:"token"`
}

type tokenDescription struct {
	Methods   []string      `json:"methods"`
	IssuedAt  string        `json:"issued_at"`
	ExpiresAt string        `json:"expires_at"`
	User      domainMember  `json:"user"`
	Project   *domainMember `json:"project,omitempty"`
	Domain    *reference    `json:"domain,omitempty"`
	Roles     []reference   `json:"roles,omitempty"`
	Catalog   []service     `json:"catalog,omitempty"`
	AssumedBy *assumedBy    `json:"assumed_by,omitempty"`
}

// assumedBy is the user who assumed an agency.
type assumedBy struct {
	User domainMember `json:"user"`
}

// domainMember is a user or a project.
type domainMember struct {
	reference
	Domain reference `json:"domain"`
}

// tokenBody returns the description of t, with URLs for the sender of r.
func (s *Simulator) tokenBody(t token, r *http.Request) tokenResponse {
	own := s.tenant(t.agency)
	user := domainMember{reference{ID: DefaultUserID, Name: DefaultUserName}, s.tenant(false).domain}

	d := tokenDescription{
		Methods:   t.methods,
		IssuedAt:  t.issued.UTC().Format(identityTime),
		ExpiresAt: t.expires.UTC().Format(identityTime),
		User:      user,
	}
	if t.agency {
		d.User = domainMember{reference{ID: agencyID, Name: own.domain.Name + "/" + DefaultAgencyName}, own.domain}
		d.AssumedBy = &assumedBy{user}
	}

	switch t.scope {
	case scopeNone:
		return tokenResponse{d}
	case scopeDomain:
		d.Domain = &own.domain
	case scopeProject:
		d.Project = &domainMember{own.project, own.domain}
	}

	d.Roles = []reference{{ID: "0", Name: "te_admin"}}
	if !r.URL.Query().Has("nocatalog") {
		d.Catalog = s.catalog(t, baseURL(r))
	}

	return tokenResponse{d}
}

// baseURL returns the base URL that the sender of r uses.
func baseURL(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}

	return "http://" + r.Host
}
