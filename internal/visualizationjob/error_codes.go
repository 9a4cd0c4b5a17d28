package visualizationjob

// codeHelp is what an error code means for a visualization job, and what to do
// about it, in our words.
type codeHelp struct {
	meaning   string
	remedy    string
	attribute string // at fault, when the code tells
}

const (
	checkValues = "Check the values in the configuration against the documentation of the resource."
	askOBS      = "Check that the bucket and the path of train_url exist in this region, and that ModelArts may read them " +
		"(agency authorisation in the ModelArts console)."
	askPolicy        = "Ask for the ModelArts permissions on the resource type tensorboard in this project."
	askAuthorization = "Authorise ModelArts for the user in its console, under Settings."
	askQuota         = "Delete jobs that nobody needs, or have the quota raised."
	askAuth          = "Check the credentials of the provider."
)

// errorCodes has every code that a user of visualization jobs can meet. The API
// reference's page "Error Codes" is the source of what they stand for.
var errorCodes = map[string]codeHelp{
	"ModelArts.0010": {
		meaning: "ModelArts had a fault of its own.",
		remedy:  "Run it again; if it stays, give the request id to support.",
	},
	"ModelArts.0101": {meaning: "A value has a form that ModelArts does not take.", remedy: checkValues},
	"ModelArts.0102": {
		meaning: "The workspace does not exist.",
		remedy:  "The ModelArts console lists the workspaces. Without a workspace_id it is the default one, 0.",
	},
	"ModelArts.0103": {
		meaning: "The documentation shows this code without a meaning.",
		remedy:  "Go by the message above; if it does not help, give the request id to support.",
	},
	"ModelArts.0104": {meaning: "A parameter is wrong or missing.", remedy: checkValues},
	"ModelArts.0105": {
		meaning: "The status of the job does not allow this.",
		remedy:  "Look at the job's status, and run it again when it has settled.",
	},
	"ModelArts.0107": {meaning: "The values of some parameters do not go together or are out of range.", remedy: checkValues},
	"ModelArts.0108": {meaning: "These credentials may not do this with visualization jobs.", remedy: askPolicy},
	"ModelArts.0109": {
		meaning: "The account may not use ModelArts.",
		remedy:  "Authorise the account in the ModelArts console, and check that it is neither frozen nor in arrears.",
	},
	"ModelArts.0112": {meaning: "A policy or the workspace forbids this.", remedy: askPolicy},
	"ModelArts.0116": {meaning: "The project may not have more jobs.", remedy: askQuota},
	"ModelArts.0118": {meaning: "The project may not have more jobs.", remedy: askQuota},
	"ModelArts.2815": {meaning: "A resource that the job needs is used up.", remedy: askQuota},
	"ModelArts.0428": {
		meaning: "ModelArts has no authorization, such as an agency, to act for this user.",
		remedy:  askAuthorization,
	},
	"ModelArts.2785": {meaning: "ModelArts has no authorization to act for this user.", remedy: askAuthorization},
	"ModelArts.4310": {
		meaning:   "ModelArts may not read the OBS path for this user.",
		remedy:    askAuthorization + " " + askOBS,
		attribute: "train_url",
	},
	"ModelArts.1002": {meaning: "ModelArts could not work with OBS.", remedy: askOBS, attribute: "train_url"},
	"ModelArts.1003": {
		meaning:   "ModelArts may not read the OBS path, or the account is frozen or in arrears.",
		remedy:    askOBS,
		attribute: "train_url",
	},
	"ModelArts.2791": {meaning: "The OBS path is not valid.", remedy: askOBS, attribute: "train_url"},
	"ModelArts.3551": {meaning: "The OBS path does not exist.", remedy: askOBS, attribute: "train_url"},
	"ModelArts.3572": {meaning: "The OBS path is not valid.", remedy: askOBS, attribute: "train_url"},
	"ModelArts.4311": {meaning: "The OBS bucket does not exist.", remedy: askOBS, attribute: "train_url"},
	"ModelArts.4312": {meaning: "The OBS path does not exist.", remedy: askOBS, attribute: "train_url"},
	"ModelArts.4313": {meaning: "The OBS path has characters that it may not have.", remedy: askOBS, attribute: "train_url"},
	"ModelArts.4314": {meaning: "ModelArts could not read the OBS path.", remedy: askOBS, attribute: "train_url"},
	"APIGW.0101": {
		meaning: "The gateway knows no ModelArts at this address.",
		remedy:  "Check endpoint and region of the provider.",
	},
	"APIGW.0201": {meaning: "The gateway could not make sense of the request.", remedy: "Check endpoint of the provider."},
	"APIGW.0301": {
		meaning: "The gateway does not accept the credentials.",
		remedy:  askAuth,
	},
	"APIGW.0302": {meaning: "The credentials may not use this API.", remedy: askPolicy},
	"APIGW.0307": {
		meaning: "The token has expired or was revoked.",
		remedy: "A token given to the provider cannot be renewed: get a new one (it lives 24 hours), or configure " +
			"a user and a password or an access key.",
	},
	"APIGW.0308": {
		meaning: "There were too many requests until the time of the operation was over.",
		remedy: "Give the operation more time, or run it again later. If nothing else uses the account meanwhile, " +
			"have the rate limit raised.",
	},
}
