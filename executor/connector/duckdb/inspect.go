package duckdb

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/connector/duckdb/duck"
	"github.com/headgate-data/headgate/lang/diag"
)

// Inspector looks at a database file. It opens the file for reading only, for as
// long as a look takes. See connector.Inspector.
type Inspector struct{ Spec Spec }

var _ connector.Inspector = Inspector{}

// Inspect tells what stands under names. A file that is not there is no fault, and
// is not made.
func (i Inspector) Inspect(ctx context.Context, names []connector.Relation) (connector.Inspection, error) {
	if _, err := os.Stat(i.Spec.Path); errors.Is(err, fs.ErrNotExist) {
		return connector.Inspection{Missing: true}, nil
	}
	db, err := i.open(ctx)
	if err != nil {
		return connector.Inspection{}, err
	}
	defer db.Close()
	c, err := db.Connect()
	if err != nil {
		return connector.Inspection{}, wrap(i.Spec.Address, "looking at what stands there", err)
	}
	defer c.Close()
	in := inspection{conn: c, address: i.Spec.Address}
	out, err := in.run(ctx, names)
	return out, wrap(i.Spec.Address, "looking at what stands there", err)
}

// open opens the file for reading, waiting for a writer to let it go.
func (i Inspector) open(ctx context.Context) (*duck.DB, error) {
	limit := i.Spec.MemoryLimit
	if limit == "" {
		limit = DefaultMemoryLimit
	}
	settings := map[string]string{
		"access_mode": "READ_ONLY", "threads": "1", "memory_limit": limit, "temp_directory": "",
		"autoinstall_known_extensions": "false", "autoload_known_extensions": "false",
	}
	for deadline := time.Now().Add(i.Spec.LockTimeout); ; {
		db, err := duck.Open(i.Spec.Path, settings)
		for n := 0; n < len(replayLimits) && outOfMemory(err) && i.Spec.MemoryLimit == ""; n++ {
			settings["memory_limit"] = replayLimits[n] // for a log that is greater than the limit
			db, err = duck.Open(i.Spec.Path, settings)
		}
		if err == nil {
			return db, nil
		}
		program, pid, held := duck.LockHolder(err)
		if !held {
			return nil, i.unopened(err)
		}
		if time.Now().After(deadline) {
			return nil, lockFault(i.Spec, program, pid)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(lockPoll):
		}
	}
}

// unopened is the fault of a database that cannot be opened for reading. One that was
// not closed well may have to be mended first, which the next opening for work does:
// of that, it is a warning.
func (i Inspector) unopened(err error) error {
	logs, _ := filepath.Glob(i.Spec.Path + ".*wal*") // fails for odd paths, of which nothing is known then
	fault := openFault(i.Spec, err)
	var d *diag.Diagnostic
	if len(logs) > 0 && errors.As(fault, &d) {
		told := *d
		told.Severity = diag.Warning
		told.Detail += " It was not closed well; the next apply or run brings it in order."
		return &told
	}
	return fault
}

// inspection is one look: the catalog, read once, by names in lower case, since
// DuckDB does not tell names apart by case.
type inspection struct {
	conn    *duck.Conn
	address string
	asks    int // statements run

	database string
	owners   map[string]metaRow // published names
	made     map[string]metaRow // views, as headgate made them
	builds   map[string]metaRow // tables behind
	tables   map[string]int64   // about how many rows
	views    map[string]viewRow
	columns  map[string][]connector.InspectedColumn
}

// metaRow is a row of headgate_meta.
type metaRow struct{ project, environment, address, build, value, at string }

// viewRow is a view of the database.
type viewRow struct{ schema, name, sql, comment string }

func inSchema(schema, name string) string {
	return strings.ToLower(schema) + "." + strings.ToLower(name)
}

func (i *inspection) run(ctx context.Context, names []connector.Relation) (connector.Inspection, error) {
	for _, read := range []func(context.Context) error{i.readTables, i.readViews, i.readColumns, i.readMeta} {
		if err := read(ctx); err != nil {
			return connector.Inspection{}, err
		}
	}
	readers, err := i.readers(ctx, names)
	if err != nil {
		return connector.Inspection{}, err
	}
	changed, err := i.changedViews(ctx, names)
	if err != nil {
		return connector.Inspection{}, err
	}
	out := connector.Inspection{Database: i.database}
	for _, r := range names {
		out.Names = append(out.Names, i.look(r, readers, changed))
	}
	return out, nil
}

