package duckdb

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/connector/duckdb/duck"
	"github.com/headgate-data/headgate/lang/diag"
)

// The names of headgate's own schema and tables, as SQL.
const (
	ownSchema       = "headgate"
	defaultSchema   = "main"
	metaTable       = "main.headgate_meta"
	bookmarkTable   = "main.headgate_bookmarks"
	runTable        = "main.headgate_runs"
	quarantineTable = "main.headgate_quarantine"
	stagingTable    = "headgate.staging"
)

// formatVersion is the version of the layout that this program writes.
const formatVersion = 1

// The kinds of rows of headgate_meta.
const (
	metaDestination = "destination" // value: the destination's id; build: the layout's version
	metaName        = "name"        // a published name: its owner; value: the table behind it
	metaFence       = "fence"       // name: the key; value: the greatest token seen
	metaBuild       = "build"       // name: the table; value: "loaded" once a run has published into it; build: its columns as headgate left them
	metaView        = "view"        // a published name; value: its definition as headgate made it
	metaMoved       = "moved"       // name: an address that was; address: what it is called since
)

// layout makes headgate's own tables. Statements are such that they may run
// again.
const layout = `
create schema if not exists headgate;
create table if not exists main.headgate_meta (
	kind varchar using compression uncompressed, schema_name varchar using compression uncompressed, name varchar using compression uncompressed, project varchar using compression uncompressed, environment varchar using compression uncompressed,
	address varchar using compression uncompressed, build varchar using compression uncompressed, value varchar using compression uncompressed, updated_at timestamptz using compression uncompressed);
create table if not exists main.headgate_bookmarks (
	project varchar using compression uncompressed, environment varchar using compression uncompressed, pipeline varchar using compression uncompressed, "partition" varchar using compression uncompressed,
	bookmark varchar using compression uncompressed, run_id varchar using compression uncompressed, updated_at timestamptz using compression uncompressed);
create table if not exists main.headgate_runs (
	run_id varchar using compression uncompressed, project varchar using compression uncompressed, environment varchar using compression uncompressed, address varchar using compression uncompressed, status varchar using compression uncompressed,
	started_at timestamptz using compression uncompressed, seconds double using compression uncompressed, records_extracted bigint using compression uncompressed, records_loaded bigint using compression uncompressed,
	records_quarantined bigint using compression uncompressed, error varchar using compression uncompressed);
create table if not exists main.headgate_quarantine (
	id bigint, project varchar, environment varchar, pipeline varchar, stream varchar, run_id varchar,
	quarantined_at timestamptz, origin varchar, line bigint, annotated boolean, reasons json,
	raw varchar, raw_bytes blob);
create table if not exists headgate.staging (
	project varchar, environment varchar, pipeline varchar, "partition" varchar, prefix varchar,
	run_id varchar, definition varchar, committed boolean, bookmark varchar, progress varchar,
	updated_at timestamptz);
`

// bootstrap makes what is missing of the layout and checks its version.
func bootstrap(ctx context.Context, c *duck.Conn) error {
	if err := c.Exec(ctx, "set global TimeZone = 'UTC'"); err != nil {
		return err
	}
	found, err := c.HasTable(ctx, "main", "headgate_meta")
	if err != nil {
		return err
	}
	if !found {
		return c.Tx(ctx, func() error {
			if err := c.Exec(ctx, layout); err != nil {
				return err
			}
			return c.Exec(ctx, "insert into "+metaTable+" (kind, build, value, updated_at) values ("+
				values(metaDestination, strconv.Itoa(formatVersion), newID())+", now())")
		})
	}
	rows, err := c.Texts(ctx, "select build from "+metaTable+" where kind = "+duck.QuoteLiteral(metaDestination))
	if err != nil {
		return err
	}
	for _, row := range rows {
		if v, err := strconv.Atoi(text(row[0])); err != nil || v > formatVersion {
			return newerFault(text(row[0]))
		}
	}
	return nil
}

// newID makes a random id.
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails, by its documentation
	return hex.EncodeToString(b[:])
}

