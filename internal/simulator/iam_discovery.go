package simulator

import (
	"net/http"
	"time"
)

// version is how Keystone announces a version of itself.
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

type versionAnswer struct {
	Version version `json:"version"`
}

type versionsAnswer struct {
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
	writeJSON(w, http.StatusOK, versionAnswer{identityVersion(r)})

	return nil
}

// listVersions answers 300, as Keystone does, even though there is no choice.
func (s *Simulator) listVersions(w http.ResponseWriter, r *http.Request, _ time.Time) error {
	var answer versionsAnswer

	answer.Versions.Values = []version{identityVersion(r)}
	writeJSON(w, http.StatusMultipleChoices, answer)

	return nil
}