// texts runs one query.
func (i *inspection) texts(ctx context.Context, sql string) ([][]*string, error) {
	i.asks++
	return i.conn.Texts(ctx, sql)
}

func (i *inspection) readTables(ctx context.Context) error {
	i.tables = map[string]int64{}
	rows, err := i.texts(ctx, "select schema_name, table_name, estimated_size::varchar from duckdb_tables() where database_name = current_database()")
	for _, r := range rows {
		n, perr := strconv.ParseInt(text(r[2]), 10, 64)
		if perr != nil {
			n = -1
		}
		i.tables[inSchema(text(r[0]), text(r[1]))] = n
	}
	return err
}

func (i *inspection) readViews(ctx context.Context) error {
	i.views = map[string]viewRow{}
	rows, err := i.texts(ctx, "select schema_name, view_name, sql, comment from duckdb_views() where not internal and database_name = current_database()")
	for _, r := range rows {
		i.views[inSchema(text(r[0]), text(r[1]))] = viewRow{text(r[0]), text(r[1]), text(r[2]), text(r[3])}
	}
	return err
}

func (i *inspection) readColumns(ctx context.Context) error {
	i.columns = map[string][]connector.InspectedColumn{}
	rows, err := i.texts(ctx, "select schema_name, table_name, column_name, data_type, is_nullable::varchar from duckdb_columns() "+
		"where database_name = current_database() and not internal order by schema_name, table_name, column_index")
	for _, r := range rows {
		key := inSchema(text(r[0]), text(r[1]))
		i.columns[key] = append(i.columns[key], inspectedColumn(text(r[2]), text(r[3]), text(r[4]) == "false"))
	}
	return err
}

// inspectedColumn is a column with its type in the language's words.
func inspectedColumn(name, native string, notNull bool) connector.InspectedColumn {
	c := connector.InspectedColumn{Name: name, Type: native, NotNull: notNull}
	if t := columnType(native); !t.IsZero() {
		c.Type = t.String()
	}
	return c
}

// readMeta reads headgate's records, where there are any.
func (i *inspection) readMeta(ctx context.Context) error {
	i.owners, i.made, i.builds = map[string]metaRow{}, map[string]metaRow{}, map[string]metaRow{}
	if _, ok := i.tables[metaTable]; !ok {
		return nil
	}
	rows, err := i.texts(ctx, "select kind, schema_name, name, project, environment, address, build, value, updated_at::varchar from "+metaTable+
		" where kind <> "+duck.QuoteLiteral(metaFence))
	for _, r := range rows {
		m := metaRow{text(r[3]), text(r[4]), text(r[5]), text(r[6]), text(r[7]), text(r[8])}
		switch text(r[0]) {
		case metaDestination:
			if v, err := strconv.Atoi(m.build); err != nil || v > formatVersion {
				return newerFault(m.build)
			}
			i.database = m.value
		case metaName:
			i.owners[inSchema(text(r[1]), text(r[2]))] = m
		case metaView:
			i.made[inSchema(text(r[1]), text(r[2]))] = m
		case metaBuild:
			i.builds[inSchema(ownSchema, text(r[2]))] = m
		}
	}
	return err
}

// look puts together what is known of one name.
func (i *inspection) look(r connector.Relation, readers map[string][]string, changed map[string]bool) connector.Inspected {
	key := inSchema(schemaOf(r), r.Name)
	out := connector.Inspected{Rows: -1, Columns: i.columns[key], Readers: readers[key]}
	view, isView := i.views[key]
	switch rows, isTable := i.tables[key]; {
	case isView:
		out.Kind, out.Comment = connector.KindView, view.comment
	case isTable:
		out.Kind, out.Rows = connector.KindTable, rows
	}
	if changed[key] {
		out.Changed, out.Query, out.Made = true, viewQuery(view.sql), viewQuery(i.made[key].value)
	}
	own, owned := i.owners[key]
	if !owned {
		return out
	}
	out.Owner = &connector.Owner{Project: own.project, Environment: own.environment, Address: own.address}
	if own.value == "" {
		return out
	}
	behind := inSchema(ownSchema, own.value)
	out.Build, out.Columns = own.build, i.columns[behind]
	out.Rows, out.Table = i.tables[behind], out.Columns != nil
	var left []connector.InspectedColumn
	if json.Unmarshal([]byte(i.builds[behind].build), &left) == nil {
		out.Left = left
	}
	return out
}

