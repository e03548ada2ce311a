package sqlcheck_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/headgate-data/headgate/compiler/sqlcheck"
	"github.com/headgate-data/headgate/compiler/sqltype"
	"github.com/headgate-data/headgate/internal/golden"
)

// TestFacts says what each query of testdata/facts, parted by blank lines, shows.
func TestFacts(t *testing.T) {
	golden.Dir(t, "testdata/facts/*.txtar", func(t *testing.T, a *golden.Archive) {
		ctx := context.Background()
		engine := newEngine(t, nil)
		known := map[string][]sqlcheck.Column{}
		for name, columns := range tables {
			schema, table, _ := strings.Cut(name, ".")
			known[name] = parseColumns(t, columns)
			def := sqltype.Table{Schema: schema, Name: table}
			for _, c := range known[name] {
				def.Columns = append(def.Columns, sqltype.Column{Name: c.Name, Type: c.Type})
			}
			engine.define(def)
		}
		var out strings.Builder
		for _, sql := range strings.Split(strings.TrimSpace(string(a.Bytes(t, "queries.sql"))), "\n\n") {
			out.WriteString(sql + "\n")
			tree, err := engine.Tree(ctx, sql)
			if err != nil {
				t.Fatalf("%s: %v", sql, err)
			}
			p, problems := sqlcheck.Parse(sql, tree)
			if len(problems) > 0 {
				t.Fatalf("%s: %v", sql, problems)
			}
			described, err := engine.Describe(ctx, sql)
			if err != nil {
				t.Fatalf("%s: %v", sql, err)
			}
			p.Columns(make([]sqlcheck.Column, len(described)), func(schema, name string) ([]sqlcheck.Column, bool) {
				if schema == "" {
					schema = "main"
				}
				cols, ok := known[schema+"."+name]
				return append([]sqlcheck.Column{}, cols...), ok
			})
			for _, f := range p.Facts() {
				fmt.Fprintf(&out, "  %s %s at %d %q\n", f.Kind, f.Name, f.Start, sql[f.Start:f.End])
			}
			out.WriteString("\n")
		}
		a.Compare(t, "want", []byte(out.String()))
	})
}
