package provider

import (
	"context"
	"errors"
	"reflect"
	"runtime"
	"testing"
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

// keeps tells whether a server keeps the context of a call that has ended.
func keeps(t *testing.T, server tfprotov6.ProviderServer, name string) bool {
	t.Helper()
	value := callWith(t, server, name)
	runtime.GC()
	defer runtime.KeepAlive(server)
	return value.Value() != nil
}

func TestCallsAreForgotten(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"ValidateResourceConfig", "UpgradeResourceState", "UpgradeResourceIdentity", "ReadResource", "PlanResourceChange",
		"ApplyResourceChange", "ImportResourceState", "MoveResourceState", "ValidateDataResourceConfig", "ReadDataSource",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ours := NewServer("test").(*server)
			if keeps(t, ours, name) {
				t.Error("the context of the call is kept")
			}
			if !keeps(t, ours.frameworkServer, name) {
				t.Error("the framework keeps no context any more: calls.go can go")
			}
		})
	}
}

// While it lasts, a call has the context that it was made with, and can be stopped.
func TestContextOfCall(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(context.WithValue(t.Context(), ofCall{}, "value"), time.Hour)
	var after context.Context
	_, err := during(ctx, func(ctx context.Context, _ struct{}) (struct{}, error) {
		if _, ok := ctx.Deadline(); !ok || ctx.Value(ofCall{}) != "value" || ctx.Err() != nil {
			t.Errorf("it has a deadline: %v, the value %v and the error %v", ok, ctx.Value(ofCall{}), ctx.Err())
		}
		inner, end := context.WithCancel(ctx)
		defer end()
		cancel()
		<-inner.Done()
		after = ctx
		return struct{}{}, ctx.Err()
	}, struct{}{})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the call failed with %v", err)
	}
	if after.Value(ofCall{}) != nil {
		t.Error("the value is still there after the call")
	}
}
