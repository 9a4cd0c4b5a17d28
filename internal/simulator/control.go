package simulator

import (
	"fmt"
	"net/http"
)

// ControlPath is where a simulator with [Options.Control] is told of faults.
const ControlPath = "/simulator/faults"

// control returns the handler of [ControlPath]. What it does is neither
// recorded, nor limited, nor slowed, and no fault happens to it.
func (s *Simulator) control() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+ControlPath, s.listFaults)
	mux.HandleFunc("POST "+ControlPath, s.queueFaults)
	mux.HandleFunc("DELETE "+ControlPath, func(w http.ResponseWriter, _ *http.Request) {
		s.ClearFaults()
		w.WriteHeader(http.StatusNoContent)
	})

	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// There are no credentials, so a page in a browser of this machine could
		// send anything here; but it cannot do so without this header.
		if r.Header.Get("Origin") != "" {
			http.Error(w, "requests of web pages are refused", http.StatusForbidden)

			return
		}

		mux.ServeHTTP(w, r)
	})
}

// listFaults answers with the queue, one fault per line.
func (s *Simulator) listFaults(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")

	for _, f := range s.Faults() {
		fmt.Fprintln(w, f.Words())
	}
}

// queueFaults queues the faults of the body, or none when one is wrong, and
// answers with the queue.
func (s *Simulator) queueFaults(w http.ResponseWriter, r *http.Request) {
	body, err := readBody(w, r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)

		return
	}

	faults, err := parseFaults(string(body))
	if err == nil && len(faults) == 0 {
		err = fmt.Errorf("no fault: each line has to be %s", FaultSyntax)
	}

	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)

		return
	}

	for _, f := range faults {
		s.Inject(f)
	}

	s.listFaults(w, r)
}
