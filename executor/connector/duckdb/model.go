package duckdb

import (
	"context"
	"strconv"
	"strings"

	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/connector/duckdb/duck"
)

func itoa(n int) string { return strconv.Itoa(n) }

// BuildModel computes a model version beside what is there, audits it and
// publishes it by a switch, in one transaction. The diff compares with the
// previous build; a view has none, its Rows are what it yields now.
func (d *Destination) BuildModel(ctx context.Context, b connector.ModelBuild) (connector.PublishResult, error) {
	res := connector.PublishResult{Tables: map[string]connector.TableDiff{}, Audits: map[string][]connector.AuditResult{}}
	err := d.change(ctx, "building "+display(b.Relation), func(ctx context.Context, c *duck.Conn) error {
		if err := checkFence(ctx, c, b.Fence); err != nil {
			return err
		}
		if b.Build == "" {
			return d.publishModelView(ctx, c, b, &res)
		}
		return d.publishModelTable(ctx, c, b, &res)
	})
	if _, failed := err.(errAudit); failed {
		return res, nil
	}
	res.Published = err == nil
	return res, err
}

// publishModelTable fills a new build and switches the views to it.
func (d *Destination) publishModelTable(ctx context.Context, c *duck.Conn, b connector.ModelBuild, res *connector.PublishResult) error {
	table := buildName(b.Relation)
	if err := dropTable(ctx, c, table); err != nil {
		return err
	}
	if err := c.Exec(ctx, "create table "+own(table)+" as "+castQuery(b)); err != nil {
		return err
	}
	a := auditor{conn: c, this: own(table), fresh: own(table), rejects: &rejectWriter{}, stream: b.Address, table: table}
	defer a.rejects.close()
	if err := d.auditModel(ctx, &a, b, res); err != nil {
		return err
	}
	if a.rejects.table != "" {
		if err := a.rejects.flush(ctx); err != nil {
			return err
		}
		unit := connector.Unit{Project: b.Run.Project, Environment: b.Run.Environment, Pipeline: b.Address}
		if err := quarantine(ctx, c, unit, b.Run.RunID, a.rejects.table); err != nil {
			return err
		}
		if err := c.Exec(ctx, "drop table "+own(a.rejects.table)); err != nil {
			return err
		}
	}
	previous := ""
	if b.Previous != "" && b.Previous != b.Build {
		old := b.Relation
		old.Build = b.Previous
		previous = buildName(old)
	}
	diff, err := compareTables(ctx, c, table, previous, b.Key)
	if err != nil {
		return err
	}
	res.Tables[b.Address] = diff
	if err := recordBuild(ctx, c, table, true); err != nil {
		return err
	}
	if err := retirePrevious(ctx, c, b.Relation, b.Previous, b.KeepPrevious); err != nil {
		return err
	}
	return finishModel(ctx, c, b, diff.Rows)
}

// publishModelView publishes a model that is a view. Its audits look at what the
// view yields now.
func (d *Destination) publishModelView(ctx context.Context, c *duck.Conn, b connector.ModelBuild, res *connector.PublishResult) error {
	query := "(" + strings.TrimRight(strings.TrimSpace(b.SQL), ";") + "\n)"
	a := auditor{conn: c, this: query, fresh: query}
	if err := d.auditModel(ctx, &a, b, res); err != nil {
		return err
	}
	rows, err := c.Int(ctx, "select count(*) from "+query)
	if err != nil {
		return err
	}
	res.Tables[b.Address] = connector.TableDiff{Rows: rows}
	return finishModel(ctx, c, b, rows)
}

func (d *Destination) auditModel(ctx context.Context, a *auditor, b connector.ModelBuild, res *connector.PublishResult) error {
	found, failed, err := a.run(ctx, b.Audits)
	if err != nil {
		return err
	}
	res.Audits[b.Address] = found
	if failed {
		return errAudit{}
	}
	return nil
}

// finishModel records the run and switches the views.
func finishModel(ctx context.Context, c *duck.Conn, b connector.ModelBuild, rows int64) error {
	run := b.Run
	run.Loaded = rows
	if err := writeRun(ctx, c, run); err != nil {
		return err
	}
	return publishViews(ctx, c, b.Views)
}

// castQuery is the model's query with each column cast to its declared type.
func castQuery(b connector.ModelBuild) string {
	query := "(" + strings.TrimRight(strings.TrimSpace(b.SQL), ";") + "\n) q"
	if len(b.Columns) == 0 {
		return "select * from " + query
	}
	parts := make([]string, len(b.Columns))
	for i, c := range b.Columns {
		name := duck.QuoteIdent(c.Name)
		parts[i] = "cast(" + name + " as " + c.Type.DuckDB() + ") as " + name
	}
	return "select " + strings.Join(parts, ", ") + " from " + query
}
