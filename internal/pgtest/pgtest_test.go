package pgtest_test

import (
	"context"
	"testing"

	"github.com/headgate-data/headgate/internal/pgtest"
)

// TestConnect holds that two databases of one server know nothing of each other.
func TestConnect(t *testing.T) {
	ctx := context.Background()
	a, b := pgtest.Connect(t), pgtest.Connect(t)
	if _, err := a.Exec(ctx, "CREATE TABLE t AS SELECT 'ü' AS x"); err != nil {
		t.Fatal(err)
	}
	var length int
	if err := a.QueryRow(ctx, "SELECT length(x) FROM t").Scan(&length); err != nil || length != 1 {
		t.Error(length, err)
	}
	if err := b.QueryRow(ctx, "SELECT length(x) FROM t").Scan(&length); err == nil {
		t.Error("the second database has the table of the first")
	}
}
