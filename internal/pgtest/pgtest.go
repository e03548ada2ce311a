// Package pgtest gives tests a real Postgres: the server that
// HEADGATE_TEST_POSTGRES_URL names, else a private one that it starts from the
// binaries of this machine. A test binary has at most one server; it ends with
// the test binary, however that ends.
package pgtest

import (
	"context"
	"crypto/rand"
	"errors"
	"net/url"
	"os"
	"testing"

	"github.com/jackc/pgx/v5"
)

// urlVariable names a server to use in place of a private one. Its user must be
// allowed to create databases.
const urlVariable = "HEADGATE_TEST_POSTGRES_URL"

// URL returns the connection string of a new, empty database in UTF-8, which is
// dropped when the test ends. Without a server, and without binaries to start
// one from, the test is skipped; where CI is set it fails.
func URL(t testing.TB) string {
	t.Helper()
	base, err := server()
	if errors.Is(err, errNone) && os.Getenv("CI") == "" {
		t.Skipf("%v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	name := "headgate_test_" + rand.Text()[:12]
	quoted := pgx.Identifier{name}.Sanitize()
	run(t, base, "CREATE DATABASE "+quoted+" TEMPLATE template0 ENCODING 'UTF8'")
	t.Cleanup(func() { run(t, base, "DROP DATABASE "+quoted+" WITH (FORCE)") })
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}

// Connect opens a connection to a new database, as URL makes it.
func Connect(t testing.TB) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), URL(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func run(t testing.TB, url, sql string) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(ctx) }()
	if _, err := conn.Exec(ctx, sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}
