package duckdb

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/connector"
)

const model = "model.totals.v1"

// totals is a build of a model over raw.orders, published as totals_v1 and totals.
func totals(build, previous, sql string) connector.ModelBuild {
	b := connector.ModelBuild{
		Relation: connector.Relation{Address: model, Schema: "marts", Name: "totals_v1", Build: build}, SQL: sql, Previous: previous, Key: []string{"id"},
		Columns: []connector.Column{{Name: "id", Type: types.Of(types.Int64)}, {Name: "price", Type: types.DecimalOf(10, 2)}},
		Run:     connector.RunRecord{RunID: "run 2", Project: "shop", Environment: "dev", Address: model, Status: "success"},
	}
	names := []string{"id", "price"}
	bare := connector.View{Relation: b.Relation, Of: "totals_v1", Columns: names}
	bare.Name, bare.Address = "totals", "model.totals"
	b.Views = []connector.View{{Relation: b.Relation, Columns: names}, bare}
	return b
}

func claimModel(t *testing.T, d *Destination, b connector.ModelBuild) {
	t.Helper()
	var names []connector.Relation
	for _, v := range b.Views {
		names = append(names, v.Relation)
	}
	must(t, d.Claim(context.Background(), unit, names))
}

func TestModelTableIsSwitched(t *testing.T) {
	d := openTest(t)
	ctx := context.Background()
	first := totals("b1", "", "select 1 as id, 1.5 as price union all select 2, 2.25; ")
	first.SQL = strings.TrimRight(first.SQL, "; ") + " -- a comment"
	claimModel(t, d, first)
	res, err := d.BuildModel(ctx, first)
	must(t, err)
	if res.Tables[model] != (connector.TableDiff{Inserted: 2, Rows: 2}) {
		t.Errorf("%+v", res)
	}
	// A dependent that reads all columns stands over the switch to other columns.
	dep := connector.View{Relation: connector.Relation{Address: "model.top.v1", Schema: "marts", Name: "top_v1"}, SQL: "select * from marts.totals"}
	must(t, d.Claim(ctx, unit, []connector.Relation{dep.Relation}))
	must(t, d.Prepare(ctx, connector.PrepareRequest{Unit: unit, Table: orders("append", "x", true), Views: []connector.View{dep}}))
	second := totals("b2", "b1", "select id, price, 'new' as more from (values (1, 1.5), (2, 9), (3, 0)) v(id, price)")
	second.Columns = append(second.Columns, connector.Column{Name: "more", Type: types.Of(types.String)})
	for i := range second.Views {
		second.Views[i].Columns = []string{"more", "id", "price"}
	}
	second.Views = append(second.Views, dep)
	res, err = d.BuildModel(ctx, second)
	must(t, err)
	if res.Tables[model] != (connector.TableDiff{Inserted: 1, Updated: 2, Rows: 3}) {
		t.Errorf("%+v", res)
	}
	wantRows(t, d, "select * from marts.top_v1 order by id", `{"more":"new","id":1,"price":1.50}`, `{"more":"new","id":2,"price":9.00}`, `{"more":"new","id":3,"price":0.00}`)
	wantRows(t, d, "select table_name t from duckdb_tables() where table_name like '%totals%'", `{"t":"marts.totals_v1__b2"}`)
	third := totals("b3", "b2", second.SQL)
	third.Columns, third.KeepPrevious = second.Columns, true
	third.Views[0].Columns, third.Views[1].Columns = second.Views[0].Columns, second.Views[0].Columns
	third.Views = append(third.Views, dep)
	res, err = d.BuildModel(ctx, third)
	must(t, err)
	if res.Tables[model] != (connector.TableDiff{Unchanged: 3, Rows: 3}) {
		t.Errorf("%+v", res)
	}
	wantRows(t, d, "select count(*) n from duckdb_tables() where table_name like '%totals%'", `{"n":2}`)
	wantRows(t, d, "select records_loaded n from headgate_runs where run_id = 'run 2' order by 1", `{"n":2}`, `{"n":3}`, `{"n":3}`)
	for _, r := range []connector.Relation{first.Views[0].Relation, first.Views[1].Relation} {
		st, err := d.Standing(ctx, unit, r)
		must(t, err)
		if st.Build != "b3" || !st.Loaded {
			t.Errorf("%s stands as %+v", r.Name, st)
		}
	}
}

