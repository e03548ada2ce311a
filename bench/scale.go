package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// scale measures validate and plan on generated projects: time and memory should
// grow with the number of blocks, and no faster.
func (b *bench) scale() error {
	bin, err := b.build()
	if err != nil {
		return err
	}
	fmt.Printf("%8s %14s %14s %14s %14s\n", "blocks", "validate", "peak", "plan", "peak")
	for _, blocks := range []int{500, 1000, 2000, 5000} {
		dir := filepath.Join(b.out, fmt.Sprintf("scale-%d", blocks))
		if err := scaleProject(dir, blocks); err != nil {
			return err
		}
		none := func() error { return nil }
		v, err := b.median(0, contender{none, []string{bin, "validate", "-C", dir}})
		if err != nil {
			return err
		}
		p, err := b.median(0, contender{none, []string{bin, "plan", "-C", dir, "--format", "json"}})
		if err != nil {
			return err
		}
		fmt.Printf("%8d %12.2f s %11.0f MB %12.2f s %11.0f MB\n", blocks, v.wall.Seconds(), float64(v.peakRSS)/1e6, p.wall.Seconds(), float64(p.peakRSS)/1e6)
	}
	return nil
}

// scaleProject writes a project of about n blocks at the top: a fifth each of
// sources, contracts, pipelines and models, and contracts for the models.
func scaleProject(dir string, n int) error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	var s strings.Builder
	s.WriteString("headgate {\n  name = \"scale\"\n}\ndestination \"duckdb\" \"warehouse\" {\n  path = \"${path.root}/warehouse.duckdb\"\n}\n")
	for i := range n / 5 {
		fmt.Fprintf(&s, fifth, i)
	}
	return os.WriteFile(filepath.Join(dir, "project.gate.hcl"), []byte(s.String()), 0o644)
}

// fifth is one source with what hangs on it: five blocks.
const fifth = `
source "file" "s%[1]d" {
  path = "data/s%[1]d-*.jsonl"
}
` + benchContract + `
pipeline "p%[1]d" {
  from = source.s%[1]d
  to   = destination.warehouse
  stream "t%[1]d" {
    contract = contract.c%[1]d.v1
    table    = "raw.t%[1]d"
    write    = "merge"
    map {
      column "name" {
        value = lower(row.name)
      }
    }
  }
}
contract "m%[1]d" {
  column "name" {
    type = string
  }
  column "orders" {
    type     = int64
    required = true
  }
}
model "m%[1]d" {
  destination  = destination.warehouse
  schema       = "marts"
  materialized = "table"
  query        = "select name, count(*) as orders from raw.t%[1]d group by name"
  contract     = contract.m%[1]d.v1
}
`
