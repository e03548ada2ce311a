package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// editProject is the project that TestEdits edits. The model's SQL and the data
// stand in files of their own.
var editProject = map[string]string{
	"project.gate.hcl": `headgate {
  name = "shop"
}
variable "least" {
  type    = number
  default = 0
}
environment "dev" {
  default   = true
  log_level = "warn"
}
source "file" "shop" {
  path   = "data/*.csv"
  format = "csv"
}
destination "duckdb" "w" {
  path = "warehouse.duckdb"
}
`,
	"orders.gate.hcl": `contract "orders" {
  compatibility = "none"

  description = "Orders."
  owner       = "sales"
  key         = ["id"]
  column "id" {
    type     = int32
    required = true
  }
  column "total" {
    type = int32
    min  = 0
    max  = 1000
  }
  column "spare" {
    type = int64
  }
  column "status" {
    type = string
    enum = ["open", "paid"]
  }
  check "sane" {
    condition = row.total > -1
    message   = "totals are not negative"
  }
  tolerance = "50%"
}
pipeline "orders" {
  from     = source.shop
  to       = destination.w
  schedule = "0 2 * * *"
  owner    = "sales"
  stream "orders" {
    contract = contract.orders.v1
    table    = "raw.orders"
    write    = "append"
    map {
      column "status" {
        value = lower(row.state)
      }
      drop   = ["state"]
      filter = row.id > var.least
    }
  }
}
`,
	"sales.gate.hcl": `model "sales" {
  destination    = destination.w
  schema         = "marts"
  materialized   = "table"
  latest_version = 2
  version "1" {
    query = "select count(*) as n from raw.orders"
  }
  version "2" {
    query = file("sales.sql")
  }
}
`,
	"sales.sql":       "-- Sales.\nselect status, count(*) as n\nfrom raw.orders\ngroup by status\n",
	"data/orders.csv": "id,total,state\n1,10,OPEN\n2,20,PAID\n3,30,paid\n",
}

// edit is one change of editProject and what a plan says of it.
type edit struct {
	name     string
	file     string
	old, new string   // every place of old is replaced; "" for a new file
	want     []string // "~ address", sorted as the plan has them
	says     string   // a pattern that the plan's text matches
	args     []string // of plan and apply
	run      func(t *testing.T, dir string)
}

const (
	orders   = "orders.gate.hcl"
	project  = "project.gate.hcl"
	stream   = "pipeline.orders.stream.orders"
	contract = "contract.orders.v1"
)

