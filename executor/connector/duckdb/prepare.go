package duckdb

import (
	"context"
	"errors"
	"slices"

	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/connector/duckdb/duck"
	"github.com/headgate-data/headgate/lang/diag"
)

// Prepare makes a stream's build exist, alters it in place and publishes it.
func (d *Destination) Prepare(ctx context.Context, req connector.PrepareRequest) error {
	return d.change(ctx, "preparing "+display(req.Table.Relation), func(ctx context.Context, c *duck.Conn) error {
		if err := checkFence(ctx, c, req.Fence); err != nil {
			return err
		}
		if req.ResetBookmark {
			if err := writeBookmark(ctx, c, req.Unit, "", nil); err != nil {
				return err
			}
		}
		if err := d.prepareBuild(ctx, c, req); err != nil {
			return err
		}
		return publishViews(ctx, c, req.Views)
	})
}

// prepareBuild makes, renames and alters the table behind.
func (d *Destination) prepareBuild(ctx context.Context, c *duck.Conn, req connector.PrepareRequest) error {
	table := buildName(req.Table.Relation)
	if req.RenamedFrom.Name != "" {
		if err := renameBuild(ctx, c, req, table); err != nil {
			return err
		}
	}
	have, err := tableColumns(ctx, c, table)
	if err != nil {
		return err
	}
	switch {
	case have == nil && !req.Table.Fresh:
		return missing(req.Table.Relation)
	case have == nil:
		if err := createTable(ctx, c, table, req.Table.Columns); err != nil {
			return err
		}
		if err := recordBuild(ctx, c, table, false); err != nil {
			return err
		}
	default:
		for _, a := range req.Alters {
			if err := alter(ctx, c, table, a); err != nil {
				return err
			}
		}
		loaded, err := isLoaded(ctx, c, table)
		if err != nil {
			return err
		}
		if err := recordBuild(ctx, c, table, loaded); err != nil {
			return err
		}
	}
	if req.Table.Fresh {
		return retirePrevious(ctx, c, req.Table.Relation, req.Table.Previous, req.Table.KeepPrevious)
	}
	return nil
}

// renameBuild gives the table behind the new name and drops the old view.
func renameBuild(ctx context.Context, c *duck.Conn, req connector.PrepareRequest, table string) error {
	old, err := ownerOf(ctx, c, req.RenamedFrom)
	if err != nil || old == nil || old.address != req.Table.Address {
		return err // renamed before: the step runs again
	}
	if err := unpublish(ctx, c, req.RenamedFrom); err != nil {
		return err
	}
	if old.table == "" || old.build != req.Table.Build {
		return nil
	}
	return renameTable(ctx, c, old.table, table)
}

// alter changes a live build's columns. An alteration that was made before is
// no error, so that a step may run again. Builds carry no constraints of headgate's:
// "nullable" takes one away that somebody else has set.
func alter(ctx context.Context, c *duck.Conn, table string, a connector.Alter) error {
	column := duck.QuoteIdent(a.Column.Name)
	switch a.Kind {
	case "add":
		return c.Exec(ctx, "alter table "+own(table)+" add column if not exists "+columnDDL(a.Column))
	case "nullable":
		return c.Exec(ctx, "alter table "+own(table)+" alter column "+column+" drop not null")
	case "rename":
		return renameColumn(ctx, c, table, a)
	case "type":
		err := c.Exec(ctx, "alter table "+own(table)+" alter column "+column+" set data type "+a.Column.Type.DuckDB())
		var e *duck.Error
		if conversion(err) && errors.As(err, &e) {
			return diag.Errorf(diag.DuckDBNotConvert, "A value does not fit the column's new type",
				"Column %q cannot become %s: %s. Nothing was changed.", a.Column.Name, a.Column.Type, e.Message)
		}
		return err
	default:
		return diag.Bug("duckdb.alter", "an alteration of the kind %q", a.Kind)
	}
}

// renameColumn gives a column another name, once.
func renameColumn(ctx context.Context, c *duck.Conn, table string, a connector.Alter) error {
	have, err := tableColumns(ctx, c, table)
	if err != nil {
		return err
	}
	names := columnNames(have)
	switch {
	case !slices.Contains(names, a.From):
		return nil // renamed before
	case slices.Contains(names, a.Column.Name):
		return diag.New(diag.ColumnTaken, "%q cannot become %q: the table behind has a column of that name, which is kept since a contract had it. Nothing was changed.", a.From, a.Column.Name)
	}
	return c.Exec(ctx, "alter table "+own(table)+" rename column "+duck.QuoteIdent(a.From)+" to "+duck.QuoteIdent(a.Column.Name))
}

// conversion reports whether err says that a value does not become one of another
// type.
func conversion(err error) bool {
	var e *duck.Error
	return errors.As(err, &e) && (e.Type == "Conversion" || e.Type == "Out of Range" || e.Type == "Invalid Input")
}

// retirePrevious drops the build that a fresh one takes the place of, unless it
// is to be kept.
func retirePrevious(ctx context.Context, c *duck.Conn, r connector.Relation, previous string, keep bool) error {
	if keep || previous == "" || previous == r.Build {
		return nil
	}
	r.Build = previous
	return dropTable(ctx, c, buildName(r))
}

// missing is the fault of a table that something else dropped.
func missing(r connector.Relation) error {
	return diag.Errorf(diag.DuckDBMissing, "A table that headgate made is gone from the destination",
		"%s is not there, which holds the rows of %s. Load it anew: headgate apply --replace %s.", own(buildName(r)), display(r), r.Address).For(r.Address)
}
