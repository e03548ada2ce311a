package sqlcheck_test

import (
	"context"
	"testing"

	"github.com/headgate-data/headgate/compiler/sqlcheck"
)

// BenchmarkQuery compares the parts of checking one model's query: the engine's
// tree and binding, reading the tree, and its lineage.
func BenchmarkQuery(b *testing.B) {
	const sql = `with paid as (select id, customer_id, net, tax, day, status from raw.orders where status = 'paid' and day >= date '2026-01-01'),
		monthly as (select date_trunc('month', day) as month, customer_id, sum(net) as net, sum(tax) as tax, count(*) as orders from paid group by all)
		select m.month, c.city, c.name, m.net, m.tax, m.net + m.tax as gross, m.orders, sum(m.net) over (partition by m.customer_id order by m.month) as running
		from monthly m join customers c on c.id = m.customer_id where c.city is not null`
	tables := lineageTables(b)
	engine := newEngine(b, tables)
	ctx := context.Background()
	tree, err := engine.Tree(ctx, sql)
	if err != nil {
		b.Fatal(err)
	}
	described, err := engine.Describe(ctx, sql)
	if err != nil {
		b.Fatal(err)
	}
	var cols []sqlcheck.Column
	for _, c := range described {
		cols = append(cols, sqlcheck.Column{Name: c.Name, Type: c.Type})
	}
	p, _ := sqlcheck.Parse(sql, tree)
	lookup := lookupIn(tables)
	b.Run("tree", func(b *testing.B) {
		for b.Loop() {
			if _, err := engine.Tree(ctx, sql); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("describe", func(b *testing.B) {
		for b.Loop() {
			if _, err := engine.Describe(ctx, sql); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("parse", func(b *testing.B) {
		for b.Loop() {
			sqlcheck.Parse(sql, tree)
		}
	})
	b.Run("columns", func(b *testing.B) {
		for b.Loop() {
			p.Columns(cols, lookup)
		}
	})
	b.Run("lineage", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			p.Lineage(cols, lookup)
		}
	})
}
