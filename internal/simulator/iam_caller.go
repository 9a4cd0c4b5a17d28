package simulator

import (
	"net/http"
	"time"
)

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
