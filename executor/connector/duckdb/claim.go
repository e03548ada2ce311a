package duckdb

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/connector/duckdb/duck"
	"github.com/headgate-data/headgate/lang/diag"
)

// owner is a row of headgate_meta for a published name.
type owner struct {
	project, environment, address string
	build                         string // build id, "" for a view over SQL
	table                         string // the table behind, in headgate's schema
}

// nameWhere selects the row of a published name. DuckDB does not tell names
// apart by case.
func nameWhere(r connector.Relation) string {
	return " where kind = " + duck.QuoteLiteral(metaName) + " and " + sameName(r)
}

func sameName(r connector.Relation) string {
	return "lower(schema_name) = lower(" + duck.QuoteLiteral(schemaOf(r)) + ") and lower(name) = lower(" + duck.QuoteLiteral(r.Name) + ")"
}

// ownerOf returns who owns a published name, nil where nobody does.
func ownerOf(ctx context.Context, c *duck.Conn, r connector.Relation) (*owner, error) {
	rows, err := c.Texts(ctx, "select project, environment, address, build, value from "+metaTable+nameWhere(r))
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	row := rows[0]
	return &owner{text(row[0]), text(row[1]), text(row[2]), text(row[3]), text(row[4])}, nil
}

// Claim makes the schemas and records who owns each published name.
func (d *Destination) Claim(ctx context.Context, u connector.Unit, names []connector.Relation) error {
	return d.change(ctx, "claiming the published names", func(ctx context.Context, c *duck.Conn) error {
		for _, r := range names {
			if err := claim(ctx, c, u, r); err != nil {
				return err
			}
		}
		return nil
	})
}

func claim(ctx context.Context, c *duck.Conn, u connector.Unit, r connector.Relation) error {
	schema := strings.ToLower(schemaOf(r))
	if schema == ownSchema || (schema == defaultSchema && strings.HasPrefix(strings.ToLower(r.Name), "headgate_")) {
		return diag.Errorf(diag.DuckDBReserved, "The name is reserved for headgate",
			"%s cannot be published: choose another schema or name.", display(r)).For(r.Address)
	}
	have, err := ownerOf(ctx, c, r)
	if err != nil {
		return err
	}
	if have != nil {
		if have.project == u.Project && have.environment == u.Environment && have.address == r.Address {
			return nil
		}
		return diag.Errorf(diag.DuckDBOwned, "The published name belongs to someone else",
			"%s belongs to %s of the project %q, environment %q. Publish under another name or schema, or destroy that one first.",
			display(r), have.address, have.project, have.environment).For(r.Address)
	}
	taken, err := relationExists(ctx, c, schemaOf(r), r.Name)
	if err != nil {
		return err
	}
	if taken {
		return diag.Errorf(diag.DuckDBTaken, "The published name is taken by something that headgate did not make",
			"%s stands in the destination already. Publish under another name, or rename or drop what is there.", display(r)).For(r.Address)
	}
	if err := c.Exec(ctx, "create schema if not exists "+duck.QuoteIdent(schemaOf(r))); err != nil {
		return err
	}
	return c.Exec(ctx, "insert into "+metaTable+" values ("+
		values(metaName, schemaOf(r), r.Name, u.Project, u.Environment, r.Address, "", "")+", now())")
}

// relationExists reports whether a table or view of that name stands in a schema.
func relationExists(ctx context.Context, c *duck.Conn, schema, name string) (bool, error) {
	where := " where database_name = current_database() and lower(schema_name) = lower(" + duck.QuoteLiteral(schema) + ") and lower("
	n, err := c.Int(ctx, "select (select count(*) from duckdb_tables()"+where+"table_name) = lower("+duck.QuoteLiteral(name)+")) + "+
		"(select count(*) from duckdb_views()"+where+"view_name) = lower("+duck.QuoteLiteral(name)+"))")
	return n > 0, err
}

// Standing tells what is published under a name now.
func (d *Destination) Standing(ctx context.Context, u connector.Unit, r connector.Relation) (connector.Standing, error) {
	var out connector.Standing
	err := d.read(ctx, "looking at what is published", func(ctx context.Context, c *duck.Conn) error {
		if d.spec.ReadOnly { // headgate may never have been there
			if ours, err := relationExists(ctx, c, defaultSchema, "headgate_meta"); err != nil || !ours {
				return err
			}
		}
		ids, err := c.Texts(ctx, "select value from "+metaTable+" where kind = "+duck.QuoteLiteral(metaDestination))
		if err != nil {
			return err
		}
		if len(ids) > 0 {
			out.Database = text(ids[0][0])
		}
		have, err := ownerOf(ctx, c, r)
		if err != nil || have == nil || have.project != u.Project || have.environment != u.Environment {
			return err
		}
		if have.table == "" {
			out.Found, err = relationExists(ctx, c, schemaOf(r), r.Name)
			return err
		}
		out.Found = true
		if out.Columns, err = tableColumns(ctx, c, have.table); err != nil || out.Columns == nil {
			return err
		}
		out.Build = have.build
		out.Loaded, err = isLoaded(ctx, c, have.table)
		return err
	})
	return out, err
}

