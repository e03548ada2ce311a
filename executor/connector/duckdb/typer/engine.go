package typer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/headgate-data/headgate/compiler/sqltype"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/connector/duckdb/duck"
)

// engine is one database and one connection, for one goroutine at a time.
type engine struct {
	db      *duck.DB
	conn    *duck.Conn
	failed  error
	single  map[string]bool   // texts that are known to be exactly one statement
	schemas map[string]bool   // schemas that exist
	tables  map[string]string // by name: the statement that made the table
}

// settings are those that a database is opened with.
func settings() map[string]string {
	return map[string]string{
		"threads": "1", "enable_external_access": "false", "autoinstall_known_extensions": "false",
		"autoload_known_extensions": "false", "memory_limit": "256MB",
	}
}

// afterOpening is run on the connection. errors_as_json tells the place of a fault
// exactly; it and all other settings are then locked.
const afterOpening = "set errors_as_json = true; set lock_configuration = true"

// open makes sure that the database is there.
func (e *engine) open(ctx context.Context) error {
	if e.conn != nil || e.failed != nil {
		return e.failed
	}
	if e.db, e.failed = duck.Open(":memory:", settings()); e.failed != nil {
		return e.failed
	}
	conn, err := e.db.Connect()
	if err == nil {
		err = conn.Exec(ctx, afterOpening)
	}
	if err != nil {
		e.db.Close()
		e.failed = err
		return err
	}
	e.conn = conn
	e.single, e.schemas, e.tables = map[string]bool{}, map[string]bool{"": true, "main": true}, map[string]string{}
	return nil
}

// close frees the database. Later calls fail.
func (e *engine) close() {
	if e.conn != nil {
		e.conn.Close()
		e.db.Close()
	}
	e.conn, e.failed = nil, errClosed
}

// Texts that are parsed by one statement: the engine's work for the statement
// itself is then a small part.
const (
	batchTexts = 64
	batchBytes = 256 << 10
)

// trees parses texts, a batch at a time.
func (e *engine) trees(ctx context.Context, texts []string, out []sqltype.Tree) {
	for from := 0; from < len(texts); {
		to, size := from, 0
		for to < len(texts) && to-from < batchTexts && (to == from || size+len(texts[to]) <= batchBytes) {
			size += len(texts[to])
			to++
		}
		if !e.batch(ctx, texts[from:to], out[from:to]) {
			for i := from; i < to; i++ { // one of them stops the statement: each for itself
				out[i].JSON, out[i].Err = e.tree(ctx, texts[i])
			}
		}
		from = to
	}
}

// batch parses several texts by one statement; false where that fails as a whole.
func (e *engine) batch(ctx context.Context, texts []string, out []sqltype.Tree) bool {
	var b strings.Builder
	b.WriteString("select i::varchar, json_serialize_sql(x)::varchar from (values ")
	for i, text := range texts {
		if strings.IndexByte(text, 0) >= 0 {
			return false
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString("(" + strconv.Itoa(i) + ", " + duck.QuoteLiteral(text) + ")")
	}
	b.WriteString(") as t(i, x)")
	if len(texts) < 2 || e.open(ctx) != nil {
		return false
	}
	rows, err := e.conn.Texts(ctx, b.String())
	if err != nil || len(rows) != len(texts) {
		return false
	}
	for _, row := range rows {
		if row[0] == nil || row[1] == nil {
			return false
		}
		i, err := strconv.Atoi(*row[0])
		if err != nil || i < 0 || i >= len(out) {
			return false
		}
		out[i].JSON, out[i].Err = e.checked(texts[i], []byte(*row[1]))
	}
	return true
}

// tree parses one text.
func (e *engine) tree(ctx context.Context, sql string) ([]byte, error) {
	if at := strings.IndexByte(sql, 0); at >= 0 {
		return nil, &sqltype.Error{Message: "the query holds a NUL byte", Offset: at}
	}
	if err := e.open(ctx); err != nil {
		return nil, err
	}
	rows, err := e.conn.Texts(ctx, "select json_serialize_sql("+duck.QuoteLiteral(sql)+")::varchar")
	if err != nil {
		return nil, fault(err, 0, len(sql))
	}
	if len(rows) != 1 || rows[0][0] == nil {
		return nil, &sqltype.Error{Message: "the query cannot be parsed", Offset: -1}
	}
	return e.checked(sql, []byte(*rows[0][0]))
}

// checked returns a text's tree, or the fault that DuckDB wrote in its place.
func (e *engine) checked(sql string, tree []byte) ([]byte, error) {
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
		e.single[sql] = true
	}
	return tree, nil
}

// define makes an empty table, in place of one of the same name that is another.
func (e *engine) define(ctx context.Context, table sqltype.Table) error {
	name := duck.QuoteIdent(table.Name)
	sql := ""
	if table.Schema != "" {
		name = duck.QuoteIdent(table.Schema) + "." + name
		if !e.schemas[table.Schema] {
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
	body := " (" + strings.Join(columns, ", ") + ")"
	key := folded(name)
	if e.tables[key] == body {
		return nil
	}
	delete(e.tables, key)
	if err := e.conn.Exec(ctx, sql+"create or replace table "+name+body); err != nil {
		return fault(err, 0, -1)
	}
	e.schemas[table.Schema] = true
	e.tables[key] = body
	return nil
}

// folded is a name as DuckDB compares names: without regard to the case of ASCII
// letters.
func folded(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, name)
}

// describing stands in front of a query to be bound.
const describing = "describe "

// describe binds one SELECT and returns its columns. A text that is not exactly
// one SELECT is refused before DuckDB prepares it, because preparing a text runs
// all of its statements but the last.
func (e *engine) describe(ctx context.Context, q sqltype.Query) ([]sqltype.Column, error) {
	if err := e.open(ctx); err != nil {
		return nil, err
	}
	if !e.single[q.SQL] {
		if _, err := e.tree(ctx, q.SQL); err != nil {
			return nil, err
		}
		if !e.single[q.SQL] {
			return nil, &sqltype.Error{Message: "exactly one SELECT is wanted here", Offset: -1}
		}
	}
	for _, t := range q.Tables {
		if err := e.define(ctx, t); err != nil {
			return nil, err
		}
	}
	rows, err := e.conn.Texts(ctx, describing+q.SQL)
	if err != nil {
		return nil, fault(err, len(describing), len(q.SQL))
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

// describeAlone is describe where no tables are but those of the query.
func (e *engine) describeAlone(ctx context.Context, q sqltype.Query) ([]sqltype.Column, error) {
	if err := e.open(ctx); err != nil {
		return nil, err
	}
	for name := range e.tables {
		if err := e.conn.Exec(ctx, "drop table if exists "+name); err != nil {
			return nil, fault(err, 0, -1)
		}
		delete(e.tables, name)
	}
	return e.describe(ctx, q)
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
