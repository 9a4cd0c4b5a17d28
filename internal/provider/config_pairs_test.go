package provider

import (
	"fmt"
	"maps"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/auth"
)

// Each of the two ways to name one thing, in each of the sources.
var pairs = map[string]struct {
	id, name         string // attributes; the id's is empty when only a cloud has one
	idPath, namePath string // in a cloud
	put              func(f *clientConfig, id, name string)
}{
	"project": {
		"tenant_id", "tenant_name", "auth.project_id", "auth.project_name",
		func(f *clientConfig, id, name string) { f.auth.ProjectID, f.auth.ProjectName = id, name },
	},
	"user": {
		"user_id", "user_name", "auth.user_id", "auth.username",
		func(f *clientConfig, id, name string) { f.auth.UserID, f.auth.UserName = id, name },
	},
	"domain": {
		"domain_id", "domain_name", "auth.user_domain_id", "auth.user_domain_name",
		func(f *clientConfig, id, name string) { f.auth.DomainID, f.auth.DomainName = id, name },
	},
	"agency's domain": {
		"", "agency_domain_name", "auth.target_domain_id", "auth.target_domain_name",
		func(f *clientConfig, id, name string) { f.auth.AgencyDomainID, f.auth.AgencyDomainName = id, name },
	},
	"delegated project": {
		"", "delegated_project", "auth.target_project_id", "auth.target_project_name",
		func(f *clientConfig, id, name string) { f.auth.DelegatedProjectID, f.auth.DelegatedProject = id, name },
	},
}

// anID is of the form that ids of the cloud have.
const anID = "5d0c1e8a3b7f4c96a2e4d1b08f6c7a93"

// What is configured by its name is not overruled by the id of another one from a
// source of less weight, and the reverse.
func TestResolvePairs(t *testing.T) {
	for thing, pair := range pairs {
		inConfiguration := func(attribute string) map[string]any {
			return map[string]any{"cloud": "mine", attribute: "c"}
		}
		bothInCloud := fmt.Sprintf("{clouds: {mine: {auth: {%s: %s, %s: y}}}}",
			pair.idPath[len("auth."):], anID, pair.namePath[len("auth."):])
		t.Run(thing, func(t *testing.T) {
			origin := func(file string) string { return fmt.Sprintf("cloud %q of %s", "mine", file) }
			idAttribute := pair.id
			switch thing {
			case "agency's domain":
				idAttribute = agencyDomainID
			case "delegated project":
				idAttribute = delegatedProjectID
			}

			t.Run("name of the configuration, all else elsewhere", func(t *testing.T) {
				useClouds(t, bothInCloud, "")
				setAll(t, "e", pair.id, pair.name)
				wantFound(t, configured(t, inConfiguration(pair.name)), nil, func(f *clientConfig) { pair.put(f, "", "c") })
			})
			t.Run("name of the environment, all else in the cloud", func(t *testing.T) {
				useClouds(t, bothInCloud, "")
				variable := attributes[pair.name].variables[0]
				t.Setenv(variable, "e")
				wantFound(t, configured(t, map[string]any{"cloud": "mine"}), auth.Sources{pair.name: variable},
					func(f *clientConfig) { pair.put(f, "", "e") })
			})
			t.Run("both in the cloud", func(t *testing.T) {
				file := useClouds(t, bothInCloud, "")
				wantFound(t, configured(t, map[string]any{"cloud": "mine"}),
					auth.Sources{pair.name: origin(file), idAttribute: origin(file)},
					func(f *clientConfig) { pair.put(f, anID, "y") })
			})
			t.Run("id in the cloud", func(t *testing.T) {
				file := useClouds(t, said(pair.idPath, anID), "")
				wantFound(t, configured(t, map[string]any{"cloud": "mine"}), auth.Sources{idAttribute: origin(file)},
					func(f *clientConfig) { pair.put(f, anID, "") })
			})
			if pair.id == "" {
				return
			}
			t.Run("id of the configuration, all else elsewhere", func(t *testing.T) {
				useClouds(t, bothInCloud, "")
				setAll(t, "e", pair.id, pair.name)
				wantFound(t, configured(t, inConfiguration(pair.id)), nil, func(f *clientConfig) { pair.put(f, "c", "") })
			})
			t.Run("both of the configuration", func(t *testing.T) {
				m := configured(t, map[string]any{pair.id: "c", pair.name: "C"})
				wantFound(t, m, nil, func(f *clientConfig) { pair.put(f, "c", "C") })
			})
			t.Run("id of the environment, all else in the cloud", func(t *testing.T) {
				useClouds(t, bothInCloud, "")
				variable := attributes[pair.id].variables[0]
				t.Setenv(variable, "e")
				wantFound(t, configured(t, map[string]any{"cloud": "mine"}), auth.Sources{pair.id: variable},
					func(f *clientConfig) { pair.put(f, "e", "") })
			})
			t.Run("both of the environment", func(t *testing.T) {
				id, name := attributes[pair.id].variables[0], attributes[pair.name].variables[0]
				t.Setenv(id, "e")
				t.Setenv(name, "E")
				wantFound(t, configured(t, nil), auth.Sources{pair.id: id, pair.name: name}, func(f *clientConfig) { pair.put(f, "e", "E") })
			})
		})
	}
}

