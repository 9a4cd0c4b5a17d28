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
	"weak"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// contextKey is a key of a context.
type contextKey struct{}

// keeps reports whether a server keeps the context of an RPC that has ended.
func keeps(t *testing.T, server tfprotov6.ProviderServer, name string) bool {
	t.Helper()
	kept := func() weak.Pointer[[1024]byte] {
		rpc := reflect.ValueOf(server).MethodByName(name)
		value := new([1024]byte)
		results := rpc.Call([]reflect.Value{
			reflect.ValueOf(context.WithValue(t.Context(), contextKey{}, value)),
			reflect.New(rpc.Type().In(1).Elem()), // for an unknown resource
		})
		if err := results[1].Interface(); err != nil {
			t.Fatal(err)
		}
		return weak.Make(value)
	}()
	runtime.GC()
	defer runtime.KeepAlive(server)
	return kept.Value() != nil
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
				t.Error("the framework keeps no context any more: rpc.go can be simpler")
			}
		})
	}
}

// An RPC ends with its caller's context, and has its values if they can be loggers that log. The values
// don't change when the RPC has ended.
func TestContextOfRPC(t *testing.T) {
	t.Parallel()
	for name, silent := range map[string]bool{"silent": true, "with a log": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var value any
				if !silent {
					value = "value"
				}
				for _, want := range []error{nil, context.Canceled} {
					ctx, cancel := context.WithCancel(context.WithValue(t.Context(), contextKey{}, "value"))
					defer cancel()
					var received context.Context
					_, _ = serve(ctx, &server{silent: silent}, func(c context.Context, _ struct{}) (struct{}, error) {
						received = c
						if want != nil {
							cancel()
							<-c.Done()
						}
						if !errors.Is(c.Err(), want) || c.Value(contextKey{}) != value {
							t.Errorf("the error is %v and the value %v, want %v and %v", c.Err(), c.Value(contextKey{}), want, value)
						}
						return struct{}{}, nil
					}, struct{}{})
					if received.Value(contextKey{}) != value {
						t.Errorf("after the RPC, the value is %v", received.Value(contextKey{}))
					}
				}
			})
		})
	}
}

// Each RPC for resources and data sources sanitizes its diagnostics. The framework quotes the name of an unknown type in them.
// TestTextOfEachKindIsSanitized has the streams of lists and actions.
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
		_, hasDiagnostics := call.Type().Out(0).Elem().FieldByName("Diagnostics")
		req := reflect.New(call.Type().In(1).Elem())
		typeName := req.Elem().FieldByNameFunc(func(field string) bool { return slices.Contains(typeNames, field) })
		if _, isOfStore := reflect.TypeFor[tfprotov6.StateStoreServer]().MethodByName(method.Name); isOfStore ||
			!hasDiagnostics || !typeName.IsValid() || strings.Contains(method.Name, "Ephemeral") {
			continue // the provider has no stores and no ephemeral resources
		}
		typeName.SetString(command)
		results := call.Call([]reflect.Value{reflect.ValueOf(t.Context()), req})
		if err := results[1].Interface(); err != nil {
			t.Errorf("%s: %v", method.Name, err)
			continue
		}
		diagnostics, _ := reflect.TypeAssert[[]*tfprotov6.Diagnostic](results[0].Elem().FieldByName("Diagnostics"))
		if len(diagnostics) == 0 {
			t.Errorf("%s returns no diagnostic for an unknown type", method.Name)
		}
		for _, diagnostic := range diagnostics {
			if text := diagnostic.Summary + diagnostic.Detail; strings.Contains(text, "##[") || strings.Contains(text, "\x1b") {
				t.Errorf("%s: %q", method.Name, text)
			}
		}
		checked = append(checked, method.Name)
	}
	if len(checked) < 12 {
		t.Errorf("only %d RPCs were checked: %v", len(checked), checked)
	}
}
