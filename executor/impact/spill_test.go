package impact_test

import (
	"context"
	"testing"

	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/connector/duckdb"
)

// TestSpill counts values that stand twice with less memory than they take: what
// does not fit goes to a folder outside, although no other file can be reached.
func TestSpill(t *testing.T) {
	w := stock(t, "create schema raw", "create table raw.t as select md5((i // 2)::varchar) as b from range(400000) t(i)")
	c, err := duckdb.OpenCounter(context.Background(), duckdb.Spec{Path: w.path, MemoryLimit: "20MB", Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	r, err := c.Audit(context.Background(), connector.Relation{Schema: "raw", Name: "t"}, connector.Audit{SQL: "select b, count(*) as n from {this} where {near} group by b having count(*) > 1"}, 5)
	if err != nil || r.Rows != 200000 || len(r.Examples) != 5 {
		t.Errorf("%+v %v", r, err)
	}
}
