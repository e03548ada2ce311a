package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// plan measures what a reviewer waits for: validate and plan on a large project,
// and the commands of a pre-commit hook on one of 200 files, each with and
// without what the cache of queries holds. Where terraform is on the PATH, it
// validates and plans as many terraform_data resources beside it.
func (b *bench) plan(blocks int) error {
	bin, err := b.build()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "headgate-bench-plan-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) // a leftover in the system's folder for such does no harm
	large, small := filepath.Join(dir, "large"), filepath.Join(dir, "small")
	if err := wideProject(large, blocks, blocks/50); err != nil {
		return err
	}
	if err := wideProject(small, 120, 200); err != nil {
		return err
	}
	fmt.Printf("%d blocks in %d files\n", blocks, blocks/50)
	if err := b.coldAndWarm(bin, large, []string{"validate"}, []string{"plan", "--format", "json"}); err != nil {
		return err
	}
	fmt.Println("200 files, 40 of them queries")
	if err := b.coldAndWarm(bin, small, []string{"validate"}, []string{"fmt", "--check"}, []string{"plan", "--format", "json"}); err != nil {
		return err
	}
	return b.terraform(filepath.Join(dir, "terraform"), blocks)
}

// coldAndWarm measures each command after the cache was removed, and after a run
// that filled it.
func (b *bench) coldAndWarm(bin, dir string, commands ...[]string) error {
	cache := filepath.Join(dir, ".headgate", "cache")
	for _, c := range commands {
		command := append([]string{bin, "-C", dir}, c...)
		cold, err := b.best(func() error { return os.RemoveAll(cache) }, command)
		if err != nil {
			return err
		}
		warm, err := b.best(func() error { return nil }, command)
		if err != nil {
			return err
		}
		planRow(c[0]+", no cache", cold)
		planRow(c[0]+", cache", warm)
	}
	return nil
}

// best repeats a measurement and returns the run that took the least processor
// time: what else the machine does only adds to it. The peak is that of the command
// alone, see measuredAlone.
func (b *bench) best(prepare func() error, command []string) (figures, error) {
	self, err := os.Executable()
	if err != nil {
		return figures{}, err
	}
	var least figures
	for i := range max(b.runs, 1) {
		if err := prepare(); err != nil {
			return figures{}, err
		}
		out, err := exec.Command(self, append([]string{"alone", "--"}, command...)...).Output()
		if err != nil {
			return figures{}, fmt.Errorf("%s: %w\n%s", strings.Join(command, " "), err, out)
		}
		var f figures
		if _, err := fmt.Sscan(string(out), &f.wall, &f.user, &f.sys, &f.peakRSS); err != nil {
			return figures{}, err
		}
		if i == 0 || f.cpu() < least.cpu() {
			least = f
		}
	}
	return least, nil
}

// measuredAlone measures one command and prints its figures. It is a process of its
// own that has used little memory: the system counts what the parent had in use as
// the child's until that has begun.
func measuredAlone(command []string) error {
	f, err := measure(0, command...)
	if err != nil {
		return err
	}
	_, err = fmt.Println(int64(f.wall), int64(f.user), int64(f.sys), f.peakRSS)
	return err
}

