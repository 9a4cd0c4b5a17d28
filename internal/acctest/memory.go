package acctest

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// providerPeak matches the status of a provider process. Between fork and exec the name is still the
// CLI's, and so is the memory. The kernel cuts the name after 15 characters.
var providerPeak = regexp.MustCompile(`(?s)^Name:\s+terraform-provi\n.*\nVmHWM:\s+(\d+) kB\n`)

// PeakMemory watches the providers that a CLI starts until ended is closed, and returns the peak memory of
// the largest in KiB. The result is 0 on systems other than Linux. Only the CLI gets the usage of a provider
// from the kernel, so this misses growth in the last milliseconds of a provider.
func PeakMemory(cli int, ended <-chan struct{}) (peak int) {
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-ended:
			return peak
		case <-ticker.C:
		}
		lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", cli))
		for _, list := range lists {
			children, _ := os.ReadFile(list) //nolint:gosec // of the kernel; there is none after the end of the CLI
			for child := range strings.FieldsSeq(string(children)) {
				status, _ := os.ReadFile("/proc/" + child + "/status") //nolint:gosec // of the kernel; there is none after the end of the process
				if found := providerPeak.FindSubmatch(status); found != nil {
					size, _ := strconv.Atoi(string(found[1])) // the pattern has no others
					peak = max(peak, size)
				}
			}
		}
	}
}