// changedViews are the asked names whose view is not what headgate made. DuckDB
// prints a view in another way once it was read from the file, so that both
// texts go through its own parser and printer before they are compared. A text
// that cannot, or that an older headgate did not keep, is not compared.
func (i *inspection) changedViews(ctx context.Context, names []connector.Relation) (map[string]bool, error) {
	out := map[string]bool{}
	var keys, queries []string
	for _, r := range names {
		key := inSchema(schemaOf(r), r.Name)
		view, stands := i.views[key]
		made, kept := i.made[key]
		// The record of an older publication tells nothing of this one.
		if !stands || !kept || made.at != i.owners[key].at || viewQuery(view.sql) == viewQuery(made.value) || slices.Contains(keys, key) {
			continue
		}
		keys, queries = append(keys, key), append(queries, viewQuery(view.sql), viewQuery(made.value))
	}
	plain, err := i.canonical(ctx, queries)
	if err != nil {
		return nil, err
	}
	for n, key := range keys {
		now, then := plain[2*n], plain[2*n+1]
		out[key] = now != "" && then != "" && now != then
	}
	return out, nil
}

// canonical passes queries through DuckDB's parser and printer; "" for one that
// it cannot.
func (i *inspection) canonical(ctx context.Context, queries []string) ([]string, error) {
	trees, err := i.trees(ctx, queries)
	if err != nil {
		return nil, err
	}
	out := make([]string, len(queries))
	for n, tree := range trees {
		if tree == "" {
			continue
		}
		rows, err := i.texts(ctx, "select json_deserialize_sql("+duck.QuoteLiteral(tree)+"::json)")
		if err == nil && len(rows) == 1 {
			out[n] = text(rows[0][0])
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	return out, nil
}

// trees are the queries as json_serialize_sql gives them, "" for one that it does
// not take: all in one statement.
func (i *inspection) trees(ctx context.Context, queries []string) ([]string, error) {
	out := make([]string, len(queries))
	if len(queries) == 0 {
		return out, nil
	}
	lines := make([]string, len(queries))
	for n, q := range queries {
		lines[n] = "(" + strconv.Itoa(n) + ", " + duck.QuoteLiteral(q) + ")"
	}
	rows, err := i.texts(ctx, "select n::varchar, json_serialize_sql(q)::varchar from (values "+strings.Join(lines, ", ")+") v(n, q)")
	for _, r := range rows {
		n, perr := strconv.Atoi(text(r[0]))
		if perr == nil && n >= 0 && n < len(out) && !strings.HasPrefix(text(r[1]), `{"error":true`) {
			out[n] = text(r[1])
		}
	}
	return out, err
}

// readers lists, by name, the views that read it and are not headgate's.
func (i *inspection) readers(ctx context.Context, names []connector.Relation) (map[string][]string, error) {
	out := map[string][]string{}
	var foreign []viewRow
	var queries []string
	for key, v := range i.views {
		if _, ours := i.owners[key]; !ours {
			foreign = append(foreign, v)
		}
	}
	slices.SortFunc(foreign, func(a, b viewRow) int { return strings.Compare(a.schema+"."+a.name, b.schema+"."+b.name) })
	for _, v := range foreign {
		queries = append(queries, viewQuery(v.sql))
	}
	trees, err := i.trees(ctx, queries)
	if err != nil {
		return nil, err
	}
	for n, v := range foreign {
		var tree map[string]any
		parsed := trees[n] != "" && json.Unmarshal([]byte(trees[n]), &tree) == nil
		tables := tablesOf(tree)
		for _, r := range names {
			key := inSchema(schemaOf(r), r.Name)
			if key != inSchema(v.schema, v.name) && reads(tables, parsed, v.sql, r) && !slices.Contains(out[key], v.schema+"."+v.name) {
				out[key] = append(out[key], v.schema+"."+v.name)
			}
		}
	}
	return out, nil
}

func newerFault(format string) error {
	return diag.Errorf(diag.DuckDBNewer, "The destination was written by a newer headgate",
		"Its bookkeeping has the format %s, this program knows up to %d.", format, formatVersion)
}
