package auth

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/sanitize"
)

// Facts returns what a response that is an error says, line by line. Empty strings are left out.
func Facts(message, code sanitize.Text, status int, requestID sanitize.Text, call string) string {
	facts := []string{"API message: " + string(cmp.Or(message, "(no message)"))}
	if code != "" {
		facts = append(facts, "Error code: "+string(code))
	}
	facts = append(facts, fmt.Sprintf("HTTP status: %d", status))
	if requestID != "" {
		facts = append(facts, "Request ID: "+string(requestID))
	}
	return strings.Join(append(facts, "Call: "+call), "\n")
}
