//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const oneInstance = `{
  "version": 4, "serial": 1, "lineage": "here",
  "resources": [{
    "mode": "managed", "type": "modelarts_visualization_job", "name": "job_0", "provider": "p",
    "instances": [{
      "index_key": 0, "schema_version": 0,
      "attributes": {"id": "9", "name": "first", "train_url": "/a/", "status": "RUNNING", "schedule": null},
      "identity_schema_version": 1, "identity": {"id": "9", "project_id": "c3f2"},
      "private": "eyJ9"
    }]
  }]
}`

func TestMultiply(t *testing.T) {
	t.Parallel()
	const n = mostInstances + 2
	got, err := multiply([]byte(oneInstance), n, varyJob)
	if err != nil {
		t.Fatal(err)
	}
	var state struct {
		Lineage   string
		Resources []struct {
			Type, Name, Provider string
			Instances            []object
		}
	}
	if err := json.Unmarshal(got, &state); err != nil {
		t.Fatal(err)
	}
	if state.Lineage != "here" || len(state.Resources) != 2 {
		t.Fatalf("lineage %q and %d resources, want that of before, and two", state.Lineage, len(state.Resources))
	}
	for i, want := range []struct {
		name  string
		count int
	}{{"job_0", mostInstances}, {"job_1", 2}} {
		r := state.Resources[i]
		if r.Name != want.name || len(r.Instances) != want.count || r.Type != "modelarts_visualization_job" || r.Provider != "p" {
			t.Errorf("resource %d: %s of %s with %d instances, want %+v", i, r.Name, r.Provider, len(r.Instances), want)
		}
	}
	want := object{
		"index_key": 1.0, "schema_version": 0.0,
		"attributes": object{
			"id": "1002", "name": "job-1001", "train_url": "/benchmark/run-1001/", "status": "RUNNING", "schedule": nil,
		},
		"identity_schema_version": 1.0, "identity": object{"id": "1002", "project_id": "c3f2"},
		"private": "eyJ9",
	}
	if diff := cmp.Diff(want, state.Resources[1].Instances[1]); diff != "" {
		t.Errorf("the last instance (-want +got):\n%s", diff)
	}
}

// CLIs before 1.12 keep no identity: none may be made up.
func TestMultiplyWithoutIdentity(t *testing.T) {
	t.Parallel()
	state := strings.Replace(oneInstance, `"identity": {"id": "9", "project_id": "c3f2"},`, "", 1)
	got, err := multiply([]byte(state), 2, varyJob)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(got), `"identity":`) {
		t.Errorf("there is an identity in %s", got)
	}
}

func TestMultiplyRefuses(t *testing.T) {
	t.Parallel()
	for name, state := range map[string]string{
		"no state":      "{",
		"no resource":   `{"resources": []}`,
		"two resources": `{"resources": [{}, {}]}`,
		"no instance":   `{"resources": [{"instances": []}]}`,
		"no count":      `{"resources": [{"instances": [{"attributes": {}}]}]}`,
	} {
		if got, err := multiply([]byte(state), 2, varyJob); err == nil {
			t.Errorf("%s: got %s, want an error", name, got)
		}
	}
}

// The configuration, the state and the simulator have to be of the same jobs.
func TestConfig(t *testing.T) {
	t.Parallel()
	config := jobKind.config(mostInstances + 2)
	for _, want := range []string{
		fmt.Sprintf("\"job_0\" {\n  count = %d\n  name      = \"job-${count.index + 0}\"", mostInstances),
		fmt.Sprintf("\"job_1\" {\n  count = 2\n  name      = \"job-${count.index + %[1]d}\"\n  train_url = \"/benchmark/run-${count.index + %[1]d}/\"", mostInstances),
	} {
		if !strings.Contains(config, want) {
			t.Errorf("there is no %q in\n%s", want, config)
		}
	}
}
