package main

import (
	"bytes"
	"cmp"
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

// measure runs a command to its end, pinned to the first cores processors and with
// as many Go threads of execution; 0 is all there are.
func measure(cores int, command ...string) (figures, error) {
	if cores > 0 {
		command = append([]string{"taskset", "-c", fmt.Sprintf("0-%d", cores-1)}, command...)
	}
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = os.Environ()
	if cores > 0 {
		cmd.Env = append(cmd.Env, fmt.Sprintf("GOMAXPROCS=%d", cores))
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

// contender is a command to be measured, and what must be done before each run.
type contender struct {
	prepare func() error
	command []string
}

// median repeats a measurement and returns the run with the median wall time.
func (b *bench) median(cores int, c contender) (figures, error) {
	f, err := b.medians(cores, c)
	if err != nil {
		return figures{}, err
	}
	return f[0], nil
}

// medians runs contenders in turns, so that whatever else the machine does meets
// them alike, and returns for each the run with the median wall time.
func (b *bench) medians(cores int, all ...contender) ([]figures, error) {
	runs := make([][]figures, len(all))
	for range max(b.runs, 1) {
		for i, c := range all {
			if err := c.prepare(); err != nil {
				return nil, err
			}
			f, err := measure(cores, c.command...)
			if err != nil {
				return nil, err
			}
			runs[i] = append(runs[i], f)
		}
	}
	out := make([]figures, len(all))
	for i, r := range runs {
		slices.SortFunc(r, func(x, y figures) int { return cmp.Compare(x.wall, y.wall) })
		out[i] = r[len(r)/2]
	}
	return out, nil
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
