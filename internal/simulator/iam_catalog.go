package simulator

import (
	"net/http"
	"time"
)

type catalogResponse struct {
	Catalog []service `json:"catalog"`
	Links   selfLink  `json:"links"`
}

type service struct {
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	Type      string     `json:"type"`
	Endpoints []endpoint `json:"endpoints"`
}

type endpoint struct {
	ID        string `json:"id"`
	Interface string `json:"interface"`
	Region    string `json:"region"`
	RegionID  string `json:"region_id"`
	URL       string `json:"url"`
}

// catalog returns the services under base. Real catalogs differ in the name of ModelArts and
// in its URL, so this one has both.
func (s *Simulator) catalog(t token, base string) []service {
	entry := func(name, kind, url string) service {
		return service{ID: "service-" + kind, Name: name, Type: kind, Endpoints: []endpoint{{
			ID: "endpoint-" + kind, Interface: "public", Region: DefaultRegion, RegionID: DefaultRegion, URL: url,
		}}}
	}

	services := []service{entry("iam", "identity", base+identityPath)}
	if t.scope == scopeProject {
		services = append(services,
			entry("modelarts", "modelarts", base),
			entry("modelartsv1", "modelartsv1", base+modelArtsPath+s.tenant(t.agency).project.ID),
		)
	}

	return services
}

// showCatalog requires a project, as Keystone does.
func (s *Simulator) showCatalog(w http.ResponseWriter, r *http.Request, now time.Time) error {
	t, err := s.caller(r, now)
	if err != nil {
		return err
	}

	if t.scope != scopeProject {
		return newAPIError(http.StatusForbidden, "", "Only a caller with a project is shown the service catalog.")
	}

	writeJSON(w, http.StatusOK, catalogResponse{
		Catalog: s.catalog(t, baseURL(r)),
		Links:   selfLink{Self: baseURL(r) + catalogPath},
	})

	return nil
}
