package visualizationjob_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/google/go-cmp/cmp"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// equal compares pairs of what is and what should be.
func equal(pairs ...any) error {
	for i := 0; i < len(pairs); i += 2 {
		if diff := cmp.Diff(pairs[i+1], pairs[i]); diff != "" {
			return fmt.Errorf("unexpected (-want +got):\n%s", diff)
		}
	}
	return nil
}

// redescribe changes a description as somebody else would, with a call to the API.
func redescribe(server *simulator.Server, id int64, description string) {
	url := fmt.Sprintf("%s/v1/%s/visualization-jobs/%d", server.Endpoint(), simulator.DefaultProjectID, id)
	req, err := http.NewRequest(http.MethodPut, url, strings.NewReader(fmt.Sprintf(`{"job_desc":%q}`, description)))
	if err != nil {
		panic(err)
	}
	req.Header.Set("X-Auth-Token", server.IssueToken())
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		panic(err)
	}
	defer resp.Body.Close()
	if answer, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != http.StatusOK {
		panic(fmt.Sprint(resp.Status, string(answer), err))
	}
}

// count returns how many of the calls had the method.
func count(calls []simulator.Call, method string) int {
	n := 0
	for _, call := range calls {
		if call.Method == method {
			n++
		}
	}
	return n
}

// denied is an answer that these credentials may not make the call, once so many of the
// method and the path passed. Empty strings are any.
func denied(method, path string, skip int) simulator.Fault {
	fault, err := simulator.NamedFault("denied")
	if err != nil {
		panic(err)
	}
	fault.Method, fault.Path, fault.Skip, fault.Message = method, path, skip, "not yours"
	return fault
}
