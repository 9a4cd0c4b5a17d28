package simulator_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

func TestInvalidOptions(t *testing.T) {
	for want, options := range map[string]simulator.Options{
		`Refusals "lax": it has to be one of ["usual" "documented" "strict"]`:                                           {Refusals: "lax"},
		`ErrorShape "x": it has to be one of ["documented" "ok-200" "bare" "gateway" "iam" "empty"]`:                    {ErrorShape: "x"},
		`NotFoundShape "x": it has to be one of ["400" "404" "bare-404" "parameter" "ok-200" "gateway-404" "conflict"]`: {NotFoundShape: "x"},

		"Latency -1s: it cannot be negative":          {Latency: -time.Second},
		"Transition -1ns: it cannot be negative":      {Transition: -1},
		"Stale -1ns: it cannot be negative":           {Stale: -1},
		"Appear -1ns: it cannot be negative":          {Appear: -1},
		"Hour -1ns: it cannot be negative":            {Hour: -1},
		"TokenLifetime -1ns: it cannot be negative":   {TokenLifetime: -1},
		"JobLimit -1: it cannot be negative":          {JobLimit: -1},
		"RunLimit -1: it cannot be negative":          {RunLimit: -1},
		"RateLimit -1: it cannot be negative":         {RateLimit: -1},
		"RateWindow -1s: it cannot be negative":       {RateWindow: -time.Second},
		"RateWindow 1.5s: it has to be whole seconds": {RateWindow: 1500 * time.Millisecond},
		"PageCap -1: it cannot be negative":           {PageCap: -1},
		"PageCap 1001: it cannot be more than 1000":   {PageCap: 1001},
	} {
		want = "simulator option " + want

		if _, err := simulator.Start(options); err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}

		func() {
			defer func() {
				if got := fmt.Sprint(recover()); got != want {
					t.Errorf("panic %s, want %s", got, want)
				}
			}()

			simulator.New(options)
		}()
	}
}
