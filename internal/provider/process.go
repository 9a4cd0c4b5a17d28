package provider

import (
	"io"
	"log"
	"os"
	"runtime/debug"
	"slices"
	"strings"
)

// logLevels are the environment variables with the log levels of the framework and this provider.
var logLevels = []string{"TF_LOG_SDK", "TF_LOG_SDK_FRAMEWORK", "TF_LOG_SDK_PROTO", "TF_LOG_PROVIDER_MODELARTS"}

// gcPercent is the memory that the process allocates between garbage collections, in percent of the live memory. It is high, because a
// process is small and ends within minutes.
const gcPercent = 300

// memoryLimit is in bytes. Garbage accumulates up to this limit. The live memory stays below it, even with a hostile service.
const memoryLimit = 128 << 20

// PrepareProcess configures logging and garbage collection of a process that a CLI started. main calls it first.
func PrepareProcess() {
	if !wantsLog() {
		// Without these variables, the SDK logs at the finest level, and the CLI parses and drops the lines. This would be a
		// large part of the time of a plan.
		for _, name := range logLevels {
			_ = os.Setenv(name, "OFF") // If this fails, only the plan is slower.
		}
	}
	log.SetOutput(io.Discard) // net/http would quote unsolicited data of a server.
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
}

// isSilent reports whether PrepareProcess, or the user, has turned off all loggers.
func isSilent() bool {
	return !slices.ContainsFunc(logLevels, func(name string) bool { return os.Getenv(name) != "OFF" })
}

// wantsLog reports whether the environment enables any log. This includes the log of the CLI, because the CLI passes its environment to the
// provider.
func wantsLog() bool {
	return slices.ContainsFunc(os.Environ(), func(variable string) bool {
		name, value, _ := strings.Cut(variable, "=")
		return strings.HasPrefix(name, "TF_LOG") && value != "" && !strings.EqualFold(value, "OFF")
	})
}
