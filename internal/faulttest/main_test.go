// Package faulttest has tests and nothing else: with a real CLI and the provider as a
// process of its own, every call that an operation makes goes wrong in every way,
// one at a time, and nothing may be lost.
//
// Without flags only a sample of the cases runs. All of them run with:
//
//	cd internal/faulttest && go test -all -timeout 180m
package faulttest_test

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
)

var all = flag.Bool("all", false, "run every case, not only the sample")

// sample has the cases that run without -all: a create whose response is lost in
// each way that has cost other providers a job, and for every other change of a job
// one lost response. The random histories of internal/visualizationjob meet the
// remaining faults without a CLI.
var sample = []string{
	"TestFaults/create/0_list_truncate_once",
	"TestFaults/create/1_create_bad-gateway-after_once",
	"TestFaults/create/1_create_denied_once",
	"TestFaults/create/1_create_drop-after_once",
	"TestFaults/create/1_create_drop-after_retried",
	"TestFaults/create/1_create_truncate_once",
	"TestFaults/create/2_get_html_once",
	"TestFaults/adopt-and-stop/2_update_drop-after_once",
	"TestFaults/adopt-and-stop/4_stop_drop-after_once",
	"TestFaults/update-and-start/2_restart_drop-after_once",
	"TestFaults/replace/2_delete_drop-after_once",
	"TestFaults/replace/7_create_drop-after_once",
	"TestKills/create/1_create_CLI_after",
	"TestKills/create/1_create_provider_before",
	"TestKills/create/1_create_provider_after",
	"TestInterrupts/create/1_create_interrupt",
}

// sampled has the cases of the sample that were found.
var sampled sync.Map

// chosen reports whether the subtest of t with this name is to run.
func chosen(t *testing.T, name string) bool {
	name = t.Name() + "/" + strings.ReplaceAll(name, " ", "_")
	if !*all && !slices.Contains(sample, name) {
		return false
	}
	sampled.Store(name, nil)
	return true
}

// skipUnlessSampled skips the cases of an operation that has none in the sample, and
// checks at the end that each case of the sample was found.
func skipUnlessSampled(t *testing.T) {
	t.Helper()
	if *all {
		return
	}
	var mine []string
	for _, name := range sample {
		if strings.HasPrefix(name, t.Name()+"/") {
			mine = append(mine, name)
		}
	}
	if len(mine) == 0 {
		t.Skip("not in the sample")
	}
	t.Cleanup(func() {
		for _, name := range mine {
			if _, ok := sampled.Load(name); !ok {
				t.Errorf("the sample names %s, which isn't a case", name)
			}
		}
	})
}

// parallel is how many cases run at once, as most of what they do is to wait.
const parallel = "12"

func TestMain(m *testing.M) {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if !given {
		if err := flag.Set("test.parallel", parallel); err != nil {
			panic(err)
		}
	}
	acctest.AtEnd(func() error {
		fmt.Println(&total)
		return nil
	})
	acctest.Main(m)
}

// total counts over all cases.
var total tally

// tally is what is left to say when the tests are over.
type tally struct {
	faults, kills, interrupts       atomic.Int64 // cases
	succeeded                       atomic.Int64 // cases whose disturbed run ended with exit code 0
	imports                         atomic.Int64 // imports that a diagnostic asked for
	later                           atomic.Int64 // jobs that a run had no time to look for, and that the next one found
	failed, lost, duplicates, crash atomic.Int64
	orphans, orphansChanging        atomic.Int64 // providers that outlived their CLI, and that went on changing things
}

func (t *tally) String() string {
	return fmt.Sprintf("%d faults, %d kills, %d interrupts; %d of these runs succeeded all the same, %d imports were asked for, %d jobs found only later; "+
		"%d providers outlived a killed CLI, %d of them made a changing call after that; "+
		"%d jobs lost, %d duplicates, %d crashes; %d cases failed",
		t.faults.Load(), t.kills.Load(), t.interrupts.Load(), t.succeeded.Load(), t.imports.Load(), t.later.Load(),
		t.orphans.Load(), t.orphansChanging.Load(),
		t.lost.Load(), t.duplicates.Load(), t.crash.Load(), t.failed.Load())
}
