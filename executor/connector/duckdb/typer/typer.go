// Package typer types SQL in a DuckDB database in memory that has access to
// nothing: no files, no network, no settings. It implements sqltype.Typer.
package typer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/headgate-data/headgate/compiler/sqltype"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/connector/duckdb/duck"
)

// Typer opens its database with the first call, so that who has no SQL to type
// does not pay for it. Its methods may be called from several goroutines; they
// take turns.
type Typer struct {
	mu      sync.Mutex
	db      *duck.DB
	conn    *duck.Conn
	failed  error
	single  map[string]bool // texts that Tree took as exactly one statement
	schemas map[string]bool // schemas that exist
}

var _ sqltype.Typer = (*Typer)(nil)

// New makes a typer; nothing is opened yet.
func New() *Typer {
	return &Typer{single: map[string]bool{}, schemas: map[string]bool{"": true, "main": true}}
}

// Warm opens the database ahead of the first call. A fault shows in that call.
func (t *Typer) Warm(ctx context.Context) {
	t.mu.Lock()
	defer t.mu.Unlock()
	_ = t.open(ctx) // kept in t.failed
}

// Close frees the database. Later calls fail.
func (t *Typer) Close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.conn != nil {
		t.conn.Close()
		t.db.Close()
	}
	t.conn, t.failed = nil, errors.New("the typer is closed")
}

// open makes sure that the database is there. errors_as_json tells the place of
// a fault exactly; it and all other settings are then locked.
func (t *Typer) open(ctx context.Context) error {
	if t.conn != nil || t.failed != nil {
		return t.failed
	}
	if t.db, t.failed = duck.Open(":memory:", map[string]string{
		"threads": "1", "enable_external_access": "false", "autoinstall_known_extensions": "false",
		"autoload_known_extensions": "false", "memory_limit": "256MB",
	}); t.failed != nil {
		return t.failed
	}
	conn, err := t.db.Connect()
	if err == nil {
		err = conn.Exec(ctx, "set errors_as_json = true; set lock_configuration = true")
	}
	if err != nil {
		t.db.Close()
		t.failed = err
		return err
	}
	t.conn = conn
	return nil
}

// Tree returns the parse tree of a text as the JSON of json_serialize_sql.
func (t *Typer) Tree(ctx context.Context, sql string) ([]byte, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.tree(ctx, sql)
}

func (t *Typer) tree(ctx context.Context, sql string) ([]byte, error) {
	if at := strings.IndexByte(sql, 0); at >= 0 {
		return nil, &sqltype.Error{Message: "the query holds a NUL byte", Offset: at}
	}
	if err := t.open(ctx); err != nil {
		return nil, err
	}
	rows, err := t.conn.Texts(ctx, "select json_serialize_sql("+duck.QuoteLiteral(sql)+")::varchar")
	if err != nil {
		return nil, fault(err, 0, len(sql))
	}
	if len(rows) != 1 || rows[0][0] == nil {
		return nil, &sqltype.Error{Message: "the query cannot be parsed", Offset: -1}
	}
	tree := []byte(*rows[0][0])
	var head struct {
		Error      bool              `json:"error"`
		Type       string            `json:"error_type"`
		Message    string            `json:"error_message"`
		Position   string            `json:"position"`
		Statements []json.RawMessage `json:"statements"`
	}
	if err := json.Unmarshal(tree, &head); err != nil {
		return nil, fmt.Errorf("the tree of a query is not JSON: %w", err)
	}
	if head.Error {
		return nil, &sqltype.Error{Message: head.Message, Offset: offset(head.Position, 0, len(sql)), NotSelect: head.Type == "not implemented"}
	}
	if len(head.Statements) == 1 {
		t.single[sql] = true
	}
	return tree, nil
}

// Define makes an empty table, in place of one of the same name.
func (t *Typer) Define(ctx context.Context, table sqltype.Table) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.open(ctx); err != nil {
		return err
	}
	name := duck.QuoteIdent(table.Name)
	sql := ""
	if table.Schema != "" {
		name = duck.QuoteIdent(table.Schema) + "." + name
		if !t.schemas[table.Schema] {
			sql = "create schema if not exists " + duck.QuoteIdent(table.Schema) + "; "
		}
	}
	columns := make([]string, len(table.Columns))
	for i, c := range table.Columns {
		native := c.Native
		if !c.Type.IsZero() && c.Type.Kind != types.Any {
			native = c.Type.DuckDB()
		}
		if native == "" {
			return &sqltype.Error{Message: fmt.Sprintf("column %q has no type", c.Name), Offset: -1}
		}
		columns[i] = duck.QuoteIdent(c.Name) + " " + native
	}
	if err := t.conn.Exec(ctx, sql+"create or replace table "+name+" ("+strings.Join(columns, ", ")+")"); err != nil {
		return fault(err, 0, -1)
	}
	t.schemas[table.Schema] = true
	return nil
}

// describe stands in front of a query to be bound.
const describe = "describe "

// Describe binds one SELECT and returns its columns. A text that is not exactly
// one SELECT is refused before DuckDB prepares it, because preparing a text runs
// all of its statements but the last.
func (t *Typer) Describe(ctx context.Context, sql string) ([]sqltype.Column, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.single[sql] {
		if _, err := t.tree(ctx, sql); err != nil {
			return nil, err
		}
		if !t.single[sql] {
			return nil, &sqltype.Error{Message: "exactly one SELECT is wanted here", Offset: -1}
		}
	}
	if err := t.open(ctx); err != nil {
		return nil, err
	}
	rows, err := t.conn.Texts(ctx, describe+sql)
	if err != nil {
		return nil, fault(err, len(describe), len(sql))
	}
	columns := make([]sqltype.Column, len(rows))
	for i, row := range rows {
		if len(row) < 2 || row[0] == nil || row[1] == nil {
			return nil, errors.New("DuckDB describes a query in a way that headgate does not know")
		}
		columns[i] = sqltype.Column{Name: *row[0], Native: *row[1]}
		if typ, ok := types.FromDuckDB(*row[1]); ok {
			columns[i].Type = typ
		}
	}
	return columns, nil
}

// fault turns DuckDB's error, which is JSON, into an *Error with its place in a
// text of size bytes (-1: there is none) behind a prefix. Errors that are not
// about the query (a cancelled ctx) pass as they are.
func fault(err error, prefix, size int) error {
	var e *duck.Error
	if !errors.As(err, &e) {
		return err
	}
	var detail struct {
		Message    string `json:"exception_message"`
		Position   string `json:"position"`
		Candidates string `json:"candidates"`
	}
	if json.Unmarshal([]byte(e.Message), &detail) != nil || detail.Message == "" {
		return &sqltype.Error{Message: e.Message, Offset: -1}
	}
	out := &sqltype.Error{Message: detail.Message, Offset: offset(detail.Position, prefix, size)}
	if detail.Candidates != "" {
		for _, c := range strings.Split(detail.Candidates, ",") {
			out.Candidates = append(out.Candidates, strings.TrimSpace(c))
		}
	}
	return out
}

// offset reads a place that counts from the beginning of prefix; -1 where there
// is none, or none within the text.
func offset(position string, prefix, size int) int {
	at, err := strconv.Atoi(position)
	if err != nil || at < prefix || at-prefix > size {
		return -1
	}
	return at - prefix
}
