package simulator

import (
	"cmp"
	"net/http"
	"time"
)

// agencyID is the id of the agency, which IAM shows as that of a user.
const agencyID = "7f1d3b5c9e2a4068b4c6d8e0f1a3b5c7"

// assumeRequest asks for a token of an agency. The API reference calls its name
// agency_name in the table and xrole_name in the sample, as the vendor's client
// does; both are taken.
type assumeRequest struct {
	DomainID   string `json:"domain_id"`
	DomainName string `json:"domain_name"`
	AgencyName string `json:"agency_name"`
	XRoleName  string `json:"xrole_name"`
}

// names says whether the request names this agency of this domain, and nothing
// else besides.
func (a assumeRequest) names(domain reference, agency string) bool {
	names := cmp.Or(a.AgencyName, a.XRoleName) == agency && cmp.Or(a.XRoleName, a.AgencyName) == agency

	return names && reference{ID: a.DomainID, Name: a.DomainName}.is(domain.ID, domain.Name)
}

// tenant is a domain and its project: the user's, or those that the agency acts
// for.
type tenant struct {
	domain, project reference
}

// tenant returns what a token is for.
func (s *Simulator) tenant(agency bool) tenant {
	o := s.options
	if agency {
		return tenant{
			domain:  reference{ID: DefaultAgencyDomainID, Name: DefaultAgencyDomainName},
			project: reference{ID: DefaultDelegatedProjectID, Name: o.DelegatedProjectName},
		}
	}

	return tenant{
		domain:  reference{ID: DefaultDomainID, Name: DefaultDomainName},
		project: reference{ID: DefaultProjectID, Name: o.ProjectName},
	}
}

// mayAssume says whether the request comes from the user as such, and names the
// agency. An agency assumes nothing.
func (s *Simulator) mayAssume(r *http.Request, request assumeRequest, now time.Time) (bool, error) {
	var proven bool

	if id, signed := credentialsOf(r); signed {
		if err := s.verifySignature(r, now); err != nil {
			return false, err
		}

		// A token says whose it is; a signature for no project has to be told.
		proven = r.Header.Get(domainHeader) == DefaultDomainID
	} else {
		t, ok := s.validToken(id, now)
		proven = ok && !t.agency
	}

	return proven && request.names(s.tenant(true).domain, DefaultAgencyName), nil
}
