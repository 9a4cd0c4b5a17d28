//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
)

// wanted is a job of the configuration.
type wanted struct {
	Block       int     `json:"block"`
	Name        string  `json:"name"`
	TrainURL    string  `json:"train_url"`
	Description *string `json:"description"`
	Running     *bool   `json:"running"` // nil is left out
	Hours       *int    `json:"hours"`   // of the schedule; nil is without one
}

// fleet is all that is configured, by key.
type fleet struct {
	jobs   map[string]*wanted
	made   int // jobs so far, those removed since included
	random *rand.Rand
}

// perBlock is how many jobs a resource block has at the beginning. What a CLI does grows
// with the square of it.
const perBlock = 100

// blocks returns how many blocks there are for so many jobs.
func blocks(jobs int) int { return (jobs + perBlock - 1) / perBlock }

func newFleet(jobs int, random *rand.Rand) *fleet {
	f := &fleet{jobs: make(map[string]*wanted, jobs), random: random}
	for range jobs {
		f.add(blocks(jobs))
	}
	return f
}

// add makes a job of a random kind.
func (f *fleet) add(blocks int) {
	n := f.made
	f.made++
	job := &wanted{Block: n % blocks, Name: fmt.Sprintf("job-%d", n), TrainURL: fmt.Sprintf("/soak/run-%d/", n)}
	if f.random.IntN(2) == 0 {
		job.Description = new(fmt.Sprintf("first of %d", n))
	}
	// One that runs as long as it pleases, or is stopped by its schedule, is left alone; with
	// running = true a schedule would be started over and over.
	switch f.random.IntN(4) {
	case 0:
		job.Running = new(true)
	case 1:
		job.Running = new(false)
	case 2:
		job.Hours = f.hours()
	case 3:
		switch f.random.IntN(3) {
		case 0:
			job.Running, job.Hours = new(false), f.hours()
		case 1:
			job.Hours = new(0)
		}
	}
	f.jobs[fmt.Sprintf("key-%04d", n)] = job
}

// hours returns a schedule that ends within the soak.
func (f *fleet) hours() *int { return new(2 + f.random.IntN(23)) }

// change changes the configuration: of each kind of change, one in fifty jobs.
func (f *fleet) change() (changes int) {
	share := max(1, len(f.jobs)/50)
	blocks := blocks(len(f.jobs))
	keys := f.shuffled()
	next := func(fits func(*wanted) bool) []string {
		var chosen []string
		keys = slices.DeleteFunc(keys, func(key string) bool {
			if len(chosen) == share || !fits(f.jobs[key]) {
				return false
			}
			chosen = append(chosen, key)
			return true
		})
		return chosen
	}
	anyJob := func(*wanted) bool { return true }
	for _, key := range next(anyJob) {
		f.describe(f.jobs[key])
		changes++
	}
	for _, key := range next(func(job *wanted) bool { return job.Running != nil && job.Hours == nil }) {
		f.jobs[key].Running = new(!*f.jobs[key].Running)
		changes++
	}
	for _, key := range next(anyJob) {
		f.replace(f.jobs[key])
		changes++
	}
	for _, key := range next(anyJob) {
		delete(f.jobs, key)
		f.add(blocks)
		changes += 2
	}
	return changes
}

// describe gives a job another description, or none.
func (f *fleet) describe(job *wanted) {
	if job.Description != nil && f.random.IntN(4) == 0 {
		job.Description = nil
		return
	}
	job.Description = new(fmt.Sprintf("%d", f.random.Uint64()))
}

// replace changes what makes another job of it: the path, or what stops it, where the
// new job has the name and the path of the old one.
func (f *fleet) replace(job *wanted) {
	if job.Hours == nil {
		job.TrainURL = fmt.Sprintf("/soak/again-%d/", f.random.Uint64())
		return
	}
	job.Hours = new(1 + (*job.Hours+f.random.IntN(22))%24)
}

// shuffled returns all keys in a random order that depends on nothing else.
func (f *fleet) shuffled() []string {
	keys := slices.Sorted(maps.Keys(f.jobs))
	f.random.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
	return keys
}

// config returns the configuration of so many blocks. What is in them is in jobsFile.
func config(blocks int) string {
	var text strings.Builder
	text.WriteString(`terraform {
  required_providers {
    modelarts = { source = "opentelekomcloud-community/modelarts" }
  }
}
locals {
  jobs = jsondecode(file("${path.module}/` + jobsFile + `"))
}
`)
	for block := range blocks {
		// A create of which all traces are lost leaves a job, which the next apply takes.
		fmt.Fprintf(&text, `resource "modelarts_visualization_job" "block_%[1]d" {
  for_each       = { for key, job in local.jobs : key => job if job.block == %[1]d }
  name           = each.value.name
  train_url      = each.value.train_url
  description    = each.value.description
  running        = each.value.running
  schedule       = each.value.hours == null ? null : { duration = each.value.hours }
  adopt_existing = true
}
`, block)
	}
	return text.String()
}

const jobsFile = "jobs.json"

// content returns what is in jobsFile.
func (f *fleet) content() (string, error) {
	text, err := json.MarshalIndent(f.jobs, "", " ")
	return string(text), err
}
