package provider

import (
	"io"
	"log"
	"os"
	"runtime/debug"
	"slices"
	"strings"
)

// logLevels are the variables with the log levels of the framework and this provider.
var logLevels = []string{"TF_LOG_SDK", "TF_LOG_SDK_FRAMEWORK", "TF_LOG_SDK_PROTO", "TF_LOG_PROVIDER_MODELARTS"}

// gcPercent is how much memory, in percent of the live memory, the process allocates between garbage collections. A
// process is small and ends within minutes.
const gcPercent = 300

// memoryLimit is in bytes. Garbage accumulates up to the limit. A hostile service can't make the process keep as much.
const memoryLimit = 128 << 20

// PrepareProcess sets up the process of a provider that a CLI started. main calls it first.
func PrepareProcess() {
	if !wantsLog() {
		// Without these variables the SDK logs at the finest level, and the CLI parses and drops the lines:
		// this is a large part of the cost of a plan.
		for _, name := range logLevels {
			_ = os.Setenv(name, "OFF") // if this fails, the plan is slower and no worse
		}
	}
	log.SetOutput(io.Discard) // net/http quotes a server that sends unsolicited data
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
}

// isSilent reports whether the variables that PrepareProcess sets turn all loggers off.
func isSilent() bool {
	return !slices.ContainsFunc(logLevels, func(name string) bool { return os.Getenv(name) != "OFF" })
}

// wantsLog reports whether the environment enables a log of any kind, also of the CLI,
// which shares its environment with the provider.
func wantsLog() bool {
	for _, variable := range os.Environ() {
		name, value, _ := strings.Cut(variable, "=")
		if strings.HasPrefix(name, "TF_LOG") && value != "" && !strings.EqualFold(value, "OFF") {
			return true
		}
	}
	return false
}
