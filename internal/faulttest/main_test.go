// Package faulttest has tests and nothing else: with a real CLI and the provider as a
// process of its own, every call that an operation makes goes wrong in every way,
// one at a time, and nothing may be lost.
//
// Without flags a representative part of the cases runs. All of them run with:
//
//	cd internal/faulttest && go test -all -timeout 180m
package faulttest_test

import (
	"flag"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
)

var whole = flag.Bool("all", false, "run every case, and not only a representative part")

// parallel is how many cases run at once, as most of what they do is to wait.
const parallel = "12"

func TestMain(m *testing.M) {
	flag.Parse()
	chosen := false
	flag.Visit(func(f *flag.Flag) { chosen = chosen || f.Name == "test.parallel" })
	if !chosen {
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
