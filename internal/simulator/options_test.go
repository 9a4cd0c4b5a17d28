package simulator_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

func TestOptionsWithoutAValueAreRefused(t *testing.T) {
	t.Parallel()

	for _, c := range []struct {
		options simulator.Options
		want    string
	}{
		{simulator.Options{Refusals: "lax"}, `simulator option Refusals "lax": it has to be one of ["usual" "documented" "strict"]`},
		{
			simulator.Options{ErrorShape: "round"},
			`simulator option ErrorShape "round": it has to be one of ["documented" "ok-200" "bare" "gateway" "iam" "empty"]`,
		},
		{
			simulator.Options{NotFoundShape: "410"},
			`simulator option NotFoundShape "410": it has to be one of ` +
				`["400" "404" "bare-404" "parameter" "ok-200" "gateway-404" "conflict"]`,
		},
		{simulator.Options{Latency: -time.Second}, "simulator option Latency -1s: it cannot be negative"},
		{simulator.Options{Transition: -1}, "simulator option Transition -1ns: it cannot be negative"},
		{simulator.Options{Stale: -1}, "simulator option Stale -1ns: it cannot be negative"},
		{simulator.Options{Appear: -1}, "simulator option Appear -1ns: it cannot be negative"},
		{simulator.Options{Hour: -1}, "simulator option Hour -1ns: it cannot be negative"},
		{simulator.Options{TokenLifetime: -1}, "simulator option TokenLifetime -1ns: it cannot be negative"},
		{simulator.Options{JobLimit: -1}, "simulator option JobLimit -1: it cannot be negative"},
		{simulator.Options{RunLimit: -1}, "simulator option RunLimit -1: it cannot be negative"},
		{simulator.Options{RateLimit: -1}, "simulator option RateLimit -1: it cannot be negative"},
		{simulator.Options{PageCap: -1}, "simulator option PageCap -1: it cannot be negative"},
		{simulator.Options{PageCap: 1001}, "simulator option PageCap 1001: it cannot be more than 1000"},
	} {
		s, err := simulator.Start(c.options)
		if err == nil {
			s.Close()
			t.Errorf("started, want: %s", c.want)

			continue
		}

		if err.Error() != c.want {
			t.Errorf("error %v, want %s", err, c.want)
		}

		func() {
			defer func() {
				if got := fmt.Sprint(recover()); got != c.want {
					t.Errorf("panic %s, want %s", got, c.want)
				}
			}()

			simulator.New(c.options)
		}()
	}
}
