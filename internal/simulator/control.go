package simulator

import (
	"fmt"
	"net/http"
)

// ControlPath is the path of the fault queue of a simulator with [Options.Control].
const ControlPath = "/simulator/faults"

// control responds to a request for [ControlPath]. These requests are neither recorded nor limited
// nor delayed, and have no faults.
func (s *Simulator) control(w http.ResponseWriter, r *http.Request) {
	switch {
	// The path needs no credentials, so a web page in a browser of this machine could send
	// requests. The browser adds this header to them.
	case r.Header.Get("Origin") != "":
		http.Error(w, "requests of web pages are rejected", http.StatusForbidden)
	case r.Method == http.MethodGet:
		s.listFaults(w)
	case r.Method == http.MethodPost:
		s.queueFaults(w, r)
	case r.Method == http.MethodDelete:
		s.ClearFaults()
		w.WriteHeader(http.StatusNoContent)
	default:
		http.Error(w, "the method has to be GET, POST or DELETE", http.StatusMethodNotAllowed)
	}
}

// listFaults responds with the queue, one fault per line.
func (s *Simulator) listFaults(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")

	for _, f := range s.Faults() {
		fmt.Fprintln(w, f)
	}
}

// queueFaults queues the faults of the body, or none if one is invalid, and responds with the
// queue.
func (s *Simulator) queueFaults(w http.ResponseWriter, r *http.Request) {
	var faults []Fault

	body, err := readBody(w, r)
	if err == nil {
		faults, err = parseFaults(string(body))
	}

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

	s.listFaults(w)
}
