package simulator

import (
	"net/http"
	"time"
)

// listProjects returns the project of the caller, if it matches the query.
func (s *Simulator) listProjects(w http.ResponseWriter, r *http.Request, now time.Time) error {
	t, err := s.caller(r, now)
	if err != nil {
		return err
	}

	own, query, projects := s.tenant(t.agency), r.URL.Query(), []object{}
	sameName := !query.Has("name") || query.Get("name") == own.project.Name
	sameDomain := !query.Has("domain_id") || query.Get("domain_id") == own.domain.ID

	if sameName && sameDomain {
		projects = append(projects, object{
			"id": own.project.ID, "name": own.project.Name, "description": "", "domain_id": own.domain.ID,
			"parent_id": own.domain.ID, "is_domain": false, "enabled": true,
			"links": object{"self": baseURL(r) + identityPath + "/projects/" + own.project.ID},
		})
	}

	writeJSON(w, http.StatusOK, object{"projects": projects, "links": object{"self": baseURL(r) + r.URL.RequestURI()}})

	return nil
}

// listDomains returns the domain of the caller, if it matches the query.
func (s *Simulator) listDomains(w http.ResponseWriter, r *http.Request, now time.Time) error {
	t, err := s.caller(r, now)
	if err != nil {
		return err
	}

	own, query, domains := s.tenant(t.agency).domain, r.URL.Query(), []object{}
	if !query.Has("name") || query.Get("name") == own.Name {
		domains = append(domains, object{
			"id": own.ID, "name": own.Name, "description": "", "enabled": true,
			"links": object{"self": baseURL(r) + identityPath + "/domains/" + own.ID},
		})
	}

	writeJSON(w, http.StatusOK, object{
		"domains": domains,
		"links":   object{"self": baseURL(r) + r.URL.RequestURI(), "previous": nil, "next": nil},
	})

	return nil
}

// catalog returns the services under base. Real catalogs differ in the name of ModelArts and
// in its URL, so this one has both.
func (s *Simulator) catalog(t token, base string) []object {
	service := func(name, kind, url string) object {
		return object{"id": "service-" + kind, "name": name, "type": kind, "endpoints": []object{{
			"id": "endpoint-" + kind, "interface": "public", "region": DefaultRegion, "region_id": DefaultRegion, "url": url,
		}}}
	}

	services := []object{service("iam", "identity", base+identityPath)}
	if t.scope == scopeProject {
		services = append(services,
			service("modelarts", "modelarts", base),
			service("modelartsv1", "modelartsv1", base+modelArtsPath+s.tenant(t.agency).project.ID),
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

	writeJSON(w, http.StatusOK, object{
		"catalog": s.catalog(t, baseURL(r)),
		"links":   object{"self": baseURL(r) + catalogPath},
	})

	return nil
}
