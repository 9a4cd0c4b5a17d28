package simulator

import (
	"cmp"
	"net/http"
	"time"
)

// agencyID is the ID of the agency, which IAM shows as a user ID.
const agencyID = "7f1d3b5c9e2a4068b4c6d8e0f1a3b5c7"

// assumeRequest requests a token of an agency. The API reference has the key agency_name in its
// table, and xrole_name in its sample. Both are accepted.
type assumeRequest struct {
	DomainID   string `json:"domain_id"`
	DomainName string `json:"domain_name"`
	AgencyName string `json:"agency_name"`
	XRoleName  string `json:"xrole_name"`
}

// matches reports whether all names and IDs of the request are those of the agency and the domain.
func (a assumeRequest) matches(domain reference, agency string) bool {
	sameName := cmp.Or(a.AgencyName, a.XRoleName) == agency && cmp.Or(a.XRoleName, a.AgencyName) == agency

	return sameName && reference{ID: a.DomainID, Name: a.DomainName}.matches(domain.ID, domain.Name)
}

// tenant is a domain and its project: those of the user, or those of the agency.
type tenant struct {
	domain, project reference
}

// tenant returns the domain and the project of a token.
func (s *Simulator) tenant(agency bool) tenant {
	if agency {
		return tenant{
			domain:  reference{ID: DefaultAgencyDomainID, Name: DefaultAgencyDomainName},
			project: reference{ID: DefaultDelegatedProjectID, Name: DefaultDelegatedProjectName},
		}
	}

	return tenant{
		domain:  reference{ID: DefaultDomainID, Name: DefaultDomainName},
		project: reference{ID: DefaultProjectID, Name: s.options.ProjectName},
	}
}

// canAssume reports whether the user sends the request, and it names the agency. An agency
// can't assume another one.
func (s *Simulator) canAssume(r *http.Request, request assumeRequest, now time.Time) (bool, error) {
	var proven bool

	if id, signed := credentialsOf(r); signed {
		if err := s.verifySignature(r, now); err != nil {
			return false, err
		}

		// A signed request without a project has to name the user's domain.
		proven = r.Header.Get(domainHeader) == DefaultDomainID
	} else {
		t, ok := s.validToken(id, now)
		proven = ok && !t.agency
	}

	return proven && request.matches(s.tenant(true).domain, DefaultAgencyName), nil
}