var edits = []edit{
	{name: "contract owner", file: orders, old: `owner       = "sales"`, new: `owner       = "finance"`, want: []string{"~ " + contract}, says: `owner.*"sales" -> "finance"`},
	{name: "contract description", file: orders, old: `"Orders."`, new: `"All orders."`, want: []string{"~ " + contract}, says: `description`},
	{name: "schedule", file: orders, old: `0 2 * * *`, new: `0 3 * * *`, want: []string{"~ pipeline.orders"}, says: `schedule`},
	{name: "pipeline owner", file: orders, old: `owner    = "sales"`, new: `owner    = "ops"`, want: []string{"~ pipeline.orders"}},
	{name: "column added", file: orders, old: "  check", new: "  column \"note\" {\n    type = string\n  }\n  check", want: []string{"~ " + stream, "~ " + contract}},
	{name: "column removed", file: orders, old: "  column \"spare\" {\n    type = int64\n  }\n", new: "", want: []string{"~ " + stream, "~ " + contract}, says: `- column "spare"`},
	{name: "column narrowed", file: orders, old: "int64", new: "int32", want: []string{"~ " + stream, "~ " + contract}, says: `"spare".type: int64 -> int32`},
	{name: "column widened", file: orders, old: "    type = int32\n    min", new: "    type = int64\n    min", want: []string{"~ " + stream, "~ " + contract}},
	{name: "limit loosened", file: orders, old: "max  = 1000", new: "max  = 2000", want: []string{"~ " + contract}},
	{name: "limit tightened", file: orders, old: "max  = 1000", new: "max  = 25", want: []string{"~ " + contract}},
	{name: "enum", file: orders, old: `["open", "paid"]`, new: `["open", "paid", "lost"]`, want: []string{"~ " + contract}},
	{name: "check", file: orders, old: `row.total > -1`, new: `row.total > -2`, want: []string{"~ " + contract}},
	{name: "check message", file: orders, old: `totals are not`, new: `no total is`, want: []string{"~ " + contract}},
	{name: "on_violation", file: orders, old: `  tolerance`, new: "  on_violation = \"drop\"\n  tolerance", want: []string{"~ " + contract}},
	{name: "tolerance", file: orders, old: `50%`, new: "40%", want: []string{"~ " + contract}},
	{name: "key", file: orders, old: `["id"]`, new: `["id", "status"]`, want: []string{"~ " + contract, "-/+ model.sales.v2"}},
	{name: "map", file: orders, old: `lower(row.state)`, new: `trim(lower(row.state))`, want: []string{"~ " + stream}},
	{name: "filter", file: orders, old: `row.id > var.least`, new: `row.id > var.least + 1`, want: []string{"~ " + stream}},
	{name: "variable default", file: project, old: `default = 0`, new: `default = 1`, want: []string{"~ environment.dev", "~ " + stream}},
	{name: "variable by flag", args: []string{"--var", "least=1"}, want: []string{"~ environment.dev", "~ " + stream}},
	{name: "write mode", file: orders, old: `"append"`, new: `"merge"`, want: []string{"~ " + stream}},
	{name: "table", file: orders, old: `"raw.orders"`, new: `"raw.all_orders"`, want: []string{"~ " + stream, "-/+ model.sales.v1", "-/+ model.sales.v2"},
		run: func(t *testing.T, dir string) {
			replace(t, dir, "sales.sql", "raw.orders", "raw.all_orders")
			replace(t, dir, "sales.gate.hcl", "raw.orders", "raw.all_orders")
		}},
	{name: "source path", file: project, old: `data/*.csv`, new: `data/o*.csv`, want: []string{"~ source.shop"}},
	{name: "source delimiter", file: project, old: `"csv"`, new: "\"csv\"\n  delimiter = \",\""},
	{name: "source null text", file: project, old: `"csv"`, new: "\"csv\"\n  null_values = [\"NA\"]", want: []string{"~ source.shop"}},
	{name: "destination path", file: project, old: `warehouse.duckdb`, new: `other.duckdb`, want: []string{"-/+ " + stream, "-/+ model.sales.v1", "-/+ model.sales.v2", "~ destination.w", "> pipeline.orders"}},
	{name: "destination memory", file: project, old: "warehouse.duckdb\"", new: "warehouse.duckdb\"\n  memory_limit = \"300MB\"", want: []string{"~ destination.w"}},
	{name: "log level", file: project, old: `"warn"`, new: `"error"`, want: []string{"~ environment.dev"}},
	{name: "environment variable", file: project, old: `log_level`, new: "env = {\n    TZ = \"UTC\"\n  }\n  log_level", want: []string{"~ environment.dev"}},
	{name: "model SQL", file: "sales.sql", old: `count(*) as n`, new: `sum(total) as n`, want: []string{"-/+ model.sales.v2"}},
	{name: "model SQL comment", file: "sales.sql", old: `-- Sales.`, new: `-- All sales.`, want: []string{"~ model.sales.v2"}},
	{name: "model SQL white space", file: "sales.sql", old: "\nfrom", new: " from", want: []string{"~ model.sales.v2"}},
	{name: "model materialized", file: "sales.gate.hcl", old: `"table"`, new: `"view"`, want: []string{"-/+ model.sales.v1", "-/+ model.sales.v2"}},
	{name: "latest version", file: "sales.gate.hcl", old: `latest_version = 2`, new: `latest_version = 1`, want: []string{"~ model.sales.v1", "~ model.sales.v2"}},
	{name: "model schema", file: "sales.gate.hcl", old: `"marts"`, new: `"reports"`, want: []string{"-/+ model.sales.v1", "-/+ model.sales.v2"}},
	{name: "new model", file: "more.gate.hcl", new: "model \"more\" {\n  destination = destination.w\n  query = \"select 1 as one\"\n}\n", want: []string{"+ model.more.v1"}},
	{name: "model version removed", file: "sales.gate.hcl", old: "  version \"1\" {\n    query = \"select count(*) as n from raw.orders\"\n  }\n", new: "", want: []string{"- model.sales.v1"}},
	{name: "new environment", file: "prod.gate.hcl", new: "environment \"prod\" {\n}\n"},
	{name: "unused local", file: "locals.gate.hcl", new: "locals {\n  x = 1\n}\n"},
	{name: "file renamed", run: func(t *testing.T, dir string) {
		if err := os.Rename(filepath.Join(dir, orders), filepath.Join(dir, "z.gate.hcl")); err != nil {
			t.Fatal(err)
		}
	}},
	{name: "comment in HCL", file: orders, old: "pipeline", new: "# A comment.\npipeline"},
	{name: "block order", run: func(t *testing.T, dir string) {
		text := editProject[orders]
		at := strings.Index(text, "pipeline")
		write(t, dir, orders, text[at:]+text[:at])
	}},
	{name: "new file", file: "data/more.csv", new: "id,total,state\n4,40,open\n", want: []string{"> pipeline.orders", "> model.sales.v1", "> model.sales.v2"}},
}

