package visualizationjob

import (
	"context"
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/sanitize"
)

var namePattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,20}$`)

const nameForm = "must have 1 to 20 characters: letters, digits, _ and -"

// parseID parses the ID of a job: a positive number without a sign or leading zeros.
func parseID(s string) (int64, error) {
	id, err := strconv.ParseInt(s, 10, 64)
	if err != nil || id < 1 || strconv.FormatInt(id, 10) != s {
		return 0, fmt.Errorf("%.40q isn't the ID of a visualization job, which is a number such as 197", s)
	}
	return id, nil
}

// described implements validator.Describer and planmodifier.Describer.
type described string

func (d described) Description(context.Context) string { return string(d) }

func (d described) MarkdownDescription(context.Context) string { return string(d) }

// stringRule validates a string that is known and not null.
type stringRule struct {
	described

	fault func(at path.Path, value string) diag.Diagnostic // nil for a valid value
}

func (r stringRule) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	resp.Diagnostics.Append(r.check(req.Path, req.ConfigValue))
}

func (r stringRule) check(at path.Path, value types.String) diag.Diagnostic {
	if value.IsNull() || value.IsUnknown() {
		return nil
	}
	return r.fault(at, value.ValueString())
}

var validID = stringRule{"must be the ID of a job, such as 197", func(at path.Path, value string) diag.Diagnostic {
	if _, err := parseID(value); err != nil {
		return diag.NewAttributeErrorDiagnostic(at, "Invalid visualization job ID", sanitize.Capitalize(err.Error())+
			".\n\nThe ModelArts console shows the IDs of all jobs. The data source modelarts_visualization_jobs lists them.")
	}
	return nil
}}

// noScheme rejects an OBS path with a scheme, which no existing job has. planPath checks the other rules, because existing
// jobs can break them.
var noScheme = stringRule{"must be an OBS path of the form /bucket/prefix/", func(at path.Path, value string) diag.Diagnostic {
	if pathScheme.MatchString(value) {
		return diag.NewAttributeErrorDiagnostic(at, "Invalid OBS path", checkTrainURL(value))
	}
	return nil
}}

var validTimeout = stringRule{`must be a number above zero with a unit, for example "30m"`, func(at path.Path, value string) diag.Diagnostic {
	if timeout, err := time.ParseDuration(value); err != nil || timeout <= 0 {
		return diag.NewAttributeErrorDiagnostic(at, "Invalid timeout",
			fmt.Sprintf(`%s must be a number above zero with a unit, for example "30m", got %.40q.`, at, value))
	}
	return nil
}}

var pathScheme = regexp.MustCompile(`^[^/]*://`)

// checkTrainURL returns an explanation of why an OBS path is invalid, or "".
func checkTrainURL(s string) string {
	scheme := pathScheme.FindString(s)
	parts := strings.FieldsFunc(s[len(scheme):], func(r rune) bool { return r == '/' })
	right := "/" + strings.Join(parts, "/") + "/"
	switch {
	case strings.ContainsFunc(s, unicode.IsControl):
		return "The OBS path must not contain control characters."
	case len(parts) == 0:
		return "The OBS path must have a bucket, for example /bucket/prefix/."
	case scheme != "":
		return fmt.Sprintf("The OBS path must not have the scheme %q. Write %q.", scheme, right)
	case !strings.HasPrefix(s, "/"):
		return fmt.Sprintf("The OBS path must begin with a slash. Did you mean %q?", right)
	case strings.Contains(s, "//"):
		return fmt.Sprintf("The OBS path must not contain an empty part (//). Did you mean %q?", right)
	}
	return ""
}

// WholeNumber returns a validator for a whole number in a range.
func WholeNumber(least, most int64) validator.Number {
	return wholeNumber{described(fmt.Sprintf("must be a whole number from %d to %d", least, most)), least, most}
}

type wholeNumber struct {
	described

	least, most int64
}

func (v wholeNumber) ValidateNumber(_ context.Context, req validator.NumberRequest, resp *validator.NumberResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	n := req.ConfigValue.ValueBigFloat()
	if i, accuracy := n.Int64(); accuracy != big.Exact || i < v.least || i > v.most {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid number", fmt.Sprintf("%s %s, got %s.", req.Path, v.described, n.Text('g', -1)))
	}
}