// setAll sets all variables of the attributes.
func setAll(t *testing.T, value string, attributeNames ...string) {
	t.Helper()
	for _, attribute := range attributeNames {
		for _, variable := range attributes[attribute].variables {
			t.Setenv(variable, value)
		}
	}
}

// domains are what the options say of them.
type domains struct{ id, name, projectID, projectName string }

// The user's domain and the project's are told apart, whichever way each is named,
// and neither comes in two halves from two sources.
func TestResolveDomains(t *testing.T) {
	tests := map[string]struct {
		environment map[string]string
		cloud       string // what is under its auth
		configured  map[string]any
		want        domains
		sources     auth.Sources // "cloud" for the cloud
	}{
		"user's name, project's id": {
			environment: map[string]string{"OS_USER_DOMAIN_NAME": "user", "OS_PROJECT_DOMAIN_ID": "p"},
			want:        domains{name: "user", projectID: "p"},
			sources:     auth.Sources{"domain_name": "OS_USER_DOMAIN_NAME"},
		},
		"user's id, project's name": {
			environment: map[string]string{"OS_USER_DOMAIN_ID": "u", "OS_PROJECT_DOMAIN_NAME": "project"},
			want:        domains{id: "u", projectName: "project"},
			sources:     auth.Sources{"domain_id": "OS_USER_DOMAIN_ID"},
		},
		"names of both": {
			environment: map[string]string{"OS_USER_DOMAIN_NAME": "user", "OS_PROJECT_DOMAIN_NAME": "project"},
			want:        domains{name: "user", projectName: "project"},
			sources:     auth.Sources{"domain_name": "OS_USER_DOMAIN_NAME"},
		},
		"ids of both": {
			environment: map[string]string{"OS_USER_DOMAIN_ID": "u", "OS_PROJECT_DOMAIN_ID": "p"},
			want:        domains{id: "u", projectID: "p"},
			sources:     auth.Sources{"domain_id": "OS_USER_DOMAIN_ID"},
		},
		"all four": {
			environment: map[string]string{
				"OS_USER_DOMAIN_ID": "u", "OS_USER_DOMAIN_NAME": "user",
				"OS_PROJECT_DOMAIN_ID": "p", "OS_PROJECT_DOMAIN_NAME": "project",
			},
			want:    domains{"u", "user", "p", "project"},
			sources: auth.Sources{"domain_id": "OS_USER_DOMAIN_ID", "domain_name": "OS_USER_DOMAIN_NAME"},
		},
		"project's alone is the user's as well": {
			environment: map[string]string{"OS_PROJECT_DOMAIN_ID": "p"},
			want:        domains{id: "p", projectID: "p"},
			sources:     auth.Sources{"domain_id": "OS_PROJECT_DOMAIN_ID"},
		},
		"user's of the environment, project's of the cloud": {
			environment: map[string]string{"OS_USER_DOMAIN_NAME": "user"},
			cloud:       "user_domain_id: u, project_domain_id: p",
			want:        domains{name: "user", projectID: "p"},
			sources:     auth.Sources{"domain_name": "OS_USER_DOMAIN_NAME"},
		},
		"general of the environment, project's of the cloud": {
			environment: map[string]string{"OS_DOMAIN_NAME": "general"},
			cloud:       "project_domain_id: p",
			want:        domains{name: "general"},
			sources:     auth.Sources{"domain_name": "OS_DOMAIN_NAME"},
		},
		"user's name, general id": {
			environment: map[string]string{"OS_USER_DOMAIN_NAME": "user", "OS_DOMAIN_ID": "d"},
			want:        domains{name: "user"},
			sources:     auth.Sources{"domain_name": "OS_USER_DOMAIN_NAME"},
		},
		"project's id, general name": {
			environment: map[string]string{"OS_PROJECT_DOMAIN_ID": "p", "OS_DOMAIN_NAME": "domain"},
			want:        domains{id: "p", projectID: "p"},
			sources:     auth.Sources{"domain_id": "OS_PROJECT_DOMAIN_ID"},
		},
		"general id, default name": {
			environment: map[string]string{"OS_DOMAIN_ID": "d", "OS_DEFAULT_DOMAIN": "default"},
			want:        domains{id: "d"},
			sources:     auth.Sources{"domain_id": "OS_DOMAIN_ID"},
		},
		"default name": {
			environment: map[string]string{"OS_DEFAULT_DOMAIN": "default"},
			want:        domains{name: "default"},
			sources:     auth.Sources{"domain_name": "OS_DEFAULT_DOMAIN"},
		},
		"the configuration has one for both": {
			environment: map[string]string{"OS_USER_DOMAIN_ID": "u", "OS_PROJECT_DOMAIN_NAME": "project"},
			cloud:       "user_domain_id: y, project_domain_id: y",
			configured:  map[string]any{"domain_name": "configured"},
			want:        domains{name: "configured"},
		},
		"the configuration has one for both, by its id": {
			environment: map[string]string{"OS_USER_DOMAIN_NAME": "user", "OS_PROJECT_DOMAIN_ID": "p"},
			configured:  map[string]any{"domain_id": "configured"},
			want:        domains{id: "configured"},
		},
		"cloud: user's name, project's id": {
			cloud:   "user_domain_name: user, project_domain_id: p",
			want:    domains{name: "user", projectID: "p"},
			sources: auth.Sources{"domain_name": "cloud"},
		},
		"cloud: user's id, project's name": {
			cloud:   "user_domain_id: u, project_domain_name: project",
			want:    domains{id: "u", projectName: "project"},
			sources: auth.Sources{"domain_id": "cloud"},
		},
		"cloud: project's alone is the user's as well": {
			cloud:   "project_domain_name: project",
			want:    domains{name: "project", projectName: "project"},
			sources: auth.Sources{"domain_name": "cloud"},
		},
		"cloud: project's before the general one": {
			cloud:   "domain_name: domain, domain_id: d, project_domain_id: p",
			want:    domains{id: "p", projectID: "p"},
			sources: auth.Sources{"domain_id": "cloud"},
		},
		"cloud: user's before all": {
			cloud:   "default_domain: default, domain_id: d, user_domain_name: user",
			want:    domains{name: "user"},
			sources: auth.Sources{"domain_name": "cloud"},
		},
		"cloud: general before default": {
			cloud:   "default_domain: default, domain_name: domain",
			want:    domains{name: "domain"},
			sources: auth.Sources{"domain_name": "cloud"},
		},
		"cloud: default, which is an id": {
			cloud:   "default_domain: default",
			want:    domains{id: "default"},
			sources: auth.Sources{"domain_id": "cloud"},
		},
		"environment before the cloud, wholly": {
			environment: map[string]string{"OS_DOMAIN_NAME": "domain"},
			cloud:       "user_domain_id: u, project_domain_id: p, project_domain_name: project",
			want:        domains{name: "domain"},
			sources:     auth.Sources{"domain_name": "OS_DOMAIN_NAME"},
		},
		"environment before the cloud, wholly, by the id": {
			environment: map[string]string{"OS_DOMAIN_ID": "d"},
			cloud:       "user_domain_name: user, project_domain_id: p",
			want:        domains{id: "d"},
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
				m["cloud"] = "mine"
				file := useClouds(t, "{clouds: {mine: {auth: {"+test.cloud+"}}}}", "")
				for attribute, source := range test.sources {
					if source == "cloud" {
						test.sources[attribute] = fmt.Sprintf("cloud %q of %s", "mine", file)
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

// A cloud's security token belongs to the cloud's key: it makes another one wrong.
func TestResolveSecurityTokenOfAnotherKey(t *testing.T) {
	const key = "clouds: {mine: {auth: {ak: cloud, sk: cloud, security_token: cloud}}}"
	for name, test := range map[string]struct {
		environment map[string]string
		configured  map[string]any
		want        string
	}{
		"the cloud's":                       {nil, nil, "cloud"},
		"another key, environment":          {map[string]string{"OS_ACCESS_KEY": "e", "OS_SECRET_KEY": "e"}, nil, ""},
		"another key, configured":           {nil, map[string]any{"access_key": "c", "secret_key": "c"}, ""},
		"another key with another token":    {map[string]string{"OS_ACCESS_KEY": "e", "OS_SECURITY_TOKEN": "e"}, nil, "e"},
		"another token for the cloud's key": {map[string]string{"OS_SECURITY_TOKEN": "e"}, nil, "e"},
	} {
		t.Run(name, func(t *testing.T) {
			useClouds(t, key, "")
			for variable, value := range test.environment {
				t.Setenv(variable, value)
			}
			values := map[string]any{"cloud": "mine"}
			maps.Copy(values, test.configured)
			config, diags := resolve(configured(t, values))
			if diags.HasError() || config.auth.SecurityToken != test.want {
				t.Errorf("%+v, %v", config, diags)
			}
		})
	}
	t.Run("without a cloud", func(t *testing.T) {
		useClouds(t, key, "")
		t.Setenv("OS_ACCESS_KEY", "e")
		config, _ := resolve(configured(t, map[string]any{"security_token": "c"}))
		if config.auth.SecurityToken != "c" {
			t.Errorf("%+v", config)
		}
	})
}
