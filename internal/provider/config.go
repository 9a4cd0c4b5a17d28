package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/visualizationjob"
)

const (
	maxRetriesLimit            = 20  // of max_retries
	maxConcurrentRequestsLimit = 100 // of max_concurrent_requests
)

// setting is a value of the configuration: an attribute of the provider block, or a value that only other sources have.
type setting struct {
	name      string
	key       string           // in a cloud of clouds.yaml, such as auth.username; empty if clouds lack the setting
	variables string           // of the environment, in order of precedence, highest first; the names are those of the opentelekomcloud provider
	attribute schema.Attribute // of the provider block; nil if the block lacks the setting
}

// The settings that the provider block lacks. The domain of the project is in all sources that of the user, unless a source has both.
const (
	projectDomainID    = "project_domain_id"
	projectDomainName  = "project_domain_name"
	agencyDomainID     = "agency_domain_id"
	delegatedProjectID = "delegated_project_id"
)

// settings has all settings except the domains in clouds, which fromEnvironment and cloud.settings read as pairs.
var settings = []setting{
	text("auth_url", "auth.auth_url", "OS_AUTH_URL", "Address of IAM (Keystone v3), with or without `/v3`. Default `https://iam.{region}.otc.t-systems.com/v3`."),
	text("cloud", "", "OS_CLOUD",
		"Name of a cloud in `clouds.yaml`, such as `otc`. The provider searches for the file in the working "+
			"directory, in `~/.config/openstack` and in `/etc/openstack`, unless `OS_CLIENT_CONFIG_FILE` has its path. "+
			"`secure.yaml` in the same folder adds to it. A cloud that is set here takes precedence over environment variables. "+
			"`OS_CLOUD` is a fallback: the provider reads its cloud only if the login lacks something, and a file in the working directory "+
			"can't redirect secrets from elsewhere. `cloud = \"\"` disables `OS_CLOUD`."),
	text("region", "region_name", "OS_REGION_NAME OS_REGION",
		"Region, such as `eu-de`. Default is the region at the beginning of the project name, or the region in `auth_url`."),
	text("tenant_name", "auth.project_name", "OS_TENANT_NAME OS_PROJECT_NAME",
		"Name of the project. Default is the default project of the region, which has the region's name."),
	text("tenant_id", "auth.project_id", "OS_TENANT_ID OS_PROJECT_ID", "ID of the project. Takes precedence over `tenant_name`."),
	text("domain_name", "", "OS_USER_DOMAIN_NAME OS_PROJECT_DOMAIN_NAME OS_DOMAIN_NAME OS_DEFAULT_DOMAIN",
		"Name of the domain of the user and the project, such as `OTC-EU-DE-00000000001000012345`."),
	text("domain_id", "", "OS_USER_DOMAIN_ID OS_PROJECT_DOMAIN_ID OS_DOMAIN_ID",
		"ID of the domain of the user and the project. Takes precedence over `domain_name`."),
	text("user_name", "auth.username", "OS_USERNAME", "Name of the user. Needs `password` and a domain."),
	text("user_id", "auth.user_id", "OS_USER_ID", "ID of the user. Takes precedence over `user_name`. Needs `password`."),
	secret("password", "auth.password", "OS_PASSWORD", "Password of the user."),
	secret("passcode", "auth.passcode", "OS_PASSCODE",
		"One-time code of the user's virtual MFA device, for users who need a code and the "+
			"password. IAM documents the code with `user_id`, not with `user_name`. The provider can't renew the token."),
	secret("token", "auth.token", "OS_TOKEN OS_AUTH_TOKEN",
		"Token of IAM. Takes precedence over an access key and a user of the same source. The provider can't renew it. With `endpoint` and "+
			"`tenant_id` the provider sends no request to IAM."),
	secret("access_key", "auth.ak", "OS_ACCESS_KEY",
		"Access key (AK) to sign requests with, instead of a user and a password. With "+
			"`endpoint` and `tenant_id` the provider sends no request to IAM."),
	secret("secret_key", "auth.sk", "OS_SECRET_KEY", "Secret key (SK) of `access_key`."),
	secret("security_token", "auth.security_token", "OS_SECURITY_TOKEN", "Security token of a temporary access key."),
	text("agency_name", "auth.target_agency_name", "OS_AGENCY_NAME",
		"Name of the agency to assume. The other credentials are those of the delegate. Needs `agency_domain_name`."),
	text("agency_domain_name", "auth.target_domain_name", "OS_AGENCY_DOMAIN_NAME", "Name of the domain that delegates to the agency."),
	{name: agencyDomainID, key: "auth.target_domain_id"},
	text("delegated_project", "auth.target_project_name", "OS_DELEGATED_PROJECT",
		"Name of the project of `agency_domain_name` in which the agency works. Default is the default project of the region."),
	{name: delegatedProjectID, key: "auth.target_project_id"},
	text("cacert_file", "cacert", "OS_CACERT", "CA bundle that replaces that of the system: PEM, or the path of a PEM file."),
	text("cert", "cert", "OS_CERT", "Client certificate: PEM, or the path of a PEM file. Needs `key`."),
	secret("key", "key", "OS_KEY", "Private key of `cert`: PEM, or the path of a PEM file."),
	boolean("insecure", "OS_INSECURE", // and the key verify
		"If `true`, the provider doesn't verify TLS certificates, and accepts plain `http` to other machines. For tests only. Default `false`."),
	boolean("allow_reauth", "OS_ALLOW_REAUTH", "Whether the provider acquires a new token if ModelArts rejects the current one. Default `true`."),
	number("max_retries", "OS_MAX_RETRIES", 0, maxRetriesLimit,
		fmt.Sprintf("Maximum number of retries of one request after HTTP 5xx or a broken connection, 0 to %d. "+
			"Default `%d`. Retries after HTTP 429 don't count, because they end with the timeout of the operation.", maxRetriesLimit, modelarts.DefaultMaxRetries)),
	number("max_concurrent_requests", "OS_MAX_CONCURRENT_REQUESTS", 1, maxConcurrentRequestsLimit,
		fmt.Sprintf("Maximum number of concurrent requests to ModelArts, 1 to %d. More requests wait, also with a "+
			"higher `-parallelism`. While ModelArts returns HTTP 429, the provider sends fewer requests. Default `%d`.", maxConcurrentRequestsLimit, modelarts.DefaultMaxConcurrentRequests)),
	text("endpoint", "", "OS_MODELARTS_ENDPOINT",
		"Base URL of ModelArts, with or without `/v1`, with or without the project ID. Default is the `https` "+
			"address in the service catalog. If it has none, the default with an `auth_url` of Open Telekom Cloud is "+
			"`https://modelarts.{region}.otc.t-systems.com`."),
}

