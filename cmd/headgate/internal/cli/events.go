package cli

import (
	"encoding/json"
	"os"
	"sync"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view"
	"github.com/headgate-data/headgate/executor"
	"github.com/headgate-data/headgate/lang/diag"
)

// eventSink returns what the executor's progress goes to: the bars or lines,
// and the file of --events-into.
func (a *app) eventSink(s *session) (func(executor.Event), *diag.Diagnostic) {
	quiet := a.format() == view.JSON && !a.io.ErrTerminal
	draw := func(e view.Event) {
		if !quiet {
			s.progress.Event(e, a.io.Now())
		}
	}
	if a.flags.eventsInto == "" {
		return func(e executor.Event) { draw(view.NewEvent(e, a.io.Now())) }, nil
	}
	f, err := os.OpenFile(a.path(a.flags.eventsInto), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, diag.New(diag.Usage, "--events-into: %v.", err)
	}
	var mu sync.Mutex
	var fault error
	enc := json.NewEncoder(a.redact.writer(f))
	s.events = func() error {
		mu.Lock()
		defer mu.Unlock()
		if err := f.Close(); fault == nil {
			fault = err
		}
		return fault
	}
	return func(e executor.Event) {
		v := view.NewEvent(e, a.io.Now())
		draw(v)
		mu.Lock()
		defer mu.Unlock()
		if fault == nil {
			fault = enc.Encode(v)
		}
	}, nil
}
