package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

const (
	maxRetriesLimit            = 20  // of max_retries
	maxConcurrentRequestsLimit = 100 // of max_concurrent_requests
)

// model is the provider block as a struct.
type model struct {
	AuthURL          types.String `tfsdk:"auth_url"`
	Cloud            types.String `tfsdk:"cloud"`
	Region           types.String `tfsdk:"region"`
	TenantName       types.String `tfsdk:"tenant_name"`
	TenantID         types.String `tfsdk:"tenant_id"`
	DomainName       types.String `tfsdk:"domain_name"`
	DomainID         types.String `tfsdk:"domain_id"`
	UserName         types.String `tfsdk:"user_name"`
	UserID           types.String `tfsdk:"user_id"`
	Password         types.String `tfsdk:"password"`
	Passcode         types.String `tfsdk:"passcode"`
	Token            types.String `tfsdk:"token"`
	AccessKey        types.String `tfsdk:"access_key"`
	SecretKey        types.String `tfsdk:"secret_key"`
	SecurityToken    types.String `tfsdk:"security_token"`
	AgencyName       types.String `tfsdk:"agency_name"`
	AgencyDomainName types.String `tfsdk:"agency_domain_name"`
	DelegatedProject types.String `tfsdk:"delegated_project"`
	CACertFile       types.String `tfsdk:"cacert_file"`
	Cert             types.String `tfsdk:"cert"`
	Key              types.String `tfsdk:"key"`
	Insecure         types.Bool   `tfsdk:"insecure"`
	AllowReauth      types.Bool   `tfsdk:"allow_reauth"`
	MaxRetries       types.Int64  `tfsdk:"max_retries"`
	MaxConcurrent    types.Int64  `tfsdk:"max_concurrent_requests"`
	Endpoint         types.String `tfsdk:"endpoint"`
}

// environment has the variables of each attribute, the first that is set wins.
// The names are those of the opentelekomcloud provider.
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

// Schema describes the provider block.
func (p *Provider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	text := func(name, description string) schema.StringAttribute {
		return schema.StringAttribute{Optional: true, MarkdownDescription: description + variables(name)}
	}
	secret := func(name, description string) schema.StringAttribute {
		attribute := text(name, description)
		attribute.Sensitive = true
		return attribute
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages visualization jobs (hosted TensorBoard) of ModelArts on Open Telekom Cloud. " +
			"A community project, not the vendor's.",
		Attributes: map[string]schema.Attribute{
			"auth_url": text("auth_url", "Address of IAM (Keystone v3). Default `https://iam.{region}.otc.t-systems.com/v3`."),
			"cloud": text("cloud", "Name of a cloud of `clouds.yaml`, which is looked for in the working directory, in "+
				"`~/.config/openstack` and in `/etc/openstack`, unless `OS_CLIENT_CONFIG_FILE` says where it is. `secure.yaml` "+
				"beside it adds to it. Whatever else is set here or in the environment takes precedence."),
			"region": text("region", "Region, such as `eu-de`. Default is the region that the name of the project begins with, or "+
				"that of `auth_url`."),
			"tenant_name": text("tenant_name", "Name of the project. Default is the default project of the region, which has the "+
				"region's name."),
			"tenant_id":   text("tenant_id", "Id of the project. Takes precedence over `tenant_name`."),
			"domain_name": text("domain_name", "Name of the domain of the user and the project, `OTC-EU-DE-…`."),
			"domain_id":   text("domain_id", "Id of the domain of the user and the project. Takes precedence over `domain_name`."),
			"user_name":   text("user_name", "Name of the user. Needs `password` and a domain."),
			"user_id":     text("user_id", "Id of the user. Takes precedence over `user_name`. Needs `password`."),
			"password":    secret("password", "Password of the user."),
			"passcode": secret("passcode", "One-time code of the user's virtual MFA device, for users who need one besides the "+
				"password. IAM documents it with `user_id`, not with `user_name`. The token that it gives cannot be renewed."),
			"token": secret("token", "Token to use instead of any other credentials. It cannot be renewed. With `endpoint` and "+
				"`tenant_id` no call to IAM is made."),
			"access_key": secret("access_key", "Access key (AK) to sign requests with, instead of a user and a password. With "+
				"`endpoint` and `tenant_id` no call to IAM is made."),
			"secret_key":     secret("secret_key", "Secret key (SK) of `access_key`."),
			"security_token": secret("security_token", "What comes with a temporary access key, besides `secret_key`."),
			"agency_name": text("agency_name", "Agency to act as, with the credentials that it was delegated to. Needs "+
				"`agency_domain_name`."),
			"agency_domain_name": text("agency_domain_name", "Name of the domain that delegates to the agency."),
			"delegated_project": text("delegated_project", "Name of the project to work in as the agency, in "+
				"`agency_domain_name`. Default is the default project of the region."),
			"cacert_file": text("cacert_file", "Certificates of the authorities to trust, instead of the system's: PEM, or the "+
				"path of a PEM file."),
			"cert": text("cert", "Certificate to show to the service: PEM, or the path of a PEM file. Needs `key`."),
			"key":  secret("key", "Private key of `cert`: PEM, or the path of a PEM file."),
			"insecure": schema.BoolAttribute{
				Optional: true,
				MarkdownDescription: "Do not verify TLS certificates, and accept plain `http` to other machines. Default `false`." +
					variables("insecure"),
			},
			"allow_reauth": schema.BoolAttribute{
				Optional: true,
				MarkdownDescription: "Get a new token when the service refuses the one in use. Default `true`." +
					variables("allow_reauth"),
			},
			"max_retries": schema.Int64Attribute{
				Optional: true,
				MarkdownDescription: fmt.Sprintf("How often one request is repeated after 429, 5xx or a broken connection, "+
					"0 to %d. Default `%d`.", maxRetriesLimit, modelarts.DefaultMaxRetries) + variables("max_retries"),
				Validators: []validator.Int64{int64validator.Between(0, maxRetriesLimit)},
			},
			"max_concurrent_requests": schema.Int64Attribute{
				Optional: true,
				MarkdownDescription: fmt.Sprintf("How many requests to ModelArts are under way at a time, 1 to %d; the others wait "+
					"for their turn, also with a higher `-parallelism`. While the service says that it is asked too often, it is "+
					"fewer. Default `%d`.", maxConcurrentRequestsLimit, modelarts.DefaultMaxConcurrentRequests) +
					variables("max_concurrent_requests"),
				Validators: []validator.Int64{int64validator.Between(1, maxConcurrentRequestsLimit)},
			},
			"endpoint": text("endpoint", "Base URL of ModelArts, with or without `/v1`, with or without the project id. Default is "+
				"that of the service catalogue, else `https://modelarts.{region}.otc.t-systems.com`."),
		},
	}
}

// variables names the variables of an attribute, for its description.
func variables(attribute string) string {
	return " Environment: `" + strings.Join(environment[attribute], "`, `") + "`."
}