// text returns a nullable text, "" for null.
func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// values returns literals as a comma-separated list; empty texts are null.
func values(texts ...string) string {
	parts := make([]string, len(texts))
	for i, t := range texts {
		parts[i] = duck.QuoteNullable(t)
	}
	return strings.Join(parts, ", ")
}

// schemaOf returns the schema that a relation is published in.
func schemaOf(r connector.Relation) string {
	if r.Schema == "" {
		return defaultSchema
	}
	return r.Schema
}

// published returns a relation's published name, as SQL.
func published(r connector.Relation) string {
	return duck.QuoteIdent(schemaOf(r)) + "." + duck.QuoteIdent(r.Name)
}

// display returns a relation's published name, for messages.
func display(r connector.Relation) string { return schemaOf(r) + "." + r.Name }

// buildName returns the name of the table behind a relation.
func buildName(r connector.Relation) string {
	return schemaOf(r) + "." + r.Name + "__" + r.Build
}

// own returns the name of a table of headgate's schema, as SQL.
func own(table string) string { return ownSchema + "." + duck.QuoteIdent(table) }

// unitWhere selects a unit's rows of a bookkeeping table.
func unitWhere(u connector.Unit) string {
	return "project = " + duck.QuoteLiteral(u.Project) + " and environment = " + duck.QuoteLiteral(u.Environment) +
		" and pipeline = " + duck.QuoteLiteral(u.Pipeline) + ` and "partition" = ` + duck.QuoteLiteral(u.Partition)
}

// unitValues are a unit's values in the order project, environment, pipeline,
// partition.
func unitValues(u connector.Unit) string {
	return duck.QuoteLiteral(u.Project) + ", " + duck.QuoteLiteral(u.Environment) + ", " +
		duck.QuoteLiteral(u.Pipeline) + ", " + duck.QuoteLiteral(u.Partition)
}

// stagingPrefix begins the names of a unit's staging tables.
func stagingPrefix(u connector.Unit) string {
	return "staging__" + digest(u.Project, u.Environment, u.Pipeline, u.Partition) + "__"
}

// digest shortens texts to a part of an identifier.
func digest(texts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(texts, "\x00")))
	return hex.EncodeToString(sum[:8])
}

// columnDDL returns a column's declaration.
func columnDDL(c connector.Column) string { return duck.QuoteIdent(c.Name) + " " + c.Type.DuckDB() }

// createTable makes an empty table of headgate's schema. A column named rowid
// would hide DuckDB's own, by which merges find rows.
func createTable(ctx context.Context, c *duck.Conn, name string, columns []connector.Column) error {
	parts := make([]string, len(columns))
	for i, col := range columns {
		if strings.EqualFold(col.Name, "rowid") {
			return diag.Errorf(diag.DuckDBReserved, "The name is reserved for headgate",
				"A column of a DuckDB table cannot be named %q: the database has one of that name in every table. Rename it with a map.", col.Name)
		}
		parts[i] = columnDDL(col)
	}
	return c.Exec(ctx, "create table "+own(name)+" ("+strings.Join(parts, ", ")+")")
}

// columnNames returns the names of columns.
func columnNames(columns []connector.Column) []string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name
	}
	return names
}

// tableColumns reads the columns of a table of headgate's schema, nil where it
// does not exist. It asks for that table alone: duckdb_columns() would list the
// columns of everything there is.
func tableColumns(ctx context.Context, c *duck.Conn, table string) ([]connector.Column, error) {
	if found, err := c.HasTable(ctx, ownSchema, table); err != nil || !found {
		return nil, err
	}
	rows, err := c.Texts(ctx, "select column_name, column_type, \"null\" from (describe "+own(table)+")")
	if err != nil {
		return nil, err
	}
	var out []connector.Column
	for _, row := range rows {
		out = append(out, connector.Column{Name: text(row[0]), Type: columnType(text(row[1])), Nullable: text(row[2]) != "NO"})
	}
	return out, nil
}
