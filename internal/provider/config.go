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

// environment has the environment variables of each attribute in order of precedence, highest first. The names are those of the
// opentelekomcloud provider.
var environment = map[string][]string{
	"auth_url":                {"OS_AUTH_URL"},
	"cloud":                   {"OS_CLOUD"},
	"region":                  {"OS_REGION_NAME", "OS_REGION"},
	"tenant_name":             {"OS_TENANT_NAME", "OS_PROJECT_NAME"},
	"tenant_id":               {"OS_TENANT_ID", "OS_PROJECT_ID"},
	"domain_name":             {"OS_USER_DOMAIN_NAME", "OS_PROJECT_DOMAIN_NAME", "OS_DOMAIN_NAME", "OS_DEFAULT_DOMAIN"},
	"domain_id":               {"OS_USER_DOMAIN_ID", "OS_PROJECT_DOMAIN_ID", "OS_DOMAIN_ID"},
	"user_name":               {"OS_USERNAME"},
	"user_id":                 {"OS_USER_ID"},
	"password":                {"OS_PASSWORD"},
	"passcode":                {"OS_PASSCODE"},
	"token":                   {"OS_TOKEN", "OS_AUTH_TOKEN"},
	"access_key":              {"OS_ACCESS_KEY"},
	"secret_key":              {"OS_SECRET_KEY"},
	"security_token":          {"OS_SECURITY_TOKEN"},
	"agency_name":             {"OS_AGENCY_NAME"},
	"agency_domain_name":      {"OS_AGENCY_DOMAIN_NAME"},
	"delegated_project":       {"OS_DELEGATED_PROJECT"},
	"cacert_file":             {"OS_CACERT"},
	"cert":                    {"OS_CERT"},
	"key":                     {"OS_KEY"},
	"insecure":                {"OS_INSECURE"},
	"allow_reauth":            {"OS_ALLOW_REAUTH"},
	"max_retries":             {"OS_MAX_RETRIES"},
	"max_concurrent_requests": {"OS_MAX_CONCURRENT_REQUESTS"},
	"endpoint":                {"OS_MODELARTS_ENDPOINT"},
}

// Schema returns the schema of the provider block.
func (p *Provider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Optional: true, MarkdownDescription: description}
	}
	secret := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Optional: true, MarkdownDescription: description, Sensitive: true}
	}
	attributes := map[string]schema.Attribute{
		"auth_url": text("Address of IAM (Keystone v3), with or without `/v3`. Default `https://iam.{region}.otc.t-systems.com/v3`."),
		"cloud": text("Name of a cloud in `clouds.yaml`, such as `otc`. The provider searches for the file in the working " +
			"directory, in `~/.config/openstack` and in `/etc/openstack`, unless `OS_CLIENT_CONFIG_FILE` has its path. " +
			"`secure.yaml` in the same folder adds to it. A cloud that is set here takes precedence over environment variables. " +
			"`OS_CLOUD` is a fallback: the provider reads its cloud only if the login lacks something, and a file in the working directory " +
			"can't redirect secrets from elsewhere. `cloud = \"\"` disables `OS_CLOUD`."),
		"region": text("Region, such as `eu-de`. Default is the region at the beginning of the project name, or " +
			"the region in `auth_url`."),
		"tenant_name": text("Name of the project. Default is the default project of the region, which has the " +
			"region's name."),
		"tenant_id":   text("ID of the project. Takes precedence over `tenant_name`."),
		"domain_name": text("Name of the domain of the user and the project, such as `OTC-EU-DE-00000000001000012345`."),
		"domain_id":   text("ID of the domain of the user and the project. Takes precedence over `domain_name`."),
		"user_name":   text("Name of the user. Needs `password` and a domain."),
		"user_id":     text("ID of the user. Takes precedence over `user_name`. Needs `password`."),
		"password":    secret("Password of the user."),
		"passcode": secret("One-time code of the user's virtual MFA device, for users who need a code and the " +
			"password. IAM documents the code with `user_id`, not with `user_name`. The provider can't renew the token."),
		"token": secret("Token that replaces all other credentials. The provider can't renew it. With `endpoint` and " +
			"`tenant_id` the provider sends no request to IAM."),
		"access_key": secret("Access key (AK) to sign requests with, instead of a user and a password. With " +
			"`endpoint` and `tenant_id` the provider sends no request to IAM."),
		"secret_key":     secret("Secret key (SK) of `access_key`."),
		"security_token": secret("Security token of a temporary access key."),
		"agency_name": text("Name of the agency to assume. The other credentials are those of the delegate. Needs " +
			"`agency_domain_name`."),
		"agency_domain_name": text("Name of the domain that delegates to the agency."),
		"delegated_project": text("Name of the project of `agency_domain_name` in which the agency works." +
			" Default is the default project of the region."),
		"cacert_file": text("CA bundle that replaces that of the system: PEM, or the path of a PEM file."),
		"cert":        text("Client certificate: PEM, or the path of a PEM file. Needs `key`."),
		"key":         secret("Private key of `cert`: PEM, or the path of a PEM file."),
		"insecure": schema.BoolAttribute{
			Optional:            true,
			MarkdownDescription: "If `true`, the provider doesn't verify TLS certificates, and accepts plain `http` to other machines. For tests only. Default `false`.",
		},
		"allow_reauth": schema.BoolAttribute{
			Optional:            true,
			MarkdownDescription: "Whether the provider acquires a new token if ModelArts rejects the current one. Default `true`.",
		},
		"max_retries": schema.NumberAttribute{
			Optional: true,
			MarkdownDescription: fmt.Sprintf("Maximum number of retries of one request after HTTP 5xx or a broken connection, 0 to %d. "+
				"Default `%d`. Retries after HTTP 429 don't count, because they end with the timeout of the operation.", maxRetriesLimit, modelarts.DefaultMaxRetries),
			Validators: []validator.Number{visualizationjob.WholeNumber{Min: 0, Max: maxRetriesLimit}},
		},
		"max_concurrent_requests": schema.NumberAttribute{
			Optional: true,
			MarkdownDescription: fmt.Sprintf("Maximum number of concurrent requests to ModelArts, 1 to %d. More requests wait, also with a "+
				"higher `-parallelism`. While ModelArts returns HTTP 429, the provider sends fewer requests. Default `%d`.", maxConcurrentRequestsLimit, modelarts.DefaultMaxConcurrentRequests),
			Validators: []validator.Number{visualizationjob.WholeNumber{Min: 1, Max: maxConcurrentRequestsLimit}},
		},
		"endpoint": text("Base URL of ModelArts, with or without `/v1`, with or without the project ID. Default is the `https` " +
			"address in the service catalog. If it has none, the default with an `auth_url` of Open Telekom Cloud is " +
			"`https://modelarts.{region}.otc.t-systems.com`."),
	}
	for name, attribute := range attributes {
		attributes[name] = withVariables(name, attribute)
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages visualization jobs (hosted TensorBoard) of ModelArts on Open Telekom Cloud. " +
			"A community project, not one of T-Systems.",
		Attributes: attributes,
	}
}

// withVariables returns an attribute with its environment variables in the description.
func withVariables(name string, attribute schema.Attribute) schema.Attribute {
	variables := " Environment: `" + strings.Join(environment[name], "`, `") + "`."
	switch a := attribute.(type) {
	case schema.StringAttribute:
		a.MarkdownDescription += variables
		return a
	case schema.BoolAttribute:
		a.MarkdownDescription += variables
		return a
	case schema.NumberAttribute:
		a.MarkdownDescription += variables
		return a
	default:
		return attribute
	}
}
