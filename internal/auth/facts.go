package auth

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/sanitize"
)

// Facts returns the facts of an error response, one on each line. It omits an empty code and an empty request ID. The request
// is its method and path, such as "GET /visualization-jobs/197".
func Facts(message, code sanitize.Text, status int, requestID sanitize.Text, request string) string {
	facts := []string{"API message: " + string(cmp.Or(message, "(no message)"))}
	if code != "" {
		facts = append(facts, "Error code: "+string(code))
	}
	facts = append(facts, fmt.Sprintf("HTTP status: %d", status))
	if requestID != "" {
		facts = append(facts, "Request ID: "+string(requestID))
	}
	return strings.Join(append(facts, "Request: "+request), "\n")
}