// TestEdits applies a project, makes one edit, and wants the plan to name it and
// nothing else, with exit code 2 exactly where a definition changes. After an
// apply nothing is left to do.
func TestEdits(t *testing.T) {
	base := t.TempDir()
	for name, text := range editProject {
		write(t, base, name, text)
	}
	mustRun(t, base, 0, "apply", "--auto-approve")
	if out := mustRun(t, base, 0, "plan", "--detailed-exitcode"); !strings.Contains(out, "\nNo changes.") {
		t.Fatalf("the plan after apply:\n%s", out)
	}
	for _, e := range edits {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "p")
			if err := os.CopyFS(dir, os.DirFS(base)); err != nil {
				t.Fatal(err)
			}
			e.make(t, dir)
			code := 0
			for _, line := range e.want {
				if !strings.HasPrefix(line, "> ") {
					code = 2
				}
			}
			out := mustRun(t, dir, code, append(e.args, "plan", "--detailed-exitcode")...)
			if d := cmp.Diff(e.want, planLines(out)); d != "" {
				t.Errorf("the plan (-want +got):\n%s\n%s", d, out)
			}
			if e.says != "" && !regexp.MustCompile(e.says).MatchString(out) {
				t.Errorf("the plan does not say %s:\n%s", e.says, out)
			}
			mustRun(t, dir, 0, append(e.args, "apply", "--auto-approve")...)
			if out := mustRun(t, dir, 0, append(e.args, "plan", "--detailed-exitcode")...); !strings.Contains(out, "\nNo changes.") {
				t.Errorf("the plan after apply:\n%s", out)
			}
		})
	}
}

func (e edit) make(t *testing.T, dir string) {
	t.Helper()
	switch {
	case e.file == "":
	case e.old == "" && e.new != "":
		write(t, dir, e.file, e.new)
	default:
		replace(t, dir, e.file, e.old, e.new)
	}
	if e.run != nil {
		e.run(t, dir)
	}
}

// planLine is a step of a plan's text.
var planLine = regexp.MustCompile(`(?m)^  (-/\+|[+~>!-]) +(\S+)`)

// planLines lists the steps of a plan's text, each as "symbol address".
func planLines(text string) []string {
	var out []string
	for _, m := range planLine.FindAllStringSubmatch(text, -1) {
		out = append(out, m[1]+" "+m[2])
	}
	return out
}

// mustRun runs headgate, wants an exit code, and returns what it printed.
func mustRun(t *testing.T, dir string, code int, args ...string) string {
	t.Helper()
	out, err := headgate(dir, args...).Output()
	got, stderr := 0, ""
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		got, stderr = exit.ExitCode(), string(exit.Stderr)
	} else if err != nil {
		t.Fatal(err)
	}
	if got != code {
		t.Fatalf("headgate %s: exit code %d, want %d\n%s%s", strings.Join(args, " "), got, code, out, stderr)
	}
	return string(out)
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// replace replaces every place of a file where old stands; there must be one.
func replace(t *testing.T, dir, name, old, replacement string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(string(text), old) < 1 {
		t.Fatalf("%s does not hold %q", name, old)
	}
	write(t, dir, name, strings.ReplaceAll(string(text), old, replacement))
}
