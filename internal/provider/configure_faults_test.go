package provider_test

import "github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"

// faults are blocks that cannot work. Where there are calls, it is IAM that says so. An
// error on a secret of the block has no attribute: a CLI would show its line.
var faults = map[string]struct {
	block     func(*simulator.Server) block
	attribute string
	says      []string
	calls     []string
}{
	"nothing": {
		block: func(*simulator.Server) block { return nil },
		says: []string{
			"No credentials", "token", "OS_TOKEN", "OS_AUTH_TOKEN", "user_name", "OS_USERNAME", "OS_PASSWORD",
			"access_key", "OS_ACCESS_KEY", "secret_key", "OS_SECRET_KEY", "security_token", "OS_SECURITY_TOKEN", "cloud", "OS_CLOUD",
		},
	},
	"a passcode alone": {
		block: func(*simulator.Server) block { return block{"passcode": "simulated-passcode"} },
		says:  []string{"No credentials"},
	},
	"no password": {
		block:     func(s *simulator.Server) block { return passwordBlock(s).with("password", nil) },
		attribute: "password", says: []string{"Missing password", "OS_PASSWORD"},
	},
	"a passcode instead of the password": {
		block: func(s *simulator.Server) block {
			return passwordBlock(s).with("password", nil).with("passcode", "simulated-passcode")
		},
		attribute: "password", says: []string{"Missing password"},
	},
	"no user": {
		block:     func(s *simulator.Server) block { return passwordBlock(s).with("user_name", nil) },
		attribute: "user_name", says: []string{"Missing user_name", "OS_USERNAME", "user_id"},
	},
	"no domain": {
		block:     func(s *simulator.Server) block { return passwordBlock(s).with("domain_name", nil) },
		attribute: "domain_name", says: []string{"Missing domain_name", "OS_USER_DOMAIN_NAME"},
	},
	"no domain of the project": {
		block: func(s *simulator.Server) block {
			return passwordBlock(s).with("domain_name", nil).with("user_name", nil).with("user_id", simulator.DefaultUserID)
		},
		attribute: "domain_name", says: []string{"Missing domain_name", "OS_PROJECT_DOMAIN_NAME", "tenant_id"},
	},
	"access key without its secret": {
		block:     func(s *simulator.Server) block { return keyBlock(s).with("secret_key", nil) },
		attribute: "secret_key", says: []string{"Missing secret_key", "access_key is half of a pair", "OS_SECRET_KEY"},
	},
	"secret key without its id": {
		block:     func(s *simulator.Server) block { return keyBlock(s).with("access_key", nil) },
		attribute: "access_key", says: []string{"Missing access_key", "secret_key is half of a pair", "OS_ACCESS_KEY"},
	},
	"half an access key and a whole password": {
		block:     func(s *simulator.Server) block { return passwordBlock(s).with("access_key", "AK") },
		attribute: "secret_key", says: []string{"Missing secret_key"},
	},
	"security token alone": {
		block:     func(*simulator.Server) block { return block{"security_token": "simulator-security-token"} },
		attribute: "access_key", says: []string{"Missing access_key", "security_token belongs to a temporary access key"},
	},
	"security token and a password": {
		block: func(s *simulator.Server) block {
			return passwordBlock(s).with("security_token", "simulator-security-token")
		},
		attribute: "access_key", says: []string{"Missing access_key", "security_token"},
	},
	"line end in the token": {
		block: func(s *simulator.Server) block { return staticBlock(s).with("token", "simulated-\n") },
		says:  []string{"Invalid token"},
	},
	"space in the secret key": {
		block: func(s *simulator.Server) block { return keyBlock(s).with("secret_key", "simulator-secret key") },
		says:  []string{"Invalid secret_key"},
	},
	"agency without its domain": {
		block:     func(s *simulator.Server) block { return passwordBlock(s).asAgency().with("agency_domain_name", nil) },
		attribute: "agency_domain_name", says: []string{"Missing agency_domain_name", "OS_AGENCY_DOMAIN_NAME"},
	},
	"domain of no agency": {
		block:     func(s *simulator.Server) block { return keyBlock(s).asAgency().with("agency_name", nil) },
		attribute: "agency_name", says: []string{"Missing agency_name", "agency_domain_name belongs to an agency", "OS_AGENCY_NAME"},
	},
	"project of no agency": {
		block:     func(s *simulator.Server) block { return staticBlock(s).with("delegated_project", "eu-de") },
		attribute: "agency_name", says: []string{"Missing agency_name", "delegated_project belongs to an agency"},
	},
	"agency without a project": {
		block: func(s *simulator.Server) block {
			return passwordBlock(s).asAgency().with("delegated_project", nil).with("region", nil)
		},
		attribute: "delegated_project", says: []string{"Missing delegated_project", "OS_DELEGATED_PROJECT"},
	},
	"no region": {
		block: func(s *simulator.Server) block {
			return passwordBlock(s).with("auth_url", nil).with("region", nil).with("tenant_name", "mine")
		},
		attribute: "region", says: []string{"Missing region", "OS_REGION_NAME", "auth_url", "OS_AUTH_URL"},
	},
	"no region with a token": {
		block:     func(*simulator.Server) block { return block{"token": "simulated-token"} },
		attribute: "region", says: []string{"Missing region"},
	},
	"no region with an access key": {
		block: func(s *simulator.Server) block {
			return keyBlock(s).with("auth_url", nil).with("tenant_name", nil).with("tenant_id", simulator.DefaultProjectID)
		},
		attribute: "region", says: []string{"Missing region"},
	},
	"no project": {
		block:     func(s *simulator.Server) block { return passwordBlock(s).with("tenant_name", nil).with("region", nil) },
		attribute: "tenant_name", says: []string{"Missing tenant_name", "OS_PROJECT_NAME", "OS_PROJECT_ID"},
	},
	"no project with an access key": {
		block:     func(s *simulator.Server) block { return keyBlock(s).with("tenant_name", nil) },
		attribute: "tenant_name", says: []string{"Missing tenant_name"},
	},
	"unknown cloud": {
		block:     func(s *simulator.Server) block { return passwordBlock(s).with("cloud", "mine") },
		attribute: "cloud", says: []string{`Cannot use the cloud "mine"`, "OS_CLIENT_CONFIG_FILE"},
	},
	"endpoint of another project": {
		block: func(s *simulator.Server) block {
			return staticBlock(s).with("endpoint", s.Endpoint()+"/v1/"+simulator.DefaultDelegatedProjectID)
		},
		attribute: "endpoint", says: []string{"another project", simulator.DefaultProjectID, simulator.DefaultDelegatedProjectID},
	},
	"endpoint of another project, with an access key": {
		block: func(s *simulator.Server) block {
			return keyBlock(s).with("tenant_id", simulator.DefaultProjectID).with("endpoint", s.Endpoint()+"/v1/other/")
		},
		attribute: "endpoint", says: []string{"another project", simulator.DefaultProjectID, `"other"`},
	},
	"endpoint of another project, which IAM has to tell": {
		block:     func(s *simulator.Server) block { return passwordBlock(s).with("endpoint", s.Endpoint()+"/v1/other") },
		attribute: "endpoint", says: []string{"another project", simulator.DefaultProjectID, `"other"`, "correct tenant_id"}, calls: []string{login},
	},
	"endpoint of another project than the agency's": {
		block: func(s *simulator.Server) block {
			return passwordBlock(s).asAgency().with("endpoint", s.Endpoint()+"/v1/other")
		},
		attribute: "endpoint", calls: []string{login, login},
		says: []string{"another project", simulator.DefaultDelegatedProjectID, `"other"`, "correct delegated_project."},
	},
	"wrong password": {
		block: func(s *simulator.Server) block { return passwordBlock(s).with("password", "wrong-password") },
		says:  []string{"IAM refused", "HTTP status: 401", "user_name"}, calls: []string{login},
	},
	"password with something at its end": {
		block: func(s *simulator.Server) block {
			return passwordBlock(s).with("password", simulator.DefaultPassword+"\r")
		},
		says: []string{"IAM refused", "The password ends with a line ending ('\\r'): check that this belongs to it."}, calls: []string{login},
	},
	"wrong token": {
		block: func(s *simulator.Server) block {
			return staticBlock(s).with("endpoint", nil).with("token", "simulated-nothing")
		},
		says: []string{"IAM refused the token"}, calls: []string{inspect},
	},
	"wrong secret key": {
		block: func(s *simulator.Server) block { return keyBlock(s).with("secret_key", "wrong-secret-key") },
		says:  []string{"IAM refused the access key", "secret_key"}, calls: []string{projects},
	},
	"wrong security token": {
		block: func(s *simulator.Server) block { return temporaryKeyBlock(s).with("security_token", "wrong-token") },
		says:  []string{"IAM refused the access key", "security_token"}, calls: []string{projects},
	},
	"security token of another key": {
		block: func(s *simulator.Server) block {
			return keyBlock(s).with("security_token", simulator.DefaultSecurityToken)
		},
		says: []string{"IAM refused the access key", "A permanent key has no security_token"}, calls: []string{projects},
	},
	"temporary access key without its security token": {
		block: func(s *simulator.Server) block { return temporaryKeyBlock(s).with("security_token", nil) },
		says:  []string{"IAM refused the access key"}, calls: []string{projects},
	},
	"unknown project of an access key": {
		block:     func(s *simulator.Server) block { return keyBlock(s).with("tenant_name", "eu-de_other") },
		attribute: "tenant_name", says: []string{`No single project "eu-de_other"`, "tenant_id"}, calls: []string{projects},
	},
	"wrong agency": {
		block:     func(s *simulator.Server) block { return passwordBlock(s).asAgency().with("agency_name", "other") },
		attribute: "agency_name", says: []string{"IAM refused the agency", "Agent Operator"}, calls: []string{login, login},
	},
	"wrong passcode": {
		block: func(s *simulator.Server) block { return passwordBlock(s).with("passcode", "wrong-passcode") },
		says:  []string{"passcode"}, calls: []string{login},
	},
	"http to another host with a token": {
		block: func(s *simulator.Server) block {
			return staticBlock(s).with("endpoint", "http://modelarts.example.org")
		},
		attribute: "endpoint", says: []string{"plain http", "modelarts.example.org", "insecure"},
	},
	"http to another host with a password": {
		block: func(s *simulator.Server) block {
			return passwordBlock(s).with("endpoint", "http://modelarts.example.org")
		},
		attribute: "endpoint", says: []string{"plain http", "modelarts.example.org"},
	},
	"http to another host with an access key": {
		block:     func(s *simulator.Server) block { return keyBlock(s).with("endpoint", "http://modelarts.example.org") },
		attribute: "endpoint", says: []string{"plain http", "modelarts.example.org"},
	},
	"http to another IAM": {
		block:     func(s *simulator.Server) block { return passwordBlock(s).with("auth_url", "http://iam.example.org/v3") },
		attribute: "auth_url", says: []string{"plain http", "iam.example.org"},
	},
	"no URL": {
		block:     func(s *simulator.Server) block { return staticBlock(s).with("endpoint", "modelarts.example.org") },
		attribute: "endpoint", says: []string{"Invalid endpoint", `"modelarts.example.org" is not a URL`},
	},
	"password in a URL": {
		block: func(s *simulator.Server) block {
			return staticBlock(s).with("endpoint", "https://me:"+simulator.DefaultPassword+"@modelarts.example.org")
		},
		says: []string{"Invalid endpoint", "do not belong in a URL"}, // not where a CLI would show it
	},
	"token in the query of endpoint": {
		block: func(s *simulator.Server) block {
			return staticBlock(s).with("endpoint", s.Endpoint()+"/v1?token=simulated-token")
		},
		says: []string{"Invalid endpoint", "a query (?)"}, // not where a CLI would show it
	},
	"token in the fragment of auth_url": {
		block: func(s *simulator.Server) block {
			return passwordBlock(s).with("auth_url", s.AuthURL()+"#simulated-token")
		},
		says: []string{"Invalid auth_url", "a fragment (#)"},
	},
	"too many retries": {
		block:     func(s *simulator.Server) block { return staticBlock(s).with("max_retries", 21) },
		attribute: "max_retries", says: []string{"a whole number from 0 to 20"},
	},
	"no requests": {
		block:     func(s *simulator.Server) block { return staticBlock(s).with("max_concurrent_requests", 0) },
		attribute: "max_concurrent_requests", says: []string{"a whole number from 1 to 100"},
	},
	"too many requests": {
		block:     func(s *simulator.Server) block { return staticBlock(s).with("max_concurrent_requests", 101) },
		attribute: "max_concurrent_requests", says: []string{"a whole number from 1 to 100"},
	},
}
