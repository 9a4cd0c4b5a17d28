package simulator

import (
	"net/http"
	"time"
)

// identityVersion describes the version of Keystone.
func identityVersion(r *http.Request) object {
	return object{
		"id":          "v3.14",
		"status":      "stable",
		"updated":     "2020-04-07T00:00:00Z",
		"links":       []object{{"rel": "self", "href": baseURL(r) + identityPath + "/"}},
		"media-types": []object{{"base": "application/json", "type": "application/vnd.openstack.identity-v3+json"}},
	}
}

func (s *Simulator) showVersion(w http.ResponseWriter, r *http.Request, _ time.Time) error {
	writeJSON(w, http.StatusOK, object{"version": identityVersion(r)})

	return nil
}

// listVersions responds with status 300, as Keystone does, although there is one version.
func (s *Simulator) listVersions(w http.ResponseWriter, r *http.Request, _ time.Time) error {
	writeJSON(w, http.StatusMultipleChoices, object{"versions": object{"values": []object{identityVersion(r)}}})

	return nil
}