// buildWhere selects the row of a build.
func buildWhere(table string) string {
	return " where kind = " + duck.QuoteLiteral(metaBuild) + " and name = " + duck.QuoteLiteral(table)
}

func isLoaded(ctx context.Context, c *duck.Conn, table string) (bool, error) {
	n, err := c.Int(ctx, "select count(*) from "+metaTable+buildWhere(table)+" and value = 'loaded'")
	return n > 0, err
}

// leftColumns are a build's columns as they stand, as JSON.
func leftColumns(ctx context.Context, c *duck.Conn, table string) (string, error) {
	rows, err := c.Texts(ctx, "select column_name, column_type, \"null\" from (describe "+own(table)+")")
	if err != nil {
		return "", err
	}
	left := make([]connector.InspectedColumn, len(rows))
	for i, row := range rows {
		left[i] = inspectedColumn(text(row[0]), text(row[1]), text(row[2]) == "NO")
	}
	b, err := json.Marshal(left)
	return string(b), err
}

// recordBuild keeps whether a run has published into a build, and the columns that
// it has now: what differs from them later was changed by somebody else.
func recordBuild(ctx context.Context, c *duck.Conn, table string, loaded bool) error {
	if err := forgetBuild(ctx, c, table); err != nil {
		return err
	}
	columns, err := leftColumns(ctx, c, table)
	if err != nil {
		return err
	}
	value := "new"
	if loaded {
		value = "loaded"
	}
	return c.Exec(ctx, "insert into "+metaTable+" (kind, name, value, build, updated_at) values ("+values(metaBuild, table, value, columns)+", now())")
}

func forgetBuild(ctx context.Context, c *duck.Conn, table string) error {
	return c.Exec(ctx, "delete from "+metaTable+buildWhere(table))
}

// dropTable drops a table of headgate's schema, if it is there.
func dropTable(ctx context.Context, c *duck.Conn, table string) error {
	if err := c.Exec(ctx, "drop table if exists "+own(table)); err != nil {
		return err
	}
	return forgetBuild(ctx, c, table)
}

// Unpublish drops published names and their ownership; builds stay. Names of
// another owner are left alone.
func (d *Destination) Unpublish(ctx context.Context, u connector.Unit, names []connector.Relation) error {
	return d.change(ctx, "unpublishing", func(ctx context.Context, c *duck.Conn) error {
		for _, r := range names {
			have, err := ownerOf(ctx, c, r)
			if err != nil {
				return err
			}
			if have == nil || have.project != u.Project || have.environment != u.Environment || have.address != r.Address {
				continue
			}
			if err := unpublish(ctx, c, r); err != nil {
				return err
			}
		}
		return nil
	})
}

func unpublish(ctx context.Context, c *duck.Conn, r connector.Relation) error {
	if err := c.Exec(ctx, "drop view if exists "+published(r)); err != nil {
		return err
	}
	return c.Exec(ctx, "delete from "+metaTable+" where kind in ("+values(metaName, metaView)+") and "+sameName(r))
}

// DropBuilds drops the tables behind retired relations. A build that a
// published name shows is left alone. A relation may have been renamed since
// the build was made: the build id finds it all the same.
func (d *Destination) DropBuilds(ctx context.Context, builds []connector.Relation) error {
	return d.change(ctx, "dropping retired tables", func(ctx context.Context, c *duck.Conn) error {
		for _, r := range builds {
			if r.Build == "" {
				continue
			}
			rows, err := c.Texts(ctx, "select table_name from duckdb_tables() where database_name = current_database() and schema_name = "+
				duck.QuoteLiteral(ownSchema)+" and ends_with(table_name, "+duck.QuoteLiteral("__"+r.Build)+") and table_name not like 'staging\\_\\_%' escape '\\' "+
				"and table_name not in (select value from "+metaTable+" where kind = "+duck.QuoteLiteral(metaName)+" and value is not null) order by table_name")
			if err != nil {
				return err
			}
			for _, row := range rows {
				if err := dropTable(ctx, c, text(row[0])); err != nil {
					return err
				}
			}
		}
		return nil
	})
}
