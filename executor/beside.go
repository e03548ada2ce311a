package executor

import (
	"errors"
	"runtime"
	"sync"

	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/enforce"
)

const (
	// maxEnforcers is how many batches of a session are enforced side by side at most:
	// each holds memory of its own.
	maxEnforcers = 4
	// manyStreams is from how many streams on a session enforces one batch at a time.
	manyStreams = 8
)

// errOver ends the work of the other goroutines of a stage that has failed.
var errOver = errors.New("the stage is over")

// task is one thing that the source handed over, on its way through the enforcers.
type task struct {
	event   any // what is no *connector.Records
	records *connector.Records
	jobs    []*job // one for each stream that reads the records
}

// job is a batch for one stream. batch and err are set once done is closed.
type job struct {
	run     *streamRun
	records *connector.Records
	batch   *enforce.Batch
	err     error
	done    chan struct{}
}

// enforcers is how many batches are enforced side by side. Wide rows and many
// streams would take too much memory, and evolving needs the batches one by one.
func (s *session) enforcers() int {
	if len(s.streams) > manyStreams {
		return 1
	}
	for _, run := range s.streams {
		if run.fork() == nil || len(run.contract.Columns) > manyColumns {
			return 1
		}
	}
	return min(runtime.GOMAXPROCS(0), maxEnforcers)
}

// fork returns the stream's first fork, nil where its batches cannot be enforced
// by themselves.
func (run *streamRun) fork() *enforce.Enforcer {
	if run.forked == nil {
		run.forked, _ = run.enforcer.Fork()
	}
	return run.forked
}

// enforce holds records to a stream's contract.
func (run *streamRun) enforce(r *connector.Records) (*enforce.Batch, error) {
	if fork := run.fork(); fork != nil {
		return fork.Enforce(r)
	}
	return run.enforcer.Enforce(r)
}

// enforceBeside decodes and checks n batches side by side. What comes of them is
// taken in the order in which the source handed them over, as if they had been
// enforced one by one.
func (s *session) enforceBeside(n int) error {
	tasks, jobs, quit := make(chan *task, n), make(chan *job), make(chan struct{})
	var all sync.WaitGroup
	for range n {
		all.Go(func() { s.work(jobs) })
	}
	all.Go(func() {
		defer close(tasks)
		defer close(jobs)
		s.dispatch(tasks, jobs, quit)
	})
	err := s.collect(tasks)
	close(quit)
	for t := range tasks { // left behind by a fault
		t.wait()
	}
	all.Wait()
	return err
}

// dispatch hands the source's batches to the workers, and everything in its order to
// collect.
func (s *session) dispatch(tasks chan<- *task, jobs chan<- *job, quit <-chan struct{}) {
	for {
		t := &task{}
		select {
		case ev, more := <-s.events:
			if !more {
				return
			}
			t.event = ev
		case <-quit:
			return
		}
		if r, ok := t.event.(*connector.Records); ok {
			t.event, t.records = nil, r
			for _, run := range s.byName[r.Stream] {
				t.jobs = append(t.jobs, &job{run: run, records: r, done: make(chan struct{})})
			}
		}
		select {
		case tasks <- t:
		case <-quit:
			return
		}
		for i, j := range t.jobs {
			select {
			case jobs <- j:
			case <-quit:
				for _, j := range t.jobs[i:] { // collect may wait for them
					j.err = errOver
					close(j.done)
				}
				return
			}
		}
	}
}

// work enforces batches until there are no more. Each worker has enforcers of its own.
func (s *session) work(jobs <-chan *job) {
	forks := map[*streamRun]*enforce.Enforcer{}
	for j := range jobs {
		j.err = guarded(func() (err error) {
			if forks[j.run] == nil {
				forks[j.run], _ = j.run.enforcer.Fork()
			}
			j.batch, err = forks[j.run].Enforce(j.records)
			return err
		})
		close(j.done)
	}
}

// wait waits until nobody works on a task.
func (t *task) wait() {
	for _, j := range t.jobs {
		<-j.done
	}
}

// collect takes the results in order. It returns the first fault in that order.
func (s *session) collect(tasks <-chan *task) error {
	for t := range tasks {
		if t.records == nil {
			if err := s.onEvent(t.event); err != nil {
				return err
			}
			continue
		}
		var fault error
		for _, j := range t.jobs {
			<-j.done
			if fault == nil {
				fault = s.took(j.run, j.records, j.batch, j.err)
			}
		}
		t.records.Release()
		if fault != nil {
			return fault
		}
	}
	return nil
}
