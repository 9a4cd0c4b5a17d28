package provider

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/auth"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

// maxRetriesLimit bounds max_retries.
const maxRetriesLimit = 20

// model is the provider block as a struct.
type model struct {
	AuthURL     types.String `tfsdk:"auth_url"`
	Region      types.String `tfsdk:"region"`
	TenantName  types.String `tfsdk:"tenant_name"`
	TenantID    types.String `tfsdk:"tenant_id"`
	DomainName  types.String `tfsdk:"domain_name"`
	DomainID    types.String `tfsdk:"domain_id"`
	UserName    types.String `tfsdk:"user_name"`
	UserID      types.String `tfsdk:"user_id"`
	Password    types.String `tfsdk:"password"`
	Token       types.String `tfsdk:"token"`
	Insecure    types.Bool   `tfsdk:"insecure"`
	AllowReauth types.Bool   `tfsdk:"allow_reauth"`
	MaxRetries  types.Int64  `tfsdk:"max_retries"`
	Endpoint    types.String `tfsdk:"endpoint"`
}

// environment has the variables of each attribute, the first that is set wins.
// The names are those of the opentelekomcloud provider.
var environment = map[string][]string{
	"auth_url":     {"OS_AUTH_URL"},
	"region":       {"OS_REGION_NAME", "OS_REGION"},
	"tenant_name":  {"OS_TENANT_NAME", "OS_PROJECT_NAME"},
	"tenant_id":    {"OS_TENANT_ID", "OS_PROJECT_ID"},
	"domain_name":  {"OS_USER_DOMAIN_NAME", "OS_PROJECT_DOMAIN_NAME", "OS_DOMAIN_NAME", "OS_DEFAULT_DOMAIN"},
	"domain_id":    {"OS_USER_DOMAIN_ID", "OS_PROJECT_DOMAIN_ID", "OS_DOMAIN_ID"},
	"user_name":    {"OS_USERNAME"},
	"user_id":      {"OS_USER_ID"},
	"password":     {"OS_PASSWORD"},
	"token":        {"OS_TOKEN", "OS_AUTH_TOKEN"},
	"insecure":     {"OS_INSECURE"},
	"allow_reauth": {"OS_ALLOW_REAUTH"},
	"max_retries":  {"OS_MAX_RETRIES"},
	"endpoint":     {"OS_MODELARTS_ENDPOINT"},
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
			"region":   text("region", "Region, such as `eu-de`."),
			"tenant_name": text("tenant_name", "Name of the project. Default is the default project of the region, which has the "+
				"region's name."),
			"tenant_id":   text("tenant_id", "Id of the project. Takes precedence over `tenant_name`."),
			"domain_name": text("domain_name", "Name of the domain of the user and the project, `OTC-EU-DE-…`."),
			"domain_id":   text("domain_id", "Id of the domain of the user and the project. Takes precedence over `domain_name`."),
			"user_name":   text("user_name", "Name of the user. Needs `password` and a domain."),
			"user_id":     text("user_id", "Id of the user. Takes precedence over `user_name`. Needs `password`."),
			"password":    secret("password", "Password of the user."),
			"token": secret("token", "Token to use instead of a user and a password. It cannot be renewed. With `endpoint` and "+
				"`tenant_id` no call to IAM is made."),
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
			"endpoint": text("endpoint", "Base URL of ModelArts, with or without `/v1`, with or without the project id. Default is "+
				"that of the service catalogue, else `https://modelarts.{region}.otc.t-systems.com`."),
		},
	}
}

// variables names the variables of an attribute, for its description.
func variables(attribute string) string {
	return " Environment: `" + strings.Join(environment[attribute], "`, `") + "`."
}

// options merges configuration and environment, in this order of precedence.
func (m *model) options() (auth.Options, diag.Diagnostics) {
	var diags diag.Diagnostics
	projectID, projectName := pair(m.TenantID, "tenant_id", m.TenantName, "tenant_name")
	domainID, domainName := pair(m.DomainID, "domain_id", m.DomainName, "domain_name")
	userID, userName := pair(m.UserID, "user_id", m.UserName, "user_name")
	options := auth.Options{
		AuthURL:     text(m.AuthURL, "auth_url"),
		Region:      text(m.Region, "region"),
		ProjectID:   projectID,
		ProjectName: projectName,
		DomainID:    domainID,
		DomainName:  domainName,
		UserID:      userID,
		UserName:    userName,
		Password:    text(m.Password, "password"),
		Token:       text(m.Token, "token"),
		Endpoint:    text(m.Endpoint, "endpoint"),
		Insecure:    boolean(m.Insecure, "insecure", false, &diags),
		AllowReauth: boolean(m.AllowReauth, "allow_reauth", true, &diags),
		MaxRetries:  retries(m.MaxRetries, &diags),
	}
	return options, diags
}

// lookup returns the first variable of an attribute that is set.
func lookup(attribute string) (name, value string) {
	for _, name := range environment[attribute] {
		if value := os.Getenv(name); value != "" {
			return name, value
		}
	}
	return "", ""
}

// text returns a string. An empty one is unset: a variable without a value, in
// HCL as in the environment.
func text(configured types.String, attribute string) string {
	if value := configured.ValueString(); value != "" {
		return value
	}
	_, value := lookup(attribute)
	return value
}

// pair returns the id and the name of one thing. When the configuration has
// either, the environment has no say: its id must not go before a configured name.
func pair(id types.String, idAttribute string, name types.String, nameAttribute string) (idValue, nameValue string) {
	if id.ValueString() != "" || name.ValueString() != "" {
		return id.ValueString(), name.ValueString()
	}
	return text(id, idAttribute), text(name, nameAttribute)
}

func boolean(configured types.Bool, attribute string, defaultValue bool, diags *diag.Diagnostics) bool {
	if !configured.IsNull() {
		return configured.ValueBool()
	}
	name, value := lookup(attribute)
	if name == "" {
		return defaultValue
	}
	parsed, err := strconv.ParseBool(value)
	if err != nil {
		diags.AddAttributeError(path.Root(attribute), "Invalid "+name, fmt.Sprintf("%q is neither true nor false.", value))
	}
	return parsed
}

func retries(configured types.Int64, diags *diag.Diagnostics) int {
	if !configured.IsNull() {
		return int(configured.ValueInt64())
	}
	name, value := lookup("max_retries")
	if name == "" {
		return modelarts.DefaultMaxRetries
	}
	parsed, err := strconv.Atoi(value)
	if err != nil || parsed < 0 || parsed > maxRetriesLimit {
		diags.AddAttributeError(path.Root("max_retries"), "Invalid "+name,
			fmt.Sprintf("%q is not a number from 0 to %d.", value, maxRetriesLimit))
	}
	return parsed
}
