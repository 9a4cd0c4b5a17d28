package simulator

import (
	"net/http"
	"time"
)

type selfLink struct {
	Self string `json:"self"`
}

// pageLinks are the links of a complete list.
type pageLinks struct {
	selfLink

	Previous *string `json:"previous"`
	Next     *string `json:"next"`
}

type projectList struct {
	Projects []project `json:"projects"`
	Links    selfLink  `json:"links"`
}

type project struct {
	ID          string   `json:"id"`
	Name        string   `json:"name"`
	Description string   `json:"description"`
	DomainID    string   `json:"domain_id"`
	ParentID    string   `json:"parent_id"`
	IsDomain    bool     `json:"is_domain"`
	Enabled     bool     `json:"enabled"`
	Links       selfLink `json:"links"`
}

type domainList struct {
	Domains []domain  `json:"domains"`
	Links   pageLinks `json:"links"`
}

type domain struct {
	ID          string   `json:"id"`
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Enabled     bool     `json:"enabled"`
	Links       selfLink `json:"links"`
}

// listProjects returns the project of the caller, if it matches the query.
func (s *Simulator) listProjects(w http.ResponseWriter, r *http.Request, now time.Time) error {
	t, err := s.caller(r, now)
	if err != nil {
		return err
	}

	own, query := s.tenant(t.agency), r.URL.Query()
	list := projectList{Projects: []project{}, Links: selfLink{Self: baseURL(r) + r.URL.RequestURI()}}

	sameName := !query.Has("name") || query.Get("name") == own.project.Name
	sameDomain := !query.Has("domain_id") || query.Get("domain_id") == own.domain.ID

	if sameName && sameDomain {
		list.Projects = append(list.Projects, project{
			ID: own.project.ID, Name: own.project.Name, DomainID: own.domain.ID, ParentID: own.domain.ID, Enabled: true,
			Links: selfLink{Self: baseURL(r) + identityPath + "/projects/" + own.project.ID},
		})
	}

	writeJSON(w, http.StatusOK, list)

	return nil
}

// listDomains returns the domain of the caller, if it matches the query.
func (s *Simulator) listDomains(w http.ResponseWriter, r *http.Request, now time.Time) error {
	t, err := s.caller(r, now)
	if err != nil {
		return err
	}

	own, query := s.tenant(t.agency).domain, r.URL.Query()
	list := domainList{
		Domains: []domain{},
		Links:   pageLinks{selfLink: selfLink{Self: baseURL(r) + r.URL.RequestURI()}},
	}

	if !query.Has("name") || query.Get("name") == own.Name {
		list.Domains = append(list.Domains, domain{
			ID: own.ID, Name: own.Name, Enabled: true,
			Links: selfLink{Self: baseURL(r) + identityPath + "/domains/" + own.ID},
		})
	}

	writeJSON(w, http.StatusOK, list)

	return nil
}

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
