package provider

import (
	"io"
	"log"
	"maps"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
)

// Not parallel: it is about the process.
func TestPrepareProcess(t *testing.T) {
	for name, test := range map[string]struct {
		environment map[string]string
		levels      string // of all loggers
		gcPercent   int    // 100 is as it was
		memoryLimit int64  // 1 << 40 is as it was
	}{
		"nothing asked for":         {nil, "OFF", gcPercent, memoryLimit},
		"an empty TF_LOG":           {map[string]string{"TF_LOG": ""}, "OFF", gcPercent, memoryLimit},
		"TF_LOG off":                {map[string]string{"TF_LOG": "off"}, "OFF", gcPercent, memoryLimit},
		"TF_LOG":                    {map[string]string{"TF_LOG": "ERROR"}, "", gcPercent, memoryLimit},
		"TF_LOG off but for one":    {map[string]string{"TF_LOG": "off", "TF_LOG_PROVIDER": "JSON"}, "", gcPercent, memoryLimit},
		"a log of the framework":    {map[string]string{"TF_LOG_SDK_FRAMEWORK_X": "1"}, "", gcPercent, memoryLimit},
		"something like a variable": {map[string]string{"MY_TF_LOG": "TRACE"}, "OFF", gcPercent, memoryLimit},
		"GOGC":                      {map[string]string{"GOGC": "50"}, "OFF", 100, memoryLimit},
		"GOMEMLIMIT":                {map[string]string{"GOMEMLIMIT": "1GiB"}, "OFF", gcPercent, 1 << 40},
	} {
		t.Run(name, func(t *testing.T) {
			for _, variable := range os.Environ() {
				if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "TF_LOG") || name == "GOGC" || name == "GOMEMLIMIT" {
					t.Setenv(name, "")
				}
			}
			for _, name := range logLevels {
				t.Setenv(name, "") // and is set back in the end
			}
			for name, value := range test.environment {
				t.Setenv(name, value)
			}
			before, limitBefore := debug.SetGCPercent(100), debug.SetMemoryLimit(1<<40)
			PrepareProcess()
			if log.Writer() != io.Discard {
				t.Error("net/http can quote a server in the log")
			}
			wantEqual(t, test.gcPercent, debug.SetGCPercent(before))
			wantEqual(t, test.memoryLimit, debug.SetMemoryLimit(limitBefore))
			levels := map[string]bool{}
			for _, name := range logLevels {
				levels[os.Getenv(name)] = true
			}
			wantEqual(t, []string{test.levels}, slices.Collect(maps.Keys(levels)))
		})
	}
}
