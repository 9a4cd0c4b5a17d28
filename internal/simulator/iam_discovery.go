package simulator

import (
	"net/http"
	"time"
)

// version describes a version of Keystone.
type version struct {
	ID         string        `json:"id"`
	Status     string        `json:"status"`
	Updated    string        `json:"updated"`
	Links      []versionLink `json:"links"`
	MediaTypes []mediaType   `json:"media-types"`
}

type versionLink struct {
	Rel  string `json:"rel"`
	Href string `json:"href"`
}

type mediaType struct {
	Base string `json:"base"`
	Type string `json:"type"`
}

type versionResponse struct {
	Version version `json:"version"`
}

type versionsResponse struct {
	Versions struct {
		Values []version `json:"values"`
	} `json:"versions"`
}

func identityVersion(r *http.Request) version {
	return version{
		ID:      "v3.14",
		Status:  "stable",
		Updated: "2020-04-07T00:00:00Z",
		Links:   []versionLink{{Rel: "self", Href: baseURL(r) + identityPath + "/"}},
		MediaTypes: []mediaType{{
			Base: "application/json", Type: "application/vnd.openstack.identity-v3+json",
		}},
	}
}

func (s *Simulator) showVersion(w http.ResponseWriter, r *http.Request, _ time.Time) error {
	writeJSON(w, http.StatusOK, versionResponse{identityVersion(r)})

	return nil
}

// listVersions responds with status 300, as Keystone does, although there is one version.
func (s *Simulator) listVersions(w http.ResponseWriter, r *http.Request, _ time.Time) error {
	var body versionsResponse

	body.Versions.Values = []version{identityVersion(r)}
	writeJSON(w, http.StatusMultipleChoices, body)

	return nil
}
