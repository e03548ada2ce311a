// Command bench measures whole runs of headgate against what a user would pick
// instead, and prints the figures side by side. It builds the program once,
// makes its own seeded data below bench/out, and starts every measured run as a
// process of its own, so that time and peak memory are the operating system's.
//
//	go run ./bench load [-rows N]      JSON Lines into DuckDB: append and merge beside read_json, one and two cores
//	go run ./bench enforce             decoding and checking alone, and jsonschema/v5 beside it
//	go run ./bench scale               validate and plan on generated projects of 500 to 5,000 blocks
//	go run ./bench plan [-blocks N]    validate and plan on 10,000 blocks, a hook's commands on 200 files, terraform beside them
//	go run ./bench memory [-gb N]      peak memory of append, merge and replace on one large file
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("say what to measure: load, enforce, scale, plan or memory")
	}
	flags := flag.NewFlagSet(args[0], flag.ContinueOnError)
	rows := flags.Int("rows", 1_000_000, "records to load")
	runs := flags.Int("runs", 3, "runs of each command; the median is printed")
	blocks := flags.Int("blocks", 10_000, "blocks of the large project")
	gb := flags.Float64("gb", 5, "size of the file in gigabytes")
	out := flags.String("out", filepath.Join("bench", "out"), "folder for data and databases")
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	if err := os.MkdirAll(*out, 0o755); err != nil {
		return err
	}
	b := &bench{out: *out, runs: *runs}
	switch args[0] {
	case "load":
		return b.load(*rows)
	case "enforce":
		return b.enforce()
	case "scale":
		return b.scale()
	case "plan":
		return b.plan(*blocks)
	case "alone": // the process between plan and what it measures
		return measuredAlone(flags.Args())
	case "memory":
		return b.memory(int64(*gb * 1e9))
	case "read-json": // the measured process of load: DuckDB alone
		return readJSON(flags.Args())
	default:
		return fmt.Errorf("%q is nothing to measure: load, enforce, scale, plan or memory", args[0])
	}
}

// bench holds what the measurements share.
type bench struct {
	out  string
	runs int
}
