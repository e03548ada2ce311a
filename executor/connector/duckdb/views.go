package duckdb

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/connector/duckdb/duck"
	"github.com/headgate-data/headgate/lang/diag"
)

// publishViews makes the views anew, in order: all of them are dropped first,
// so that none stands on columns that another one loses.
func publishViews(ctx context.Context, c *duck.Conn, views []connector.View) error {
	for _, v := range slices.Backward(views) {
		if err := c.Exec(ctx, "drop view if exists "+published(v.Relation)); err != nil {
			return err
		}
	}
	for _, v := range views {
		if err := publishView(ctx, c, v); err != nil {
			return err
		}
	}
	return nil
}

func publishView(ctx context.Context, c *duck.Conn, v connector.View) error {
	query, table := v.SQL, ""
	if v.Build != "" {
		behind := v.Relation
		if v.Of != "" {
			behind.Name = v.Of
		}
		table = buildName(behind)
		query = "select " + duck.QuoteIdents("", v.Columns) + " from " + own(table)
	}
	if strings.TrimSpace(query) == "" || (v.Build != "" && len(v.Columns) == 0) {
		return diag.Bug("duckdb.publishView", "the view %s has neither a build nor a query", display(v.Relation))
	}
	if err := c.Exec(ctx, "create view "+published(v.Relation)+" as "+query); err != nil {
		return err
	}
	if v.Comment != "" {
		if err := c.Exec(ctx, "comment on view "+published(v.Relation)+" is "+duck.QuoteLiteral(v.Comment)); err != nil {
			return err
		}
	}
	if err := c.Exec(ctx, "delete from "+metaTable+" where kind = "+duck.QuoteLiteral(metaView)+" and "+sameName(v.Relation)+
		"; insert into "+metaTable+" (kind, schema_name, name, value, updated_at) select "+values(metaView, schemaOf(v.Relation), v.Name)+
		", sql, now() from duckdb_views() where database_name = current_database() and lower(schema_name) = lower("+duck.QuoteLiteral(schemaOf(v.Relation))+
		") and lower(view_name) = lower("+duck.QuoteLiteral(v.Name)+")"); err != nil {
		return err
	}
	return c.Exec(ctx, "update "+metaTable+" set build = "+duck.QuoteNullable(v.Build)+", value = "+duck.QuoteNullable(table)+
		", updated_at = now()"+nameWhere(v.Relation))
}

// Unmanaged lists the views that read one of names and are not headgate's, as
// "schema.name", sorted.
func (d *Destination) Unmanaged(ctx context.Context, names []connector.Relation) ([]string, error) {
	var out []string
	err := d.read(ctx, "looking for readers", func(ctx context.Context, c *duck.Conn) error {
		rows, err := c.Texts(ctx, `select v.schema_name, v.view_name, v.sql from duckdb_views() v
			where not v.internal and v.database_name = current_database() and not exists (select 1 from `+metaTable+` m
			where m.kind = '`+metaName+`' and lower(m.schema_name) = lower(v.schema_name) and lower(m.name) = lower(v.view_name))
			order by 1, 2`)
		if err != nil {
			return err
		}
		for _, row := range rows {
			reads, err := readsAny(ctx, c, text(row[2]), names)
			if err != nil {
				return err
			}
			if reads {
				out = append(out, text(row[0])+"."+text(row[1]))
			}
		}
		return nil
	})
	return out, err
}

// readsAny reports whether a view's definition reads one of names. A definition
// that DuckDB cannot serialise counts when it holds one of the names at all.
func readsAny(ctx context.Context, c *duck.Conn, definition string, names []connector.Relation) (bool, error) {
	trees, err := c.Texts(ctx, "select json_serialize_sql("+duck.QuoteLiteral(viewQuery(definition))+")::varchar")
	if err != nil {
		return false, err
	}
	var tree map[string]any
	parsed := len(trees) == 1 && json.Unmarshal([]byte(text(trees[0][0])), &tree) == nil && tree["error"] == false
	tables := tablesOf(tree)
	return slices.ContainsFunc(names, func(r connector.Relation) bool { return reads(tables, parsed, definition, r) }), nil
}

// reads reports whether a view reads r: by the tables that its tree names, or, where
// it could not be parsed, by its text.
func reads(tables []tableRef, parsed bool, definition string, r connector.Relation) bool {
	if !parsed {
		return strings.Contains(strings.ToLower(definition), strings.ToLower(r.Name))
	}
	return slices.ContainsFunc(tables, func(t tableRef) bool {
		return strings.EqualFold(t.name, r.Name) && (t.schema == "" && schemaOf(r) == defaultSchema || strings.EqualFold(t.schema, schemaOf(r)))
	})
}

// tablesOf lists the tables that a tree of json_serialize_sql names.
func tablesOf(tree map[string]any) []tableRef {
	var out []tableRef
	collectTables(tree, &out, 0)
	return out
}

type tableRef struct{ schema, name string }

// collectTables walks a tree of json_serialize_sql for the tables that it names.
func collectTables(node any, out *[]tableRef, depth int) {
	if depth > 1000 {
		return
	}
	switch n := node.(type) {
	case []any:
		for _, e := range n {
			collectTables(e, out, depth+1)
		}
	case map[string]any:
		if n["type"] == "BASE_TABLE" {
			schema, _ := n["schema_name"].(string)
			if name, ok := n["table_name"].(string); ok {
				*out = append(*out, tableRef{schema, name})
			}
		}
		for _, e := range n {
			collectTables(e, out, depth+1)
		}
	}
}

// viewQuery returns the query of "CREATE VIEW name [(columns)] AS query;".
func viewQuery(definition string) string {
	depth := 0
	for i := 0; i < len(definition); i++ {
		switch ch := definition[i]; {
		case ch == '"':
			end := strings.IndexByte(definition[i+1:], '"')
			if end < 0 {
				return ""
			}
			i += end + 1
		case ch == '(':
			depth++
		case ch == ')':
			depth--
		case depth == 0 && ch == ' ' && len(definition) >= i+4 && strings.EqualFold(definition[i:i+4], " as "):
			return strings.TrimRight(strings.TrimSpace(definition[i+4:]), ";")
		}
	}
	return ""
}
