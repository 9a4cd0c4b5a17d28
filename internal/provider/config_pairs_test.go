package provider

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/auth"
)

// chains are the sources that can be there together, in order of precedence.
var chains = [][]string{{"block", "cloud", "environment"}, {"block", "environment", "OS_CLOUD"}}

// inChain sets attributes in the sources of a chain. It returns the block, and where the
// attributes of each source are from.
func inChain(t *testing.T, chain []string, texts map[string]map[string]string) (block map[string]any, from map[string]auth.Sources) {
	t.Helper()
	block, from = map[string]any{}, map[string]auth.Sources{}
	cloud := map[string]any{"auth": map[string]any{}}
	file := filepath.Join(t.TempDir(), "clouds.yaml")
	t.Setenv("OS_CLIENT_CONFIG_FILE", file)
	if slices.Contains(chain, "OS_CLOUD") {
		t.Setenv("OS_CLOUD", "mine")
	} else {
		block["cloud"] = "mine"
	}
	for place, of := range texts {
		from[place] = auth.Sources{}
		for attribute, text := range of {
			about := attributes[attribute]
			switch place {
			case "block":
				block[attribute] = text
			case "environment":
				last := about.variables[min(2, len(about.variables)-1)] // of a domain, that for both
				from[place][attribute] = last
				t.Setenv(last, text)
			default:
				from[place][attribute] = fmt.Sprintf("cloud %q in %s", "mine", file)
				if key, ok := strings.CutPrefix(pathOf(attribute), "auth."); ok {
					cloud["auth"].(map[string]any)[key] = text
				} else {
					cloud[about.path] = text
				}
			}
		}
	}
	content, err := yaml.Marshal(map[string]any{"clouds": map[string]any{"mine": cloud}})
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Dir(file), "clouds.yaml", string(content))
	return block, from
}

// pathOf returns where a cloud says an attribute, also one that the block lacks.
func pathOf(attribute string) string {
	switch attribute {
	case agencyDomainID:
		return "auth.target_domain_id"
	case delegatedProjectID:
		return "auth.target_project_id"
	default:
		return attributes[attribute].path
	}
}

func TestResolveEachAttributeOfEachSource(t *testing.T) {
	for attribute, about := range attributes {
		if about.path == "" {
			continue
		}
		for _, chain := range chains {
			for i, highest := range chain {
				t.Run(fmt.Sprint(attribute, " from the ", highest, " of ", chain), func(t *testing.T) {
					texts := map[string]map[string]string{}
					for _, place := range chain[i:] {
						texts[place] = map[string]string{attribute: "of the " + place}
					}
					block, from := inChain(t, chain, texts)
					wantFound(t, configured(t, block), from[highest], func(f *clientConfig) { about.put(f, "of the "+highest) })
				})
			}
		}
		t.Run(attribute+" of secure.yaml", func(t *testing.T) {
			for _, clouds := range []string{"clouds: {mine: {auth: {}}}", said(about.path, "y")} {
				file := useClouds(t, clouds, said(about.path, "s"))
				wantFound(t, configured(t, map[string]any{"cloud": "mine"}),
					auth.Sources{attribute: fmt.Sprintf("cloud %q in %s", "mine", filepath.Join(filepath.Dir(file), "secure.yaml"))},
					func(f *clientConfig) { about.put(f, "s") })
			}
		})
	}
}

// pairs are the two ways to name one thing. An ID that is no attribute is a cloud's alone.
var pairs = []struct {
	id, name string
	put      func(o *auth.Options, id, name string)
}{
	{"tenant_id", "tenant_name", func(o *auth.Options, id, name string) { o.ProjectID, o.ProjectName = id, name }},
	{"user_id", "user_name", func(o *auth.Options, id, name string) { o.UserID, o.UserName = id, name }},
	{"domain_id", "domain_name", func(o *auth.Options, id, name string) {
		o.DomainID, o.DomainName, o.ProjectDomainID, o.ProjectDomainName = id, name, id, name
	}},
	{agencyDomainID, "agency_domain_name", func(o *auth.Options, id, name string) { o.AgencyDomainID, o.AgencyDomainName = id, name }},
	{delegatedProjectID, "delegated_project", func(o *auth.Options, id, name string) { o.DelegatedProjectID, o.DelegatedProject = id, name }},
}

// anID is of the form that IDs of the cloud have.
const anID = "5d0c1e8a3b7f4c96a2e4d1b08f6c7a93"

