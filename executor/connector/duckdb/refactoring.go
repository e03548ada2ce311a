package duckdb

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/connector/duckdb/duck"
	"github.com/headgate-data/headgate/lang/diag"
)

// Move gives what some addresses have to others.
func (d *Destination) Move(ctx context.Context, req connector.MoveRequest) error {
	return d.change(ctx, "moving addresses", func(ctx context.Context, c *duck.Conn) error {
		for _, f := range req.Fences {
			if err := checkFence(ctx, c, f); err != nil {
				return err
			}
		}
		for _, r := range req.Units {
			if err := moveUnit(ctx, c, req, r); err != nil {
				return err
			}
		}
		for _, r := range req.Addresses {
			if err := moveAddress(ctx, c, req, r); err != nil {
				return err
			}
		}
		if req.Bookmark != nil {
			if err := writeBookmark(ctx, c, req.Unit, "", req.Bookmark); err != nil {
				return err
			}
		}
		for _, r := range req.Names {
			if err := moveName(ctx, c, req, r); err != nil {
				return err
			}
		}
		return publishViews(ctx, c, req.Views)
	})
}

// ofProject selects the rows of one project and environment.
func ofProject(req connector.MoveRequest) string {
	return " where project = " + duck.QuoteLiteral(req.Project) + " and environment = " + duck.QuoteLiteral(req.Environment)
}

// moveUnit gives a pipeline's bookmarks to another one, and gives up what either
// has staged: the rows there are bound to the former addresses. A bookmark that a
// pipeline of the new address has left long ago makes room.
func moveUnit(ctx context.Context, c *duck.Conn, req connector.MoveRequest, r connector.Renamed) error {
	for _, pipeline := range []string{r.From, r.To} {
		rows, err := c.Texts(ctx, `select "partition" from `+stagingTable+ofProject(req)+" and pipeline = "+duck.QuoteLiteral(pipeline))
		if err != nil {
			return err
		}
		for _, row := range rows {
			u := connector.Unit{Project: req.Project, Environment: req.Environment, Pipeline: pipeline, Partition: text(row[0])}
			s := staging{spec: connector.StagingSpec{Unit: u}, prefix: stagingPrefix(u)}
			if err := s.drop(ctx, c); err != nil {
				return err
			}
		}
	}
	if r.From == r.To {
		return nil
	}
	was, now := " and pipeline = "+duck.QuoteLiteral(r.From), " and pipeline = "+duck.QuoteLiteral(r.To)
	n, err := c.Int(ctx, "select count(*) from "+bookmarkTable+ofProject(req)+was)
	if err != nil {
		return err
	}
	if n > 0 {
		if err := c.Exec(ctx, "delete from "+bookmarkTable+ofProject(req)+now); err != nil {
			return err
		}
		if err := c.Exec(ctx, "update "+bookmarkTable+" set pipeline = "+duck.QuoteLiteral(r.To)+ofProject(req)+was); err != nil {
			return err
		}
	}
	return c.Exec(ctx, "update "+quarantineTable+" set pipeline = "+duck.QuoteLiteral(r.To)+ofProject(req)+was)
}

// moveAddress gives published names, quarantine rows and history to another
// address, and keeps what it was called before.
func moveAddress(ctx context.Context, c *duck.Conn, req connector.MoveRequest, r connector.Renamed) error {
	to, was := duck.QuoteLiteral(r.To), duck.QuoteLiteral(r.From)
	for _, sql := range []string{
		"update " + metaTable + " set address = " + to + ofProject(req) + " and kind = " + duck.QuoteLiteral(metaName) + " and address = " + was,
		"update " + quarantineTable + " set stream = " + to + ofProject(req) + " and stream = " + was,
		"update " + runTable + " set address = " + to + ofProject(req) + " and address = " + was,
		"delete from " + metaTable + ofProject(req) + " and kind = " + duck.QuoteLiteral(metaMoved) + " and name = " + was + " and address = " + to,
		"insert into " + metaTable + " values (" + values(metaMoved, "", r.From, req.Project, req.Environment, r.To, "", "") + ", now())",
	} {
		if err := c.Exec(ctx, sql); err != nil {
			return err
		}
	}
	return nil
}

