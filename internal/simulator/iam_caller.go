package simulator

import (
	"net/http"
	"time"
)

// caller returns what the sender of a call to IAM has proved, by a token or by a
// signature. A signature is worth a token of the user, for the project that the
// request names, if it names one.
func (s *Simulator) caller(r *http.Request, now time.Time) (token, error) {
	id, signed := credentialsOf(r)
	if !signed {
		t, ok := s.validToken(id, now)
		if !ok {
			return token{}, refuseIdentity()
		}

		return t, nil
	}

	if err := s.verifySignature(r, now); err != nil {
		return token{}, err
	}

	project, domain := r.Header.Get(projectHeader), r.Header.Get(domainHeader)
	if project != "" && project != DefaultProjectID || domain != "" && domain != DefaultDomainID {
		return token{}, refusef(http.StatusForbidden, "",
			"The access key is not for the project or the domain that the request names.")
	}

	if project == "" {
		return token{scope: scopeNone}, nil
	}

	return token{scope: scopeProject}, nil
}
