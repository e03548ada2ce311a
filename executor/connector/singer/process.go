package singer

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"time"
)

// patience is how long a process that was asked to end may take.
const patience = 10 * time.Second

// argFile is a file that a process is given by a flag. It has no name on disk.
type argFile struct {
	flag string
	text []byte
}

// processSpec is what a process is started from.
type processSpec struct {
	args   []string
	env    []string
	dir    string
	files  []argFile
	stderr func(line string) string // called for each line; returns it as it may be shown
}

// process is a running tap. Its standard output is read from out.
type process struct {
	cmd    *exec.Cmd
	out    *os.File
	files  []*os.File
	exited chan struct{} // closed when the process is gone and its stderr is read
	err    error         // of Wait; read only after exited is closed
	last   tail          // the last lines of stderr
	stop   func() bool   // ends the watch over the context
}

// startProcess starts a process in a group of its own. When ctx ends, the whole
// group is told to end, and killed when it takes longer than patience. On Linux
// the process is killed as well when this one dies.
func startProcess(ctx context.Context, spec processSpec) (*process, error) {
	p := &process{exited: make(chan struct{})}
	args := spec.args
	for _, f := range spec.files {
		file, path, err := namelessFile(spec.dir, f.text, len(p.files))
		if err != nil {
			p.closeFiles()
			return nil, err
		}
		p.files = append(p.files, file)
		args = append(args, f.flag, path)
	}
	p.cmd = exec.Command(args[0], args[1:]...)
	p.cmd.Dir, p.cmd.Env, p.cmd.ExtraFiles = spec.dir, spec.env, p.files
	ownGroup(p.cmd)
	out, outW, err := os.Pipe()
	if err != nil {
		p.closeFiles()
		return nil, err
	}
	errs, errsW, err := os.Pipe()
	if err != nil {
		p.closeFiles(out, outW)
		return nil, err
	}
	p.out, p.cmd.Stdout, p.cmd.Stderr = out, outW, errsW
	started := make(chan error, 1)
	go p.keep(started, errs, spec.stderr)
	err = <-started
	outW.Close()
	errsW.Close()
	if err != nil {
		p.closeFiles(out, errs)
		return nil, err
	}
	p.stop = context.AfterFunc(ctx, p.end)
	return p, nil
}

// namelessFile makes a file of mode 0600 that has no name any more by the time
// anything is written to it, and a path under which a process can open it.
func namelessFile(dir string, text []byte, n int) (*os.File, string, error) {
	f, err := os.CreateTemp(dir, ".headgate-*")
	if err != nil {
		return nil, "", err
	}
	if err := os.Remove(f.Name()); err != nil {
		f.Close()
		return nil, "", err
	}
	if _, err := f.WriteAt(text, 0); err != nil {
		f.Close()
		return nil, "", err
	}
	return f, openPath(f, n), nil
}

// keep starts the process and waits for it, on one thread of the system: Linux
// kills the process when the thread that started it ends.
func (p *process) keep(started chan<- error, errs *os.File, show func(string) string) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := p.cmd.Start(); err != nil {
		started <- err
		return
	}
	started <- nil
	var logged sync.WaitGroup
	logged.Go(func() { p.last.read(errs, show) })
	p.err = p.cmd.Wait()
	// What the process started may hold its output open; it has this long to end.
	late := time.Now().Add(patience)
	p.out.SetReadDeadline(late)
	errs.SetReadDeadline(late)
	logged.Wait()
	errs.Close()
	close(p.exited)
}

// end tells the group to end and kills it when it takes too long. It returns at once.
func (p *process) end() {
	p.out.SetReadDeadline(time.Now()) // whoever reads stops
	terminateGroup(p.cmd)
	go func() {
		select {
		case <-p.exited:
		case <-time.After(patience):
		}
		killGroup(p.cmd)
	}()
}

// wait waits for the process to be gone, ends what is left of its group, and
// returns its error: nil for exit code 0.
func (p *process) wait() error {
	<-p.exited
	p.stop()
	killGroup(p.cmd)
	p.closeFiles(p.out)
	return p.err
}

func (p *process) closeFiles(more ...*os.File) {
	for _, f := range append(more, p.files...) {
		f.Close()
	}
}

// describe says how a process ended, with the last lines of its stderr.
func (p *process) describe() string {
	var exit *exec.ExitError
	how := fmt.Sprint(p.err)
	if errors.As(p.err, &exit) {
		how = exit.ProcessState.String()
		if code := exit.ExitCode(); code >= 0 {
			how = fmt.Sprintf("exit code %d", code)
		}
	}
	if lines := p.last.text(); lines != "" {
		return how + ". The last of its stderr:\n" + lines
	}
	return how
}

// tail keeps the last lines of a stream.
type tail struct {
	mu    sync.Mutex
	lines []string
}

// tailLines is how many lines a tail keeps.
const tailLines = 10

// read reads lines until the stream ends and shows each. Long ones are cut.
func (t *tail) read(r io.Reader, show func(string) string) {
	in := bufio.NewReaderSize(r, maxStderrBytes)
	for {
		line, err := in.ReadSlice('\n')
		text := strings.TrimRight(string(line), "\r\n")
		for errors.Is(err, bufio.ErrBufferFull) {
			_, err = in.ReadSlice('\n')
		}
		if text != "" {
			text = show(text)
			t.mu.Lock()
			t.lines = append(t.lines[max(0, len(t.lines)-tailLines+1):], text)
			t.mu.Unlock()
		}
		if err != nil {
			return
		}
	}
}

func (t *tail) text() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.Join(t.lines, "\n")
}