// moveName publishes under another name: the table behind is renamed, the former
// view dropped. The new view is made with all the others.
func moveName(ctx context.Context, c *duck.Conn, req connector.MoveRequest, r connector.RenamedName) error {
	u := connector.Unit{Project: req.Project, Environment: req.Environment}
	if strings.EqualFold(display(r.From), display(r.To)) {
		return nil
	}
	old, err := ownerOf(ctx, c, r.From)
	if err != nil {
		return err
	}
	if err := claim(ctx, c, u, r.To); err != nil {
		return err
	}
	if old == nil || old.project != u.Project || old.environment != u.Environment || old.address != r.From.Address {
		return nil // renamed before: the step runs again
	}
	if err := unpublish(ctx, c, r.From); err != nil {
		return err
	}
	if r.To.Build == "" || old.table == "" || old.build != r.To.Build {
		return nil
	}
	return renameTable(ctx, c, old.table, buildName(r.To))
}

// renameTable gives a table of headgate's schema another name.
func renameTable(ctx context.Context, c *duck.Conn, from, to string) error {
	if from == to {
		return nil
	}
	loaded, err := isLoaded(ctx, c, from)
	if err != nil {
		return err
	}
	if err := forgetBuild(ctx, c, from); err != nil {
		return err
	}
	if err := c.Exec(ctx, "alter table "+own(from)+" rename to "+duck.QuoteIdent(to)); err != nil {
		return err
	}
	return recordBuild(ctx, c, to, loaded)
}

// Release gives up the ownership of published names.
func (d *Destination) Release(ctx context.Context, u connector.Unit, names []connector.Relation) error {
	return d.change(ctx, "giving up published names", func(ctx context.Context, c *duck.Conn) error {
		for _, r := range names {
			have, err := ownerOf(ctx, c, r)
			if err != nil {
				return err
			}
			if have == nil || have.project != u.Project || have.environment != u.Environment || have.address != r.Address {
				continue
			}
			if err := c.Exec(ctx, "delete from "+metaTable+nameWhere(r)); err != nil {
				return err
			}
		}
		return nil
	})
}

// Examine tells what stands under a name.
func (d *Destination) Examine(ctx context.Context, schema, name string, facts bool) (connector.Examined, error) {
	var out connector.Examined
	err := d.read(ctx, "looking at the table to import", func(ctx context.Context, c *duck.Conn) (err error) {
		r := connector.Relation{Schema: schema, Name: name}
		if out, err = examine(ctx, c, r); err == nil && facts && len(out.Columns) > 0 {
			err = readFacts(ctx, c, r, &out)
		}
		return err
	})
	return out, err
}

func examine(ctx context.Context, c *duck.Conn, r connector.Relation) (connector.Examined, error) {
	var out connector.Examined
	var have *owner
	ours, err := relationExists(ctx, c, defaultSchema, "headgate_meta") // not where headgate never was
	if err == nil && ours {
		have, err = ownerOf(ctx, c, r)
	}
	if err != nil {
		return out, err
	}
	if have != nil {
		out.Owner = have.address + " of the project " + strconv.Quote(have.project) + ", environment " + strconv.Quote(have.environment)
	}
	if out.Found, err = relationExists(ctx, c, schemaOf(r), r.Name); err != nil || !out.Found {
		return out, err
	}
	where := " where database_name = current_database() and lower(schema_name) = lower(" + duck.QuoteLiteral(schemaOf(r)) + ") and lower("
	views, err := c.Int(ctx, "select count(*) from duckdb_views()"+where+"view_name) = lower("+duck.QuoteLiteral(r.Name)+")")
	if err != nil {
		return out, err
	}
	if out.View = views > 0; out.View {
		return out, nil
	}
	rows, err := c.Texts(ctx, `select column_name, column_type, "null" from (describe `+published(r)+")")
	if err != nil {
		return out, err
	}
	for _, row := range rows {
		out.Columns = append(out.Columns, connector.Column{Name: text(row[0]), Type: columnType(text(row[1])), Nullable: text(row[2]) == "YES"})
		out.Natives = append(out.Natives, text(row[1]))
	}
	out.Rows, err = c.Int(ctx, "select count(*) from "+published(r))
	return out, err
}

