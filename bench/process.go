package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// figures is what one finished process used.
type figures struct {
	wall, user, sys time.Duration
	peakRSS         int64 // bytes
}

// cpu is the processor time in all.
func (f figures) cpu() time.Duration { return f.user + f.sys }

// build makes the headgate binary once.
func (b *bench) build() (string, error) {
	bin, err := filepath.Abs(filepath.Join(b.out, "headgate"))
	if err != nil {
		return "", err
	}
	cmd := exec.Command("go", "build", "-o", bin, "./cmd/headgate")
	cmd.Stderr = os.Stderr
	return bin, cmd.Run()
}

// measure runs a command to its end. oneCore pins it to one processor and one
// Go thread of execution.
func measure(oneCore bool, command ...string) (figures, error) {
	if oneCore {
		command = append([]string{"taskset", "-c", "0"}, command...)
	}
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = os.Environ()
	if oneCore {
		cmd.Env = append(cmd.Env, "GOMAXPROCS=1")
	}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	start := time.Now()
	err := cmd.Run()
	f := figures{wall: time.Since(start)}
	if err != nil {
		return f, fmt.Errorf("%s: %w\n%s", strings.Join(command, " "), err, out.String())
	}
	if u, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		f.user, f.sys, f.peakRSS = cmd.ProcessState.UserTime(), cmd.ProcessState.SystemTime(), u.Maxrss*1024
	}
	return f, nil
}

// median repeats a measurement, each time after prepare, and returns the run
// with the median wall time.
func (b *bench) median(oneCore bool, prepare func() error, command ...string) (figures, error) {
	var all []figures
	for range max(b.runs, 1) {
		if err := prepare(); err != nil {
			return figures{}, err
		}
		f, err := measure(oneCore, command...)
		if err != nil {
			return figures{}, err
		}
		all = append(all, f)
	}
	slices.SortFunc(all, func(x, y figures) int { return int(x.wall - y.wall) })
	return all[len(all)/2], nil
}

// removeDatabases deletes the databases and the state of a project, so that a
// run starts from nothing.
func removeDatabases(dir string) error {
	for _, pattern := range []string{"*.duckdb", "*.duckdb.wal", "*.duckdb.tmp", ".headgate"} {
		found, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			return err
		}
		for _, f := range found {
			if err := os.RemoveAll(f); err != nil {
				return err
			}
		}
	}
	return nil
}

func row(name string, rows int, f figures) {
	fmt.Printf("%-34s %8.2f s wall  %7.2f s cpu (%.2f sys)  %9.0f rec/s  %6.0f MB peak\n",
		name, f.wall.Seconds(), f.cpu().Seconds(), f.sys.Seconds(), float64(rows)/f.wall.Seconds(), float64(f.peakRSS)/1e6)
}