func TestModelAudits(t *testing.T) {
	const sql = "select id, price from (values (1, 1.5), (2, -1), (3, -2), (4, 1000)) v(id, price)"
	negative := connector.Audit{Rule: "price.min", Column: "price", Severity: "error", SQL: "select * from {this} where price < 0"}
	remove := connector.Audit{Rule: "price.min", Column: "price", Severity: "error", SQL: "price < 0", Remove: true, Quarantine: true}
	masked := connector.Audit{Rule: "price.max", Column: "price", Severity: "warning", SQL: "select price from {new} where price > 100", Mask: true}
	for _, c := range []struct {
		name      string
		build     string
		audits    []connector.Audit
		published bool
		found     string
		rows      []string
		kept      []string
	}{
		{"fails", "b1", []connector.Audit{negative, masked}, false,
			`[{price.min price error 2 false [{"id":2,"price":-1.00} {"id":3,"price":-2.00}]} {price.max price warning 1 false [{"price":"***"}]}]`, nil, nil},
		{"removes", "b1", []connector.Audit{remove, masked}, true,
			`[{price.min price error 2 true [{"id":2,"price":-1.00} {"id":3,"price":-2.00}]} {price.max price warning 1 false [{"price":"***"}]}]`,
			[]string{`{"id":1}`, `{"id":4}`}, []string{`{"id":2,"price":-1.00}`, `{"id":3,"price":-2.00}`}},
		{"view", "", []connector.Audit{masked}, true, `[{price.max price warning 1 false [{"price":"***"}]}]`, []string{`{"id":1}`, `{"id":2}`, `{"id":3}`, `{"id":4}`}, nil},
		{"view fails", "", []connector.Audit{negative}, false, `[{price.min price error 2 false [{"id":2,"price":-1} {"id":3,"price":-2}]}]`, nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := openTest(t)
			b := totals(c.build, "", sql)
			b.Audits = c.audits
			if c.build == "" {
				b.Views = []connector.View{{Relation: b.Relation, SQL: strings.ReplaceAll(sql, "(2, -1)", "(2, -1::int)")}}
				b.SQL = "select id, price::int as price from (" + sql + ")"
			}
			claimModel(t, d, b)
			res, err := d.BuildModel(context.Background(), b)
			must(t, err)
			if res.Published != c.published || fmt.Sprint(foundBy(res.Audits[model])) != c.found {
				t.Errorf("published %v, found\n%v, want\n%v", res.Published, foundBy(res.Audits[model]), c.found)
			}
			if c.published {
				wantRows(t, d, "select id from marts.totals_v1 order by id", c.rows...)
			} else {
				wantRows(t, d, "select table_name from duckdb_tables() where table_name like '%totals%'")
			}
			got, err := d.Quarantined(context.Background(), connector.QuarantineQuery{Stream: model})
			must(t, err)
			var kept []string
			for i := range got {
				r := got[len(got)-1-i]
				kept = append(kept, r.Raw)
				if r.RunID != "run 2" || r.Reasons[0].Rule != "price.min" {
					t.Errorf("kept %+v", r)
				}
			}
			if fmt.Sprint(kept) != fmt.Sprint(c.kept) {
				t.Errorf("kept %v, want %v", kept, c.kept)
			}
			wantRows(t, d, "select table_name from duckdb_tables() where table_name like 'rejects%'")
		})
	}
}

// foundBy shows what audits found: rule, column, severity, rows, whether they were
// removed, and examples.
func foundBy(audits []connector.AuditResult) []string {
	var out []string
	for _, a := range audits {
		if a.Rows > 0 {
			out = append(out, fmt.Sprintf("{%s %s %s %d %v %v}", a.Rule, a.Column, a.Severity, a.Rows, a.Removed, a.Examples))
		}
	}
	return out
}
