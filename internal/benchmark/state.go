//go:build unix

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strconv"
)

// Which job the instance with the index i is, in the configuration, in the state and
// in the simulator.

func jobID(i int) int64     { return int64(i) + 1 }
func jobName(i int) string  { return "job-" + strconv.Itoa(i) }
func trainURL(i int) string { return "/benchmark/run-" + strconv.Itoa(i) + "/" }
func idString(i int) string { return strconv.FormatInt(jobID(i), 10) }

// object is a JSON object.
type object = map[string]any

// mostInstances is how many instances a resource has at most. What the CLI itself does
// grows with the square of them: with ten thousand it would hide what a provider does.
const mostInstances = 1000

// block is a resource block with a count.
type block struct {
	name         string
	first, count int
}

// blocksOf spreads n instances over blocks.
func blocksOf(n int) []block {
	var blocks []block
	for first := 0; first < n; first += mostInstances {
		blocks = append(blocks, block{fmt.Sprintf("job_%d", len(blocks)), first, min(n-first, mostInstances)})
	}
	return blocks
}

// multiply returns the state with n instances where it has one. All but names, indexes
// and what vary changes is as the CLI wrote it: an identity, private data, the version of
// the schema.
func multiply(state []byte, n int, vary func(instance object, i int)) ([]byte, error) {
	var document object
	if err := json.Unmarshal(state, &document); err != nil {
		return nil, fmt.Errorf("read the state: %w", err)
	}
	resource, err := only(document["resources"])
	if err != nil {
		return nil, fmt.Errorf("the resources in the state: %w", err)
	}
	instance, err := only(resource["instances"])
	if err != nil {
		return nil, fmt.Errorf("the instances in the state: %w", err)
	}
	if instance["index_key"] == nil {
		return nil, errors.New("the resource in the state has no count")
	}
	var resources []any
	for _, b := range blocksOf(n) {
		instances := make([]any, b.count)
		for i := range instances {
			one, err := clone(instance)
			if err != nil {
				return nil, err
			}
			one["index_key"] = i
			vary(one, b.first+i)
			instances[i] = one
		}
		one := maps.Clone(resource)
		one["name"], one["instances"] = b.name, instances
		resources = append(resources, one)
	}
	document["resources"] = resources
	return json.Marshal(document)
}

// only returns the object that is all there is in a list.
func only(list any) (object, error) {
	all, _ := list.([]any)
	if len(all) != 1 {
		return nil, fmt.Errorf("there are %d, want one", len(all))
	}
	one, ok := all[0].(object)
	if !ok {
		return nil, errors.New("there is one, but no object")
	}
	return one, nil
}

// clone returns a deep copy.
func clone(original object) (object, error) {
	encoded, err := json.Marshal(original)
	if err != nil {
		return nil, err
	}
	var copied object
	return copied, json.Unmarshal(encoded, &copied)
}

// varyJob makes an instance of a visualization job the one with the index i.
func varyJob(instance object, i int) {
	set(instance, "attributes", object{"id": idString(i), "name": jobName(i), "train_url": trainURL(i)})
	set(instance, "identity", object{"id": idString(i)})
}

// varyData does the same for terraform_data.
func varyData(instance object, i int) {
	set(instance, "attributes", object{"id": idString(i)})
	for _, value := range []string{"input", "output"} {
		set(instance["attributes"], value, object{"value": jobName(i)})
	}
}

// varyExample does the same for the resource of the scaffolding.
func varyExample(instance object, i int) { set(instance, "attributes", object{"id": idString(i)}) }

// set sets values in the object under the key, if there is one.
func set(in any, key string, values object) {
	outer, _ := in.(object)
	inner, ok := outer[key].(object)
	if !ok {
		return
	}
	maps.Copy(inner, values)
}