// readFacts reads a table's primary key and counts what stands in its columns.
func readFacts(ctx context.Context, c *duck.Conn, r connector.Relation, out *connector.Examined) error {
	keys, err := c.Texts(ctx, "select unnest(constraint_column_names) from duckdb_constraints() where constraint_type = 'PRIMARY KEY' and database_name = current_database() and lower(schema_name) = lower("+
		duck.QuoteLiteral(schemaOf(r))+") and lower(table_name) = lower("+duck.QuoteLiteral(r.Name)+")")
	if err != nil {
		return err
	}
	for _, row := range keys {
		out.Key = append(out.Key, text(row[0]))
	}
	counts := make([]string, 0, 2*len(out.Columns))
	for _, col := range out.Columns {
		name := duck.QuoteIdent(col.Name)
		counts = append(counts, "(count(*) - count("+name+"))::varchar", "count(distinct "+name+")::varchar")
	}
	rows, err := c.Texts(ctx, "select "+strings.Join(counts, ", ")+" from "+published(r))
	if err != nil || len(rows) != 1 {
		return err
	}
	for i := range out.Columns {
		var f connector.ColumnFacts
		f.Nulls, _ = strconv.ParseInt(text(rows[0][2*i]), 10, 64) // counts, printed by DuckDB
		f.Distinct, _ = strconv.ParseInt(text(rows[0][2*i+1]), 10, 64)
		out.Facts = append(out.Facts, f)
	}
	return nil
}

// Adopt makes a table that stands in the destination a stream's. DuckDB cannot
// take a table into another schema, so its rows are copied, without the
// constraints that it has; the former table goes with the same transaction.
func (d *Destination) Adopt(ctx context.Context, req connector.AdoptRequest) error {
	return d.change(ctx, "importing "+req.Schema+"."+req.Name, func(ctx context.Context, c *duck.Conn) error {
		if err := checkFence(ctx, c, req.Fence); err != nil {
			return err
		}
		return adoptTable(ctx, c, req)
	})
}

func adoptTable(ctx context.Context, c *duck.Conn, req connector.AdoptRequest) error {
	from := connector.Relation{Schema: req.Schema, Name: req.Name, Address: req.Table.Address}
	now, err := examine(ctx, c, from)
	if err != nil {
		return err
	}
	seen := make([]string, len(now.Columns))
	for i, col := range now.Columns {
		seen[i] = col.Name + " " + now.Natives[i]
	}
	if !now.Found || now.View || now.Owner != "" || !slices.Equal(seen, req.Seen) {
		return diag.New(diag.ImportChanged, "%s is not as the plan has it: %s.", display(from), changedTo(now, seen)).For(req.Table.Address)
	}
	build, list := buildName(req.Table.Relation), make([]string, 0, len(now.Columns))
	wanted := map[string]connector.Column{}
	for _, col := range req.Table.Columns {
		wanted[strings.ToLower(col.Name)] = col
	}
	for i, col := range now.Columns {
		part := duck.QuoteIdent(col.Name)
		if w, ok := wanted[strings.ToLower(col.Name)]; ok {
			if w.Type.DuckDB() != now.Natives[i] {
				part = "cast(" + part + " as " + w.Type.DuckDB() + ")"
			}
			part += " as " + duck.QuoteIdent(w.Name)
		}
		list = append(list, part)
		delete(wanted, strings.ToLower(col.Name))
	}
	for _, col := range req.Table.Columns {
		if _, missing := wanted[strings.ToLower(col.Name)]; missing {
			list = append(list, "cast(null as "+col.Type.DuckDB()+") as "+duck.QuoteIdent(col.Name))
		}
	}
	if err := adoptRows(ctx, c, "create table "+own(build)+" as select "+strings.Join(list, ", ")+" from "+published(from)); err != nil {
		return err
	}
	if err := c.Exec(ctx, "drop table "+published(from)); err != nil {
		return err
	}
	if err := claim(ctx, c, req.Unit, req.View.Relation); err != nil {
		return err
	}
	// No run has published into it yet: the first one begins at the beginning.
	if err := recordBuild(ctx, c, build, false); err != nil {
		return err
	}
	return publishViews(ctx, c, []connector.View{req.View})
}

// adoptRows runs the copy. A value that does not become one of the contract's type
// is the user's to mend.
func adoptRows(ctx context.Context, c *duck.Conn, sql string) error {
	err := c.Work(ctx, sql)
	if conversion(err) {
		return diag.Errorf(diag.DuckDBNotConvert, "A value does not fit the column's new type", "%s. Nothing was changed.", err)
	}
	return err
}

func changedTo(now connector.Examined, seen []string) string {
	switch {
	case !now.Found:
		return "it is gone"
	case now.Owner != "":
		return "it belongs to " + now.Owner
	case now.View:
		return "it is a view now"
	}
	return "its columns are " + strings.Join(seen, ", ")
}
