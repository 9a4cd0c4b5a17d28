package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/httpclient"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/sanitize"
)

// maxLogged is the maximum length of one field, in bytes.
const maxLogged = 2000

// logger writes the log of the provider. It removes credentials from the text of each field. The messages are constants.
type logger struct{ redactor *sanitize.Redactor }

func (l logger) info(ctx context.Context, message string, fields map[string]any) {
	tflog.Info(ctx, message, l.safe(fields)) //nolint:forbidigo // the fields are safe
}

func (l logger) safe(fields map[string]any) map[string]any {
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

// attempt returns a function that logs an attempt of a request with the message.
func (l logger) attempt(message string) func(context.Context, httpclient.Attempt) {
	return func(ctx context.Context, attempt httpclient.Attempt) {
		fields := map[string]any{
			"method":      attempt.Method,
			"path":        attempt.Path,
			"status":      attempt.Status,
			"attempt":     attempt.Number,
			"request_id":  attempt.RequestID,
			"duration_ms": attempt.Duration.Milliseconds(),
		}
		if attempt.Err != nil {
			fields["error"] = attempt.Err
		}
		tflog.Debug(ctx, message, l.safe(fields)) //nolint:forbidigo // the fields are safe
	}
}