func text(name, key, variables, description string) setting {
	return setting{name, key, variables, schema.StringAttribute{Optional: true, MarkdownDescription: describe(description, variables)}}
}

func secret(name, key, variables, description string) setting {
	return setting{name, key, variables, schema.StringAttribute{Optional: true, MarkdownDescription: describe(description, variables), Sensitive: true}}
}

func boolean(name, variables, description string) setting {
	return setting{name, "", variables, schema.BoolAttribute{Optional: true, MarkdownDescription: describe(description, variables)}}
}

func number(name, variables string, minimum, maximum int64, description string) setting {
	return setting{name, "", variables, schema.NumberAttribute{
		Optional: true, MarkdownDescription: describe(description, variables),
		Validators: []validator.Number{visualizationjob.WholeNumber(minimum, maximum)},
	}}
}

// describe adds the environment variables to the description of an attribute.
func describe(description, variables string) string {
	return description + " Environment: `" + strings.ReplaceAll(variables, " ", "`, `") + "`."
}

// Schema returns the schema of the provider block.
func (p *Provider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	attributes := map[string]schema.Attribute{}
	for _, s := range settings {
		if s.attribute != nil {
			attributes[s.name] = s.attribute
		}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages visualization jobs (hosted TensorBoard) of ModelArts on Open Telekom Cloud. " +
			"A community project, not one of T-Systems.",
		Attributes: attributes,
	}
}
