package provider_test

import "github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"

// faults are blocks that can't work, one for each way in which an error becomes a diagnostic: the other errors are tested
// in auth. Where there are calls, the error is from IAM. An error on a secret of the block has no attribute, because a CLI
// would show its line.
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
	"no password": {
		block:     func(s *simulator.Server) block { return passwordBlock(s).with("password", nil) },
		attribute: "password", says: []string{"Missing password", "OS_PASSWORD"},
	},
	"line end in the token": {
		block: func(s *simulator.Server) block { return staticBlock(s).with("token", "simulated-\n") },
		says:  []string{"Invalid token"},
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
	"security token of another key": {
		block: func(s *simulator.Server) block {
			return keyBlock(s).with("security_token", simulator.DefaultSecurityToken)
		},
		says: []string{"IAM refused the access key", "A permanent key has no security_token"}, calls: []string{projects},
	},
	"wrong agency": {
		block:     func(s *simulator.Server) block { return passwordBlock(s).asAgency().with("agency_name", "other") },
		attribute: "agency_name", says: []string{"IAM refused the agency", "Agent Operator"}, calls: []string{login, login},
	},
	"http to another host with a token": {
		block: func(s *simulator.Server) block {
			return staticBlock(s).with("endpoint", "http://modelarts.example.org")
		},
		attribute: "endpoint", says: []string{"plain http", "modelarts.example.org", "insecure"},
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
