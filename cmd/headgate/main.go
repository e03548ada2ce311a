// Command headgate checks, plans and runs data pipelines that are written in
// *.gate.hcl files.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"
	_ "time/tzdata" // schedules and times name zones, and a bare machine has none

	"golang.org/x/term"

	"github.com/headgate-data/headgate/cmd/headgate/internal/cli"
)

func main() {
	collectLater(os.LookupEnv)
	os.Exit(run())
}

// firstHeap is how large the heap grows before garbage is collected at all. What
// checks a small project ends below it.
const firstHeap = 64 << 20

// collectLater leaves garbage alone until there is firstHeap of everything; from
// the first collection on, all is as Go has it. Who says by GOGC or GOMEMLIMIT how
// it is to be done, is obeyed.
func collectLater(lookupEnv func(string) (string, bool)) {
	for _, name := range []string{"GOGC", "GOMEMLIMIT"} {
		if _, set := lookupEnv(name); set {
			return
		}
	}
	percent, limit := debug.SetGCPercent(-1), debug.SetMemoryLimit(firstHeap)
	runtime.AddCleanup(new([64]byte), func(struct{}) {
		debug.SetMemoryLimit(limit)
		debug.SetGCPercent(percent)
	}, struct{}{})
}

// run is main without os.Exit. The first Ctrl-C asks for an orderly end, the
// second cancels the context.
func run() int {
	dir, err := os.Getwd()
	if err != nil {
		fmt.Fprintln(os.Stderr, "headgate:", err)
		return 1
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	finish := make(chan struct{})
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	go func() {
		for n := 0; ; n++ {
			select {
			case <-ctx.Done():
				return
			case <-signals:
			}
			if n == 0 {
				fmt.Fprintln(os.Stderr, "Stopping once the open batch is committed. Press Ctrl-C again to stop now.")
				close(finish)
				continue
			}
			cancel()
		}
	}()
	width, _, err := term.GetSize(int(os.Stderr.Fd()))
	if err != nil {
		width = 0
	}
	return cli.Run(ctx, os.Args[1:], cli.IO{
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Dir: dir, LookupEnv: os.LookupEnv, Environ: os.Environ(),
		Now: time.Now, Version: version, Width: width, Finish: finish,
		InTerminal:  term.IsTerminal(int(os.Stdin.Fd())),
		OutTerminal: term.IsTerminal(int(os.Stdout.Fd())),
		ErrTerminal: term.IsTerminal(int(os.Stderr.Fd())),
	})
}

// version is what `headgate version` prints and plans and reports carry.
const version = "0.1.0"