// terraform measures the same number of resources in terraform, where it is.
func (b *bench) terraform(dir string, blocks int) error {
	bin, err := exec.LookPath("terraform")
	if err != nil {
		fmt.Println("terraform is not on the PATH")
		return nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	var s strings.Builder
	for i := range blocks {
		fmt.Fprintf(&s, "resource \"terraform_data\" \"r%d\" {\n  input = \"value %d\"\n}\n", i, i)
	}
	if err := os.WriteFile(filepath.Join(dir, "main.tf"), []byte(s.String()), 0o644); err != nil {
		return err
	}
	init := exec.Command(bin, "-chdir="+dir, "init", "-input=false", "-backend=false")
	if out, err := init.CombinedOutput(); err != nil {
		return fmt.Errorf("terraform init: %w\n%s", err, out)
	}
	fmt.Printf("terraform, %d terraform_data resources\n", blocks)
	for _, c := range [][]string{{"validate"}, {"plan", "-input=false"}} {
		f, err := b.best(func() error { return nil }, append([]string{bin, "-chdir=" + dir}, c...))
		if err != nil {
			return err
		}
		planRow(c[0], f)
	}
	return nil
}

func planRow(name string, f figures) {
	fmt.Printf("  %-22s %7.2f s wall %7.2f s cpu %6.0f MB peak\n", name, f.wall.Seconds(), f.cpu().Seconds(), float64(f.peakRSS)/1e6)
}

// wideProject writes a project of about n blocks, a third each of contracts,
// pipelines and models, spread over files files. Of 200 files and fewer blocks,
// every model's query is in a file of its own.
func wideProject(dir string, n, files int) error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(dir, "data"), 0o755); err != nil {
		return err
	}
	texts := map[string]*strings.Builder{}
	into := func(name string) *strings.Builder {
		if texts[name] == nil {
			texts[name] = &strings.Builder{}
		}
		return texts[name]
	}
	into("main.gate.hcl").WriteString("headgate {\n  name = \"wide\"\n}\n\ndestination \"duckdb\" \"warehouse\" {\n  path = \"${path.root}/warehouse.duckdb\"\n}\n\nsource \"file\" \"lake\" {\n  path = \"data/*.jsonl\"\n}\n")
	triples := n / 3
	ownFiles := files > n
	perFile := max(1, (triples+files-1)/files)
	for i := range triples {
		where := fmt.Sprintf("part_%05d", i/perFile)
		query := fmt.Sprintf(wideQuery, i, max(i-1, 0))
		if !ownFiles {
			s := into(where + ".gate.hcl")
			fmt.Fprintf(s, wideContract, i)
			fmt.Fprintf(s, widePipeline, i)
			fmt.Fprintf(s, wideModel, i, "<<-SQL\n"+query+"  SQL")
			continue
		}
		fmt.Fprintf(into(fmt.Sprintf("contracts/c%05d.gate.hcl", i)), wideContract, i)
		fmt.Fprintf(into(fmt.Sprintf("pipelines/p%05d.gate.hcl", i)), widePipeline, i)
		fmt.Fprintf(into(fmt.Sprintf("models/m%05d.gate.hcl", i)), wideModel, i, fmt.Sprintf("file(\"models/m%05d.sql\")", i))
		into(fmt.Sprintf("models/m%05d.sql", i)).WriteString(query)
	}
	for i := len(texts); ownFiles && i < files; i++ {
		fmt.Fprintf(into(fmt.Sprintf("contracts/more%05d.gate.hcl", i)), wideContract, 100000+i)
	}
	return writeAll(dir, texts)
}

func writeAll(dir string, texts map[string]*strings.Builder) error {
	for name, text := range texts {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(strings.TrimLeft(text.String(), "\n")), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// wideContract stands in a file of its own, or behind others.
const wideContract = "\n" + benchContract

// benchContract is a contract of four columns with limits and a check.
const benchContract = `contract "c%[1]d" {
  key = ["id"]
  column "id" {
    type     = int64
    required = true
  }
  column "name" {
    type       = string
    max_length = 100
  }
  column "amount" {
    type = decimal(12, 2)
    min  = 0
  }
  column "at" {
    type = timestamptz
  }
  check "sane" {
    condition = row.amount < 1000000 || row.name != ""
  }
}
`

const widePipeline = `
pipeline "p%[1]d" {
  from = source.lake
  to   = destination.warehouse
  stream "t%[1]d" {
    contract = contract.c%[1]d.v1
    table    = "raw.t%[1]d"
    write    = "merge"
  }
}
`

const wideModel = `
model "m%[1]d" {
  destination  = destination.warehouse
  schema       = "marts"
  materialized = "table"
  query        = %[2]s
}
`

const wideQuery = `    select t.name, date_trunc('day', t.at) as day, count(*) as orders, sum(t.amount) as amount
    from raw.t%[1]d as t
    left join raw.t%[2]d as before on before.id = t.id
    where t.amount > 0
    group by all
`
