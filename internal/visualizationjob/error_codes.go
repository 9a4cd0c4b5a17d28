package visualizationjob

import (
	"strconv"
	"strings"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

// codeHelp explains error codes: what they mean for a visualization job, and what to do.
type codeHelp struct {
	// codes have the same meaning. "APIGW.0201:502" is the code with this HTTP status, and
	// "ModelArts.0105:GET" with this method; either takes precedence over the code alone.
	codes     string
	meaning   string
	remedy    string
	attribute string // at fault; "" if the code doesn't name one
}

const (
	checkValues = "Check the values in the configuration against the documentation of the resource."
	askOBS      = "Check that the bucket and the path of train_url exist in this region, and that ModelArts is allowed to read them " +
		"(ModelArts console, Settings, Add Authorization)."
	askPolicy        = "Ask an administrator of the account for the ModelArts permissions on the resource type tensorboard in this project."
	askAuthorization = "Authorize ModelArts for the user in the ModelArts console: Settings, Add Authorization."
	askAuth          = "Check the credentials of the provider."
	askToken         = "The provider can't renew a configured token. Get a new token, which is valid for 24 hours, or configure " +
		"a user with a password, or an access key."
	askConsole = "Open the job in the ModelArts console. A common cause is that train_url doesn't exist, has no event files, " +
		"or isn't readable by ModelArts."
	askWorkspace = "The ModelArts console lists the workspaces. If you omit workspace_id, it is 0, the default workspace."
	askSupport   = "Run the command again. If the error persists, give the request ID to Open Telekom Cloud support."
	askMessage   = "If the API message doesn't help, give the request ID to Open Telekom Cloud support."
	checkNetwork = "Check the network connection, and endpoint and region of the provider. If they are correct, run the command again."
	checkPath    = "Check endpoint and region of the provider."
	checkProject = "Check tenant_id and tenant_name of the provider, and the project ID in endpoint if it has one."
)

// helpFor returns the explanation of an error response and its key in errorCodes, or "" if there is none. An explanation
// of the code with the HTTP status or the method takes precedence over one of the code alone.
func helpFor(e *modelarts.Error) (string, codeHelp) {
	method, _, _ := strings.Cut(e.Operation, " ")
	code := string(e.Code)
	for _, key := range []string{code + ":" + strconv.Itoa(e.StatusCode), code + ":" + method, code} {
		if help, known := errorCodes[key]; known {
			return key, help
		}
	}
	return "", codeHelp{}
}

// anchorOf returns the anchor of a key of errorCodes in the troubleshooting guide.
func anchorOf(key string) string {
	return strings.ToLower(strings.NewReplacer(".", "-", ":", "-").Replace(key))
}

// errorCodes has every code that ModelArts or the gateway can return for a visualization job. The sources are in
// testdata/error_codes.tsv.
var errorCodes = byCode([]codeHelp{
	{
		"ModelArts.0010 ModelArts.2950 ModelArts.2951 ModelArts.2952 ModelArts.2953 ModelArts.2954 ModelArts.2955 ModelArts.2956 " +
			"ModelArts.2957 ModelArts.2958 ModelArts.2959 ModelArts.7001 ModelArts.7009 ModelArts.7100 ModelArts.7101",
		"ModelArts, or a service that it depends on, had an internal error.", askSupport, "",
	},

	{"ModelArts.0101", "A value has a form that ModelArts doesn't accept.", checkValues, ""},
	{
		"ModelArts.0104 ModelArts.1120 ModelArts.2764 ModelArts.2787 ModelArts.2788 ModelArts.2789 ModelArts.2790 ModelArts.2816 " +
			"ModelArts.2825 ModelArts.2826",
		"A parameter is wrong or missing.", checkValues, "",
	},
	{"ModelArts.0107", "The values of some parameters contradict each other or are out of range.", checkValues, ""},
	{"ModelArts.2751", "A job with this name exists.", "Choose another name. If the other job is yours, import it.", "name"},
	{"ModelArts.2763 ModelArts.2781 ModelArts.2840", "The flavor doesn't exist, or can't run this job.", "Choose another flavor, or omit it.", "flavor"},
	{"ModelArts.0102 ModelArts.7005", "The workspace doesn't exist.", askWorkspace, ""},
	{"ModelArts.2891 ModelArts.7004 ModelArts.7008", "The workspace can't be used at the moment.", askWorkspace, ""},
	{"ModelArts.0103", "The documentation of ModelArts lists this code without a meaning.", askMessage, ""},
	{"ModelArts.2858", "ModelArts doesn't support this operation.", askMessage, ""},

	{
		"ModelArts.0105 ModelArts.2796 ModelArts.2813 ModelArts.2878",
		"The status of the job doesn't allow this request.", "Run the command again when the job no longer changes its status.", "",
	},
	{"ModelArts.0105:GET", "The documentation of ModelArts doesn't say what this code means for a request that only reads.", askMessage, ""},
	{"ModelArts.0015 ModelArts.2775 ModelArts.2778", "The job doesn't exist.", "Check its ID, and the project that the provider is configured for.", ""},
	{"ModelArts.2836", "ModelArts found no such path.", "Check train_url, and endpoint and region of the provider.", ""},

	{"ModelArts.0116 ModelArts.0118 ModelArts.2833", "The project can't have more jobs.", "Delete jobs that you don't need, or ask Open Telekom Cloud to raise the quota.", ""},
	{
		"ModelArts.2815",
		"The quota of running jobs is exhausted, or another resource that the job needs.",
		"Stop jobs that you don't need, or ask Open Telekom Cloud to raise the quota. The attribute quotas of the data source " +
			"modelarts_visualization_jobs has the number of jobs that can run at once.", "",
	},
	{"ModelArts.2799", "ModelArts received too many requests.", "Run the command again later.", ""},

	{"ModelArts.0108", "These credentials aren't allowed to do this with visualization jobs.", askPolicy, ""},
	{"ModelArts.0112 ModelArts.2771 ModelArts.2823 ModelArts.2838 ModelArts.4336", "A policy or the workspace forbids this.", askPolicy, ""},
	{
		"ModelArts.2837 ModelArts.4106 ModelArts.4116 ModelArts.4117 ModelArts.4118",
		"The account is frozen, restricted, in arrears or not verified.", "Check the status and the balance of the account in the console.", "",
	},
	{
		"ModelArts.0420 ModelArts.0423 ModelArts.0427 ModelArts.0428 ModelArts.0429 ModelArts.2785 ModelArts.4106:500 " +
			"ModelArts.4335",
		"ModelArts has no authorization, such as an agency, to act for this user.", askAuthorization, "",
	},

	{"ModelArts.0201", "ModelArts received no token.", askAuth, ""},
	{"ModelArts.0202", "The token has expired.", askToken, ""},
	{"ModelArts.0203 ModelArts.0204 ModelArts.2784", "The token isn't valid.", askToken, ""},
	{"ModelArts.0204:400 ModelArts.0207 ModelArts.0212", "The token isn't for a project of this region.", askAuth, ""},
	{"ModelArts.0205 ModelArts.0206 ModelArts.0208", "ModelArts couldn't verify the signature of the request.", askAuth, ""},
	{"ModelArts.0206:403", "The access key or the secret key isn't valid.", askAuth, ""},
	{"ModelArts.0210 ModelArts.2786", "The project ID in the request isn't the project ID of the credentials.", checkProject, ""},

	{"ModelArts.4310", "ModelArts isn't allowed to read the OBS path for this user.", askAuthorization + " " + askOBS, "train_url"},
	{"ModelArts.1002 ModelArts.2773 ModelArts.3567 ModelArts.3568 ModelArts.4314", "ModelArts couldn't read the OBS path.", askOBS, "train_url"},
	{"ModelArts.1003", "ModelArts isn't allowed to read the OBS path, or the account is frozen or in arrears.", askOBS, "train_url"},
	{"ModelArts.2791 ModelArts.3572 ModelArts.3573 ModelArts.3574 ModelArts.4315", "The OBS path isn't valid.", askOBS, "train_url"},
	{"ModelArts.3551 ModelArts.4312", "The OBS path doesn't exist.", askOBS, "train_url"},
	{"ModelArts.4311", "The OBS bucket doesn't exist.", askOBS, "train_url"},
	{"ModelArts.4313", "The OBS path has characters that aren't allowed.", askOBS, "train_url"},

	{
		"APIGW.0101 ModelArts.2803",
		"The gateway doesn't know this API. Either endpoint or region of the provider is wrong, or Open Telekom Cloud has " +
			"switched off the API of visualization jobs in this region, as it has announced. The jobs might still exist.",
		checkPath + " If both are correct, see \"The end of this API\" in the troubleshooting guide.", "",
	},
	{"APIGW.0103 APIGW.0105 APIGW.0404 APIGW.0605 APIGW.0609 APIGW.0611", "The gateway has this API registered, but no service responds.", askSupport, ""},
	{
		"APIGW.0104 APIGW.0106 APIGW.0107 APIGW.0201:500 APIGW.0601 APIGW.0606 APIGW.0608 APIGW.0612 APIGW.0705",
		"The gateway had an internal error.", askSupport, "",
	},
	{"APIGW.0201:502 APIGW.0202 APIGW.0610", "The gateway can't reach ModelArts.", askSupport, ""},
	{"APIGW.0201:504 APIGW.0203", "ModelArts didn't respond to the gateway in time.", askSupport, ""},
	{"APIGW.0613", "The gateway can't reach IAM.", askSupport, ""},
	{"APIGW.0201 APIGW.0602", "The gateway couldn't understand the request.", checkPath, ""},
	{
		"APIGW.0201:413 APIGW.0201:414 APIGW.0201:494",
		"The request, its URL or one of its headers is too large for the gateway.",
		"Check that token and security_token of the provider have nothing but the token, and check the headers that a proxy adds.", "",
	},
	{
		"APIGW.0204 APIGW.0607",
		"The gateway doesn't accept this protocol or TLS version.", "Check that endpoint begins with https://, and check a proxy that ends TLS.", "",
	},
	{"APIGW.0205", "The gateway doesn't accept the client certificate.", "Check cert and key of the provider.", ""},
	{"APIGW.0301 APIGW.0303 APIGW.0305", "The gateway doesn't accept the credentials.", askAuth, ""},
	{"APIGW.1009 APIGW.2201", "The access key or the secret key isn't valid.", askAuth, ""},
	{"APIGW.0302 APIGW.0304 APIGW.0306", "The credentials aren't allowed to use this API.", askPolicy, ""},
	{"APIGW.0307", "The token has expired or was revoked.", askToken, ""},
	{
		"APIGW.0308",
		"There were too many requests for the whole time of the operation.",
		"Raise the operation's value in the timeouts block, or run the command again later. " +
			"If nothing else uses the account meanwhile, ask Open Telekom Cloud to raise the rate limit.", "",
	},
	{"APIGW.0310", "The project can't be used at the moment.", checkProject, ""},
	{
		"APIGW.0401 APIGW.0402",
		"The gateway doesn't accept requests from this IP address.", "Check the access control of the account in IAM, and the proxy variables.", "",
	},
	{"APIGW.0802", "The user is disabled in this region.", "Check region of the provider, and the user in IAM.", ""},
})

// byCode returns the explanations by each of their codes.
func byCode(all []codeHelp) map[string]codeHelp {
	found := make(map[string]codeHelp)
	for _, help := range all {
		for code := range strings.FieldsSeq(help.codes) {
			found[code] = help
		}
	}
	return found
}
