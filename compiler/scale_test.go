package compiler_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/headgate-data/headgate/compiler"
	"github.com/headgate-data/headgate/lang"
)

// generated writes a project of about n blocks: contracts, pipelines and locals
// that refer to each other.
func generated(n int) fstest.MapFS {
	var b strings.Builder
	b.WriteString("source \"file\" \"s\" {\n  path = \"x.jsonl\"\n}\ndestination \"duckdb\" \"w\" {\n  path = \"w.duckdb\"\n}\nlocals {\n  n0 = 1\n")
	for i := 1; i < 500; i++ {
		fmt.Fprintf(&b, "  n%d = local.n%d + 1\n", i, i-1)
	}
	b.WriteString("}\n")
	for i := range n / 2 {
		fmt.Fprintf(&b, `contract "c%d" {
  version "1" {
    column "id" {
      type = int64
      min  = local.n%d
    }
    column "name" {
      type = string
    }
    check "named" {
      condition = row.id > 0 || row.name != null
    }
    key = ["id"]
  }
}
pipeline "p%d" {
  from = source.s
  to   = destination.w
  stream "t%d" {
    contract = contract.c%d.v1
    table    = "raw.t%d"
    write    = "merge"
  }
}
`, i, i%500, i, i, i, i)
	}
	return fstest.MapFS{"main.gate.hcl": {Data: []byte(b.String())}}
}

func compileGenerated(tb testing.TB, n int) time.Duration {
	fsys := generated(n)
	m, diags := lang.Load(fsys, ".")
	if diags.HasErrors() {
		tb.Fatal(diags.Err())
	}
	start := time.Now()
	p, diags := compiler.Compile(context.Background(), m, compiler.Inputs{Today: "2026-06-01", FS: fsys, FolderName: "x"})
	took := time.Since(start)
	if diags.HasErrors() || len(p.Nodes) < n {
		tb.Fatalf("%d nodes, %v", len(p.Nodes), diags.Err())
	}
	return took
}

// TestCompileGrowsInProportion compares 500 with 4,000 blocks: eight times the
// work, with room for a busy machine, where work that grows with the square would
// take sixty-four times as long. One quiet attempt of five is enough.
func TestCompileGrowsInProportion(t *testing.T) {
	least := 0.0
	for range 5 {
		small := min(compileGenerated(t, 500), compileGenerated(t, 500))
		large := compileGenerated(t, 4000)
		t.Logf("500 blocks: %v; 4,000 blocks: %v", small, large)
		if growth := float64(large) / float64(small); least == 0 || growth < least {
			least = growth
		}
		if least < 20 {
			return
		}
	}
	t.Errorf("8 times the blocks take %.0f times as long", least)
}

func BenchmarkCompile5000(b *testing.B) {
	b.ReportAllocs()
	for range b.N {
		compileGenerated(b, 5000)
	}
}
