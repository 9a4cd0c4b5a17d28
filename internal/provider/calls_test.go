package provider

import (
	"context"
	"errors"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// ofCall is a key of a context.
type ofCall struct{}

// callWith makes a call with something of its own in the context.
func callWith(t *testing.T, server tfprotov6.ProviderServer, name string) weak.Pointer[[1024]byte] {
	t.Helper()
	call := reflect.ValueOf(server).MethodByName(name)
	if !call.IsValid() {
		t.Fatalf("there is no %s", name)
	}
	value := new([1024]byte)
	results := call.Call([]reflect.Value{
		reflect.ValueOf(context.WithValue(t.Context(), ofCall{}, value)),
		reflect.New(call.Type().In(1).Elem()), // for no resource that there is
	})
	if err := results[1].Interface(); err != nil {
		t.Fatal(err)
	}
	return weak.Make(value)
}

// keeps reports whether a server keeps the context of an RPC that has ended.
func keeps(t *testing.T, server tfprotov6.ProviderServer, name string) bool {
	t.Helper()
	value := callWith(t, server, name)
	runtime.GC()
	defer runtime.KeepAlive(server)
	return value.Value() != nil
}

func TestContextsOfASilentProviderAreNotKept(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"ValidateResourceConfig", "UpgradeResourceState", "UpgradeResourceIdentity", "ReadResource", "PlanResourceChange",
		"ApplyResourceChange", "ImportResourceState", "MoveResourceState", "ValidateDataResourceConfig", "ReadDataSource",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ours := NewServer("test").(*server)
			ours.silent = true
			if keeps(t, ours, name) {
				t.Error("the context of the RPC is kept")
			}
			if !keeps(t, ours.frameworkServer, name) {
				t.Error("the framework keeps no context any more: calls.go can go")
			}
		})
	}
}

// An RPC has its caller's deadline and end, and its values if they can be loggers that log. What a context
// says doesn't change when the RPC has ended.
func TestContextOfCall(t *testing.T) {
	t.Parallel()
	for name, silent := range map[string]bool{"silent": true, "with a log": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var value any
				if !silent {
					value = "value"
				}
				for _, want := range []error{nil, context.Canceled, context.DeadlineExceeded} {
					ctx, cancel := context.WithTimeout(context.WithValue(t.Context(), ofCall{}, "value"), time.Hour)
					defer cancel()
					var received context.Context
					_, _ = during(ctx, &server{silent: silent}, func(c context.Context, _ struct{}) (struct{}, error) {
						received = c
						got, ok := c.Deadline()
						if deadline, _ := ctx.Deadline(); !ok || !got.Equal(deadline) || c.Err() != nil {
							t.Errorf("the deadline is %v, want %v; the error is %v", got, deadline, c.Err())
						}
						if want != nil {
							if errors.Is(want, context.Canceled) {
								cancel()
							}
							<-c.Done()
						}
						if !errors.Is(c.Err(), want) || c.Value(ofCall{}) != value {
							t.Errorf("the error is %v and the value %v, want %v and %v", c.Err(), c.Value(ofCall{}), want, value)
						}
						return struct{}{}, nil
					}, struct{}{})
					if received.Value(ofCall{}) != value {
						t.Errorf("after the RPC, the value is %v", received.Value(ofCall{}))
					}
				}
			})
		})
	}
}

// Each RPC that a provider of resources, data sources, lists and actions gets sanitizes its diagnostics. The
// framework quotes the name of an unknown type in them.
func TestDiagnosticsOfEachCallAreSanitized(t *testing.T) {
	t.Parallel()
	const command = "##[error]\x1b[31m"
	typeNames := []string{"TypeName", "ActionType", "TargetTypeName"}
	server := reflect.ValueOf(NewServer("test"))
	var checked []string
	for method, call := range server.Methods() {
		if call.Type().NumIn() != 2 || call.Type().NumOut() != 2 || call.Type().In(1).Kind() != reflect.Pointer {
			continue
		}
		req := reflect.New(call.Type().In(1).Elem())
		typeName := req.Elem().FieldByNameFunc(func(field string) bool { return slices.Contains(typeNames, field) })
		if _, isOfStore := reflect.TypeFor[tfprotov6.StateStoreServer]().MethodByName(method.Name); isOfStore ||
			!typeName.IsValid() || strings.Contains(method.Name, "Ephemeral") {
			continue // the provider has none
		}
		typeName.SetString(command)
		results := call.Call([]reflect.Value{reflect.ValueOf(t.Context()), req})
		if err := results[1].Interface(); err != nil {
			t.Errorf("%s: %v", method.Name, err)
			continue
		}
		diagnostics := diagnosticsOf(results[0].Interface())
		if len(diagnostics) == 0 {
			t.Errorf("%s says nothing about an unknown type", method.Name)
		}
		for _, diagnostic := range diagnostics {
			if text := diagnostic.Summary + diagnostic.Detail; strings.Contains(text, "##[") || strings.Contains(text, "\x1b") {
				t.Errorf("%s: %q", method.Name, text)
			}
		}
		checked = append(checked, method.Name)
	}
	if len(checked) < 14 {
		t.Errorf("only %d RPCs were checked: %v", len(checked), checked)
	}
}

