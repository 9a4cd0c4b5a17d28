package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/httpclient"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/sanitize"
)

// maxLogged is in bytes, of one field.
const maxLogged = 2000

// logger writes all lines of the provider's log. It removes credentials from the text of each field.
// Messages are constants.
type logger struct {
	redactor *sanitize.Redactor
	silent   bool // nothing is logged
}

func (l logger) info(ctx context.Context, message string, fields map[string]any) {
	tflog.Info(ctx, message, l.safe(fields)) //nolint:forbidigo // the fields are safe
}

// safe returns the fields with redacted texts.
func (l logger) safe(fields map[string]any) map[string]any {
	if l.silent {
		return nil
	}
	safe := map[string]any{}
	for name, value := range fields {
		switch value.(type) {
		case bool, int, int64, sanitize.Text:
			safe[name] = value
		default:
			safe[name] = l.redactor.Text(fmt.Sprint(value), maxLogged)
		}
	}
	return safe
}

// call returns a function that writes a line for each attempt of each request.
func (l logger) call(message string) func(context.Context, httpclient.Call) {
	return func(ctx context.Context, call httpclient.Call) {
		fields := map[string]any{
			"method":      call.Method,
			"path":        call.Path,
			"status":      call.Status,
			"attempt":     call.Attempt,
			"request_id":  call.RequestID,
			"duration_ms": call.Duration.Milliseconds(),
		}
		if call.Err != nil {
			fields["error"] = call.Err
		}
		tflog.Debug(ctx, message, l.safe(fields)) //nolint:forbidigo // the fields are safe
	}
}