// The ID in a lower source doesn't overrule a name in a higher one, and the reverse.
func TestResolvePairs(t *testing.T) {
	for _, pair := range pairs {
		for _, chain := range chains {
			for i, highest := range chain {
				for _, set := range []map[string]string{{pair.id: anID}, {pair.name: "name"}, {pair.id: anID, pair.name: "name"}} {
					both := map[string]string{pair.id: "1" + anID[1:], pair.name: "other"}
					inCloud := highest == "cloud" || highest == "OS_CLOUD"
					if _, known := attributes[pair.id]; !known {
						if set[pair.id] != "" && !inCloud {
							continue
						}
						delete(both, pair.id)
					}
					t.Run(fmt.Sprint(slices.Collect(maps.Keys(set)), " from the ", highest, " of ", chain), func(t *testing.T) {
						texts := map[string]map[string]string{highest: set}
						for _, place := range chain[i+1:] {
							texts[place] = both
						}
						block, from := inChain(t, chain, texts)
						wantFound(t, configured(t, block), from[highest], func(f *clientConfig) { pair.put(&f.auth, set[pair.id], set[pair.name]) })
					})
				}
			}
		}
	}
}

// namedDomains are what the options say of them.
type namedDomains struct{ id, name, projectID, projectName string }

// The user's domain and the project's are told apart, whichever way each is named,
// and neither comes in two halves from two sources.
func TestResolveDomains(t *testing.T) {
	tests := map[string]struct {
		environment map[string]string
		cloud       string // what is under its auth
		configured  map[string]any
		want        namedDomains
		sources     auth.Sources // "cloud" for the cloud
	}{
		"user's name, project's id": {
			environment: map[string]string{"OS_USER_DOMAIN_NAME": "user", "OS_PROJECT_DOMAIN_ID": "p"},
			want:        namedDomains{name: "user", projectID: "p"},
			sources:     auth.Sources{"domain_name": "OS_USER_DOMAIN_NAME"},
		},
		"user's id, project's name": {
			environment: map[string]string{"OS_USER_DOMAIN_ID": "u", "OS_PROJECT_DOMAIN_NAME": "project"},
			want:        namedDomains{id: "u", projectName: "project"},
			sources:     auth.Sources{"domain_id": "OS_USER_DOMAIN_ID"},
		},
		"names of both": {
			environment: map[string]string{"OS_USER_DOMAIN_NAME": "user", "OS_PROJECT_DOMAIN_NAME": "project"},
			want:        namedDomains{name: "user", projectName: "project"},
			sources:     auth.Sources{"domain_name": "OS_USER_DOMAIN_NAME"},
		},
		"ids of both": {
			environment: map[string]string{"OS_USER_DOMAIN_ID": "u", "OS_PROJECT_DOMAIN_ID": "p"},
			want:        namedDomains{id: "u", projectID: "p"},
			sources:     auth.Sources{"domain_id": "OS_USER_DOMAIN_ID"},
		},
		"all four": {
			environment: map[string]string{
				"OS_USER_DOMAIN_ID": "u", "OS_USER_DOMAIN_NAME": "user",
				"OS_PROJECT_DOMAIN_ID": "p", "OS_PROJECT_DOMAIN_NAME": "project",
			},
			want:    namedDomains{"u", "user", "p", "project"},
			sources: auth.Sources{"domain_id": "OS_USER_DOMAIN_ID", "domain_name": "OS_USER_DOMAIN_NAME"},
		},
		"project's alone is the user's as well": {
			environment: map[string]string{"OS_PROJECT_DOMAIN_ID": "p"},
			want:        namedDomains{id: "p", projectID: "p"},
			sources:     auth.Sources{"domain_id": "OS_PROJECT_DOMAIN_ID"},
		},
		"user's of the environment, project's of the cloud": {
			environment: map[string]string{"OS_USER_DOMAIN_NAME": "user"},
			cloud:       "user_domain_id: u, project_domain_id: p",
			want:        namedDomains{name: "user", projectID: "p"},
			sources:     auth.Sources{"domain_name": "OS_USER_DOMAIN_NAME"},
		},
		"general of the environment, project's of the cloud": {
			environment: map[string]string{"OS_DOMAIN_NAME": "general"},
			cloud:       "project_domain_id: p",
			want:        namedDomains{name: "general", projectName: "general"},
			sources:     auth.Sources{"domain_name": "OS_DOMAIN_NAME"},
		},
		"user's name, general id": {
			environment: map[string]string{"OS_USER_DOMAIN_NAME": "user", "OS_DOMAIN_ID": "d"},
			want:        namedDomains{name: "user", projectName: "user"},
			sources:     auth.Sources{"domain_name": "OS_USER_DOMAIN_NAME"},
		},
		"project's id, general name": {
			environment: map[string]string{"OS_PROJECT_DOMAIN_ID": "p", "OS_DOMAIN_NAME": "domain"},
			want:        namedDomains{id: "p", projectID: "p"},
			sources:     auth.Sources{"domain_id": "OS_PROJECT_DOMAIN_ID"},
		},
		"general id, default name": {
			environment: map[string]string{"OS_DOMAIN_ID": "d", "OS_DEFAULT_DOMAIN": "default"},
			want:        namedDomains{id: "d", projectID: "d"},
			sources:     auth.Sources{"domain_id": "OS_DOMAIN_ID"},
		},
		"default name": {
			environment: map[string]string{"OS_DEFAULT_DOMAIN": "default"},
			want:        namedDomains{name: "default", projectName: "default"},
			sources:     auth.Sources{"domain_name": "OS_DEFAULT_DOMAIN"},
		},
		"the configuration has one for both": {
			environment: map[string]string{"OS_USER_DOMAIN_ID": "u", "OS_PROJECT_DOMAIN_NAME": "project"},
			cloud:       "user_domain_id: y, project_domain_id: y",
			configured:  map[string]any{"domain_name": "configured"},
			want:        namedDomains{name: "configured", projectName: "configured"},
		},
		"the configuration has one for both, by its id": {
			environment: map[string]string{"OS_USER_DOMAIN_NAME": "user", "OS_PROJECT_DOMAIN_ID": "p"},
			configured:  map[string]any{"domain_id": "configured"},
			want:        namedDomains{id: "configured", projectID: "configured"},
		},
		"cloud: user's name, project's id": {
			cloud:   "user_domain_name: user, project_domain_id: p",
			want:    namedDomains{name: "user", projectID: "p"},
			sources: auth.Sources{"domain_name": "cloud"},
		},
		"cloud: user's id, project's name": {
			cloud:   "user_domain_id: u, project_domain_name: project",
			want:    namedDomains{id: "u", projectName: "project"},
			sources: auth.Sources{"domain_id": "cloud"},
		},
		"cloud: project's alone is the user's as well": {
			cloud:   "project_domain_name: project",
			want:    namedDomains{name: "project", projectName: "project"},
			sources: auth.Sources{"domain_name": "cloud"},
		},
		"cloud: project's before the general one": {
			cloud:   "domain_name: domain, domain_id: d, project_domain_id: p",
			want:    namedDomains{id: "p", projectID: "p"},
			sources: auth.Sources{"domain_id": "cloud"},
		},
		"cloud: user's before all": {
			cloud:   "default_domain: default, domain_id: d, user_domain_name: user",
			want:    namedDomains{name: "user", projectName: "user"},
			sources: auth.Sources{"domain_name": "cloud"},
		},
		"cloud: general before default": {
			cloud:   "default_domain: default, domain_name: domain",
			want:    namedDomains{name: "domain", projectName: "domain"},
			sources: auth.Sources{"domain_name": "cloud"},
		},
		"cloud: default, which is an id": {
			cloud:   "default_domain: default",
			want:    namedDomains{id: "default", projectID: "default"},
			sources: auth.Sources{"domain_id": "cloud"},
		},
		"environment before the cloud, wholly": {
			environment: map[string]string{"OS_DOMAIN_NAME": "domain"},
			cloud:       "user_domain_id: u, project_domain_id: p, project_domain_name: project",
			want:        namedDomains{name: "domain", projectName: "domain"},
			sources:     auth.Sources{"domain_name": "OS_DOMAIN_NAME"},
		},
		"environment before the cloud, wholly, by the id": {
			environment: map[string]string{"OS_DOMAIN_ID": "d"},
			cloud:       "user_domain_name: user, project_domain_id: p",
			want:        namedDomains{id: "d", projectID: "d"},
			sources:     auth.Sources{"domain_id": "OS_DOMAIN_ID"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			for variable, value := range test.environment {
				t.Setenv(variable, value)
			}
			m := configured(t, test.configured)
			if test.cloud != "" {
				t.Setenv("OS_CLOUD", "mine")
				file := useClouds(t, "{clouds: {mine: {auth: {"+test.cloud+"}}}}", "")
				for attribute, source := range test.sources {
					if source == "cloud" {
						test.sources[attribute] = fmt.Sprintf("cloud %q in %s", "mine", file)
					}
				}
			}
			wantFound(t, m, test.sources, func(f *clientConfig) {
				o := &f.auth
				o.DomainID, o.DomainName = test.want.id, test.want.name
				o.ProjectDomainID, o.ProjectDomainName = test.want.projectID, test.want.projectName
			})
		})
	}
}