func diagnosticsOf(resp any) (diagnostics []*tfprotov6.Diagnostic) {
	switch r := resp.(type) {
	case *tfprotov6.InvokeActionServerStream:
		for event := range r.Events {
			if completed, ok := event.Type.(tfprotov6.CompletedInvokeActionEventType); ok {
				diagnostics = append(diagnostics, completed.Diagnostics...)
			}
		}
	case *tfprotov6.ListResourceServerStream:
		for result := range r.Results {
			diagnostics = append(diagnostics, result.Diagnostics...)
		}
	default:
		diagnostics, _ = reflect.TypeAssert[[]*tfprotov6.Diagnostic](reflect.ValueOf(resp).Elem().FieldByName("Diagnostics"))
	}
	return diagnostics
}

// odd is a framework's server whose responses have text that must not be shown as it is.
type odd struct{ frameworkServer }

const oddText = "##[error]\x1b[31m secret-password\n::error::x"

func oddDiagnostics() []*tfprotov6.Diagnostic {
	return []*tfprotov6.Diagnostic{{Summary: oddText, Detail: oddText}}
}

func (odd) ValidateProviderConfig(context.Context, *tfprotov6.ValidateProviderConfigRequest) (*tfprotov6.ValidateProviderConfigResponse, error) {
	return &tfprotov6.ValidateProviderConfigResponse{Diagnostics: oddDiagnostics()}, nil
}

func (odd) ConfigureProvider(context.Context, *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	return &tfprotov6.ConfigureProviderResponse{Diagnostics: oddDiagnostics()}, nil
}

func (odd) InvokeAction(context.Context, *tfprotov6.InvokeActionRequest) (*tfprotov6.InvokeActionServerStream, error) {
	return &tfprotov6.InvokeActionServerStream{Events: func(push func(tfprotov6.InvokeActionEvent) bool) {
		push(tfprotov6.InvokeActionEvent{Type: tfprotov6.ProgressInvokeActionEventType{Message: oddText}})
		push(tfprotov6.InvokeActionEvent{Type: tfprotov6.CompletedInvokeActionEventType{Diagnostics: oddDiagnostics()}})
	}}, nil
}

func (odd) ListResource(context.Context, *tfprotov6.ListResourceRequest) (*tfprotov6.ListResourceServerStream, error) {
	return &tfprotov6.ListResourceServerStream{Results: func(push func(tfprotov6.ListResourceResult) bool) {
		push(tfprotov6.ListResourceResult{DisplayName: oddText, Diagnostics: oddDiagnostics()})
	}}, nil
}

// Progress messages, display names and the diagnostics of streams are fit to be shown, too.
func TestTextOfEachKindIsSanitized(t *testing.T) {
	t.Parallel()
	s := NewServer("test").(*server)
	s.frameworkServer = odd{}
	s.redactor.Add("secret-password")
	shown := map[string]string{}
	validated, _ := s.ValidateProviderConfig(t.Context(), nil)
	configured, _ := s.ConfigureProvider(t.Context(), nil)
	events, _ := s.InvokeAction(t.Context(), nil)
	for event := range events.Events {
		switch is := event.Type.(type) {
		case tfprotov6.ProgressInvokeActionEventType:
			shown["progress"] = is.Message
		case tfprotov6.CompletedInvokeActionEventType:
			shown["action"] = is.Diagnostics[0].Summary
		}
	}
	results, _ := s.ListResource(t.Context(), nil)
	for result := range results.Results {
		shown["display name"], shown["list"] = result.DisplayName, result.Diagnostics[0].Summary
	}
	shown["validate"], shown["configure"] = validated.Diagnostics[0].Summary, configured.Diagnostics[0].Summary
	if len(shown) != 6 {
		t.Errorf("only %v was shown", shown)
	}
	for name, text := range shown {
		if text != "# #[error][31m [redacted] : :error::x" {
			t.Errorf("%s: %q", name, text)
		}
	}
	if detail := configured.Diagnostics[0].Detail; detail != "# #[error][31m [redacted]\n: :error::x" {
		t.Errorf("detail: %q", detail)
	}
}
