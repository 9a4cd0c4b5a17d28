package simulator

import (
	"fmt"
	"net/http"
)

// ControlPath is the path of the fault queue of a simulator with [Options.Control].
const ControlPath = "/simulator/faults"

// control returns the handler of [ControlPath]. Its requests are neither recorded nor limited
// nor delayed, and have no faults.
func (s *Simulator) control() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+ControlPath, s.listFaults)
	mux.HandleFunc("POST "+ControlPath, s.queueFaults)
	mux.HandleFunc("DELETE "+ControlPath, func(w http.ResponseWriter, _ *http.Request) {
		s.ClearFaults()
		w.WriteHeader(http.StatusNoContent)
	})

	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// The path needs no credentials, so a web page in a browser of this machine could send
		// requests. The browser adds this header to them.
		if r.Header.Get("Origin") != "" {
			http.Error(w, "requests of web pages are refused", http.StatusForbidden)

			return
		}

		mux.ServeHTTP(w, r)
	})
}

// listFaults responds with the queue, one fault per line.
func (s *Simulator) listFaults(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")

	for _, f := range s.Faults() {
		fmt.Fprintln(w, f.String())
	}
}

// queueFaults queues the faults of the body, or none if one is invalid, and responds with the
// queue.
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
