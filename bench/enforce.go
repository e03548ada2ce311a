package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
)

// enforce runs the benchmarks of package enforce: what decoding and checking cost by
// themselves, clean and with one bad record in a hundred, and jsonschema/v5 over
// decoded maps beside them, on one core; then two enforcers beside one on two.
func (b *bench) enforce() error {
	for _, set := range []struct {
		cores int
		match string
	}{{1, "^BenchmarkEnforce$|Dirty1Percent|JSONSchemaV5"}, {2, "^BenchmarkEnforce$|Parallel2"}} {
		if set.cores > runtime.NumCPU() {
			continue
		}
		fmt.Printf("cores: %d\n", set.cores)
		cmd := exec.Command("taskset", "-c", fmt.Sprintf("0-%d", set.cores-1), "go", "test", "./executor/enforce",
			"-run", "^$", "-bench", set.match, "-benchtime", "2s", "-count", fmt.Sprint(b.runs), "-cpu", fmt.Sprint(set.cores))
		cmd.Env = append(os.Environ(), fmt.Sprintf("GOMAXPROCS=%d", set.cores))
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
		if err := cmd.Run(); err != nil {
			return err
		}
	}
	return nil
}
