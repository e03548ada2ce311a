package compiler_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/headgate-data/headgate/compiler"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang"
	"github.com/headgate-data/headgate/lang/addr"
)

const shop = `
variable "pw" {
  type      = string
  sensitive = true
  default   = "PLANTED-default"
}
locals {
  auth = "Bearer ${secret("TOKEN")}"
}
source "singer" "shop" {
  command = ["tap", "--pw", var.pw]
  config  = { auth = local.auth, note = "n" }
}
destination "duckdb" "w" {
  path = "w.duckdb"
}
contract "orders" {
  description = "Orders."
  column "id" {
    type = int64
    min  = 1
  }
}
pipeline "p" {
  from     = source.shop
  to       = destination.w
  schedule = "0 2 * * *"
  stream "orders" {
    contract = contract.orders
  }
}
model "m" {
  destination = destination.w
  query       = <<SQL
select id from main.orders
SQL
}
`

func mustCompile(t *testing.T, files map[string]string, in compiler.Inputs) *program.Program {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	m, diags := lang.Load(fsys, ".")
	in.FS, in.Today, in.FolderName = fsys, "2026-06-01", "shop"
	p, more := compiler.Compile(context.Background(), m, in)
	if err := append(diags, more...).Err(); err != nil {
		t.Fatal(err)
	}
	return p
}

// TestNoSecretIsKept plants values for a secret and a sensitive variable and looks
// for them in the whole program.
func TestNoSecretIsKept(t *testing.T) {
	in := compiler.Inputs{Vars: map[string]string{"pw": "PLANTED-var"}, LookupEnv: func(name string) (string, bool) {
		if name == "TOKEN" {
			t.Error("the secret's variable was read")
		}
		return "", false
	}}
	p := mustCompile(t, map[string]string{"main.gate.hcl": shop}, in)
	b, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(b), "PLANTED") {
		t.Errorf("a sensitive value is in the program:\n%s", b)
	}
	if strings.ContainsAny(string(b), "\x02\x03") || strings.Contains(string(b), `\u0002`) {
		t.Errorf("a placeholder is in the program:\n%s", b)
	}
	n, _ := p.Lookup(addr.Of(addr.Source, "shop"))
	if got := (*n.Source.Singer.Config.Map)["auth"].Text.String(); got != `Bearer ${secret("TOKEN")}` {
		t.Errorf("auth is %s", got)
	}
	m, _ := lang.Load(fstest.MapFS{"main.gate.hcl": {Data: []byte(shop)}}, ".")
	if got := compiler.SensitiveValues(m, in)["pw"]; got != "PLANTED-var" {
		t.Errorf("the sensitive value is %q", got)
	}
}

// TestFileOrderDoesNotMatter compiles the same blocks in one file and in many.
func TestFileOrderDoesNotMatter(t *testing.T) {
	one := mustCompile(t, map[string]string{"main.gate.hcl": shop}, compiler.Inputs{})
	files := map[string]string{}
	for i, block := range strings.SplitAfter(shop, "\n}\n") {
		files[string(rune('z'-i))+".gate.hcl"] = block
	}
	if many := mustCompile(t, files, compiler.Inputs{}); program.ProgramDigest(one) != program.ProgramDigest(many) {
		t.Error("the program depends on the order of files")
	}
}

// TestFingerprints changes one thing at a time: what is written aside moves no
// fingerprint, words for people move the definition's alone.
func TestFingerprints(t *testing.T) {
	base := mustCompile(t, map[string]string{"main.gate.hcl": shop}, compiler.Inputs{})
	for _, c := range []struct {
		name, old, new, at string
		whole, data        bool // whether the fingerprint moves
	}{
		{"a comment in HCL", "\ncontract", "\n# words\n\ncontract", "contract.orders.v1", false, false},
		{"a comment in SQL", "select id from", "select id -- words\n  from", "model.m.v1", true, false},
		{"a column of SQL", "select id from", "select id + 1 from", "model.m.v1", true, true},
		{"a description", "Orders.", "All orders.", "contract.orders.v1", true, false},
		{"an extension", "min  = 1", "min  = 1\n    extensions = { odcs = { rules = 1, range = [null, 1.50] } }", "contract.orders.v1", true, false},
		{"a limit", "min  = 1", "min  = 2", "contract.orders.v1", true, true},
		{"a limit written otherwise", "min  = 1", "min  = 2 - 1", "contract.orders.v1", false, false},
		{"a schedule", "0 2 * * *", "0 3 * * *", "pipeline.p", true, false},
		{"a setting of a tap", `note = "n"`, `note = "o"`, "source.shop", true, true},
		{"a setting called range", `note = "n"`, `note = "n", range = "1"`, "source.shop", true, true},
		{"another secret", `secret("TOKEN")`, `secret("OTHER")`, "source.shop", true, true},
		{"the way of writing", "contract = contract.orders\n", "contract = contract.orders\n    write = \"replace\"\n", "pipeline.p.stream.orders", true, true},
		{"another path", `"w.duckdb"`, `"./w.duckdb"`, "destination.w", false, false},
		{"threads", `path = "w.duckdb"`, "path = \"w.duckdb\"\n  threads = 2", "destination.w", true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if strings.Count(shop, c.old) != 1 {
				t.Fatalf("%q does not stand once in the project", c.old)
			}
			now := mustCompile(t, map[string]string{"main.gate.hcl": strings.Replace(shop, c.old, c.new, 1)}, compiler.Inputs{})
			a, err := addr.Parse(c.at)
			if err != nil {
				t.Fatal(err)
			}
			before, ok1 := base.Lookup(a)
			after, ok2 := now.Lookup(a)
			if !ok1 || !ok2 {
				t.Fatal("the node is not there")
			}
			if moved := program.Fingerprint(before) != program.Fingerprint(after); moved != c.whole {
				t.Errorf("the fingerprint moved: %v", moved)
			}
			if moved := program.DataFingerprint(before) != program.DataFingerprint(after); moved != c.data {
				t.Errorf("the data's fingerprint moved: %v", moved)
			}
		})
	}
}
