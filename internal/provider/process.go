package provider

import (
	"io"
	"log"
	"os"
	"runtime/debug"
	"slices"
	"strings"
)

// logLevels are the variables that say how much the framework and this provider log.
var logLevels = []string{"TF_LOG_SDK", "TF_LOG_SDK_FRAMEWORK", "TF_LOG_SDK_PROTO", "TF_LOG_PROVIDER_MODELARTS"}

// gcPercent is how much more memory than it needs the process may take before garbage
// is collected. It needs little, and is gone within minutes.
const gcPercent = 300

// memoryLimit is up to how many bytes the process lets garbage accumulate. What a hostile service
// can make it keep is less.
const memoryLimit = 128 << 20

// PrepareProcess sets up the process of a provider that a CLI started. It is to be
// called before all else.
func PrepareProcess() {
	if !wantsLog() {
		// Without these variables the SDK logs everything, and the CLI parses and drops it:
		// this is a good part of what a plan costs.
		for _, name := range logLevels {
			_ = os.Setenv(name, "OFF") // if this fails, the plan is slower and no worse
		}
	}
	log.SetOutput(io.Discard) // net/http quotes a server that sends more than was asked for
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

// wantsLog tells whether the environment asks for a log of any kind, be it of the CLI,
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
