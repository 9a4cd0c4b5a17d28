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

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/sanitize"
)

var namePattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,20}$`)

// nameForm says in words what namePattern takes.
const nameForm = "must be 1 to 20 letters, digits, _ and -"

// parseID reads a job id: digits, as the API writes them.
func parseID(s string) (int64, error) {
	id, err := strconv.ParseInt(s, 10, 64)
	if err != nil || id < 1 || strconv.FormatInt(id, 10) != s {
		return 0, fmt.Errorf("%.40q is not the id of a visualization job, which is a number such as 197", s)
	}
	return id, nil
}

// invalidID is the diagnostic for what parseID does not take.
func invalidID(err error) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("id"), "Invalid id of a visualization job", sanitize.Capitalize(err.Error())+
		".\n\nThe ids of all jobs are in the ModelArts console, and at the end of their service URLs.")
}

// idValidator checks the form of a configured id.
type idValidator struct{}

// Description implements validator.Describer.
func (idValidator) Description(context.Context) string {
	return "value must be the id of a job, as digits"
}

// MarkdownDescription implements validator.Describer.
func (v idValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString implements validator.String.
func (idValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if _, err := parseID(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.Append(invalidID(err))
	}
}

// checkTrainURL returns what is wrong with an OBS path, or "".
func checkTrainURL(s string) string {
	scheme, rest := cutScheme(s)
	parts := strings.FieldsFunc(rest, func(r rune) bool { return r == '/' })
	right := "/" + strings.Join(parts, "/") + "/"
	switch {
	case strings.ContainsFunc(s, unicode.IsControl):
		return "The OBS path must not contain control characters."
	case len(parts) == 0:
		return "The OBS path must name a bucket: /bucket/prefix/."
	case scheme != "":
		return fmt.Sprintf("The API wants the OBS path without %q. Write %q.", scheme, right)
	case !strings.HasPrefix(s, "/"):
		return fmt.Sprintf("The OBS path must begin with a slash: /bucket/prefix/. Did you mean %q?", right)
	case strings.Contains(s, "//"):
		return fmt.Sprintf("The OBS path must not contain an empty part (//). Did you mean %q?", right)
	}
	return ""
}

// cutScheme splits an OBS path into a scheme such as "obs://", or "", and the rest.
func cutScheme(s string) (scheme, rest string) {
	before, after, found := strings.Cut(s, "://")
	if !found || strings.Contains(before, "/") {
		return "", s
	}
	return before + "://", after
}

// schemeValidator refuses an OBS path with a scheme, which the path of no existing job in a state has.
// checkNewPath checks the rest.
type schemeValidator struct{}

// Description implements validator.Describer.
func (schemeValidator) Description(context.Context) string {
	return "value must be an OBS path of the form /bucket/prefix/"
}

// MarkdownDescription implements validator.Describer.
func (v schemeValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString implements validator.String. Null and unknown values have no scheme.
func (schemeValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	value := req.ConfigValue.ValueString()
	if scheme, _ := cutScheme(value); scheme != "" {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid OBS path", checkTrainURL(value))
	}
}

// WholeNumber checks that a number is whole and in a range.
type WholeNumber struct{ Min, Max int64 }

// Description implements validator.Describer.
func (v WholeNumber) Description(context.Context) string {
	return fmt.Sprintf("must be a whole number from %d to %d", v.Min, v.Max)
}

// MarkdownDescription implements validator.Describer.
func (v WholeNumber) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateNumber implements validator.Number.
func (v WholeNumber) ValidateNumber(ctx context.Context, req validator.NumberRequest, resp *validator.NumberResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	n := req.ConfigValue.ValueBigFloat()
	if !n.IsInt() || n.Cmp(new(big.Float).SetInt64(v.Min)) < 0 || n.Cmp(new(big.Float).SetInt64(v.Max)) > 0 {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid number",
			fmt.Sprintf("%s %s, got %s.", req.Path, v.Description(ctx), n.Text('g', -1)))
	}
}

// timeoutValidator checks that a timeout is a duration above zero.
type timeoutValidator struct{}

// Description implements validator.Describer.
func (timeoutValidator) Description(context.Context) string {
	return `must be a number above zero with a unit, for example "30m"`
}

// MarkdownDescription implements validator.Describer.
func (v timeoutValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString implements validator.String.
func (v timeoutValidator) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if timeout, err := time.ParseDuration(req.ConfigValue.ValueString()); err != nil || timeout <= 0 {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid timeout",
			fmt.Sprintf("%s %s, got %.40q.", req.Path, v.Description(ctx), req.ConfigValue.ValueString()))
	}
}
