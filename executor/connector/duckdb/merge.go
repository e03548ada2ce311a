package duckdb

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/connector/duckdb/duck"
)

// A row that is deleted costs memory that DuckDB cannot spill: 8 bytes for each
// row of the 2,048 around it. Beyond maxTouched such groups (about 32 MB) a
// table is written anew without the rows instead.
const maxTouched = 2000

// deleteRows takes the rows that ids (a query of row ids) yields out of a table
// of headgate's schema.
func deleteRows(ctx context.Context, c *duck.Conn, table, ids string) error {
	duck.Trim() // what finding the rows took
	touched, err := c.Int(ctx, "select count(distinct id // 2048) from ("+ids+") r(id)")
	if err != nil || touched == 0 {
		return err
	}
	if touched <= maxTouched {
		return c.Work(ctx, "delete from "+own(table)+" where rowid in ("+ids+")")
	}
	anew := table + "__anew"
	if err := c.Work(ctx, "create table "+own(anew)+" as select t.* from "+own(table)+" t anti join ("+ids+") r(id) on t.rowid = r.id"); err != nil {
		return err
	}
	if err := c.Exec(ctx, "drop table "+own(table)); err != nil {
		return err
	}
	return c.Exec(ctx, "alter table "+own(anew)+" rename to "+duck.QuoteIdent(table))
}

// dedupe leaves one row for each key in a staging table: the one with the
// greatest (cursor, position). The row id is the position; a null cursor is the
// least.
func dedupe(ctx context.Context, c *duck.Conn, table string, key []string, cursor string) error {
	keys := duck.QuoteIdents("", key)
	doubled, err := c.Int(ctx, "select count(*) from (select 1 from "+own(table)+" group by "+keys+" having count(*) > 1)")
	if err != nil || doubled == 0 {
		return err
	}
	order := "rowid desc"
	if cursor != "" {
		order = duck.QuoteIdent(cursor) + " desc nulls last, rowid desc"
	}
	if err := c.Work(ctx, "create or replace temp table headgate_losers as select id from (select rowid id, row_number() over (partition by "+
		keys+" order by "+order+") n from "+own(table)+") where n > 1"); err != nil {
		return err
	}
	return deleteRows(ctx, c, table, "select id from headgate_losers")
}

// rowHashes are two 64-bit hashes of a row's columns. Equal rows have equal
// hashes; that rows which differ agree in both is as good as impossible (2^-64 for
// a single changed value at the most). Hashes, unlike whole rows, keep the hash
// tables of a merge small.
func rowHashes(columns []string) string {
	back := slices.Clone(columns)
	slices.Reverse(back)
	return "hash(" + duck.QuoteIdents("", columns) + ") h1, hash('headgate', " + duck.QuoteIdents("", back) + ") h2"
}

// mergeInto merges a deduplicated staging table into a build that holds rows:
// rows of new keys are inserted, rows that differ are put in the place of the old
// ones, and rows that are equal or older than the stored ones are left out. The
// build's columns that are not staged (removed from the contract, hidden from
// readers, kept) hold the values of the rows that were replaced.
func mergeInto(ctx context.Context, c *duck.Conn, staged, build string, t *connector.Table, columns, hidden []string) (connector.TableDiff, error) {
	var diff connector.TableDiff
	// Every column of a side has a name of our own: the users' may be anything.
	keys, on := make([]string, len(t.Key)), make([]string, len(t.Key))
	for i, k := range t.Key {
		keys[i] = fmt.Sprintf("%s k%d", duck.QuoteIdent(k), i)
		on[i] = fmt.Sprintf("s.k%d = t.k%d", i, i)
	}
	cursor, older := "null", "false"
	if t.Cursor != "" {
		cursor = duck.QuoteIdent(t.Cursor)
		older = "coalesce(s.cur < t.cur, s.cur is null and t.cur is not null)"
	}
	side := func(table string) string {
		return "(select " + strings.Join(keys, ", ") + ", rowid id, " + cursor + " cur, " + rowHashes(columns) + " from " + own(table) + ")"
	}
	err := c.Work(ctx, "create or replace temp table headgate_matches as select s.id sid, t.id tid, not "+older+
		" and (s.h1 <> t.h1 or s.h2 <> t.h2) changed from "+side(staged)+" s join "+side(build)+" t on "+strings.Join(on, " and "))
	if err != nil {
		return diff, err
	}
	counts, err := c.Ints(ctx, "select count(distinct sid) filter (changed), count(distinct sid) filter (not changed), (select count(*) from "+own(staged)+") from headgate_matches")
	if err != nil {
		return diff, err
	}
	diff.Updated, diff.Unchanged = counts[0], counts[1]
	diff.Inserted = counts[2] - counts[0] - counts[1]
	if diff.Updated == 0 {
		hidden = nil
	}
	if len(hidden) > 0 {
		if err := keepHidden(ctx, c, build, hidden); err != nil {
			return diff, err
		}
	}
	if diff.Updated > 0 {
		if err := deleteRows(ctx, c, build, "select tid from headgate_matches where changed"); err != nil {
			return diff, err
		}
	}
	if diff.Updated+diff.Inserted == 0 {
		return diff, nil
	}
	duck.Trim()
	into, picked, from := duck.QuoteIdents("", columns), duck.QuoteIdents("s.", columns), own(staged)+" s"
	for i, h := range hidden {
		into += ", " + duck.QuoteIdent(h)
		picked += fmt.Sprintf(", k.c%d", i)
	}
	if len(hidden) > 0 {
		from += " left join headgate_hidden k on s.rowid = k.sid"
	}
	if diff.Unchanged > 0 {
		from += " anti join (select sid from headgate_matches where not changed) m on s.rowid = m.sid"
	}
	return diff, c.Work(ctx, "insert into "+own(build)+" ("+into+") select "+picked+" from "+from)
}

// keepHidden puts the hidden values of the rows that a merge replaces aside, by
// the staged row that takes their place. Columns get names of our own.
func keepHidden(ctx context.Context, c *duck.Conn, build string, hidden []string) error {
	values := ""
	for i, h := range hidden {
		values += fmt.Sprintf(", t.%s c%d", duck.QuoteIdent(h), i)
	}
	return c.Work(ctx, "create or replace temp table headgate_hidden as select m.sid"+values+" from "+own(build)+
		" t join (select sid, max(tid) tid from headgate_matches where changed group by sid) m on t.rowid = m.tid")
}

// compareTables counts how a table differs from the one that it takes the place
// of: by key where there is one that both have, else by whole rows, where a
// changed row counts as one deleted and one inserted. Rows are compared by hash.
// previous "" stands for an empty table.
func compareTables(ctx context.Context, c *duck.Conn, table, previous string, key []string) (connector.TableDiff, error) {
	var diff connector.TableDiff
	now, err := tableColumns(ctx, c, table)
	if err != nil {
		return diff, err
	}
	if diff.Rows, err = c.Int(ctx, "select count(*) from "+own(table)); err != nil {
		return diff, err
	}
	var before []connector.Column
	if previous != "" {
		if before, err = tableColumns(ctx, c, previous); err != nil {
			return diff, err
		}
	}
	if before == nil {
		diff.Inserted = diff.Rows
		return diff, nil
	}
	group, keys := "h", ""
	if len(key) > 0 && hasAll(before, key) {
		group = "k0"
		for i, k := range key {
			keys += fmt.Sprintf(", %s k%d", duck.QuoteIdent(k), i)
			if i > 0 {
				group += fmt.Sprintf(", k%d", i)
			}
		}
	}
	// Other columns make every row another one: the side goes into the hash.
	alike := slices.EqualFunc(now, before, func(a, b connector.Column) bool { return a.Name == b.Name && a.Type.Equal(b.Type) })
	side := func(name string, columns []connector.Column, mark int) string {
		salt := ""
		if !alike {
			salt = fmt.Sprintf(", %d", mark)
		}
		return fmt.Sprintf("select hash(%s%s) h, %d side%s from %s", duck.QuoteIdents("", columnNames(columns)), salt, mark, keys, own(name))
	}
	counts, err := c.Ints(ctx, "select coalesce(sum(n), 0)::bigint, coalesce(sum(o), 0)::bigint, coalesce(sum(least(n, o)), 0)::bigint, "+
		"coalesce(sum(case when hn = ho then least(n, o) else 0 end), 0)::bigint from (select count(*) filter (side = 0) n, count(*) filter (side = 1) o, "+
		"max(h) filter (side = 0) hn, max(h) filter (side = 1) ho from ("+side(table, now, 0)+" union all "+side(previous, before, 1)+") group by "+group+")")
	if err != nil {
		return diff, err
	}
	both := counts[2]
	diff.Inserted, diff.Deleted = counts[0]-both, counts[1]-both
	diff.Unchanged = counts[3]
	diff.Updated = both - diff.Unchanged
	return diff, nil
}

func hasAll(columns []connector.Column, names []string) bool {
	for _, n := range names {
		if !slices.ContainsFunc(columns, func(c connector.Column) bool { return c.Name == n }) {
			return false
		}
	}
	return true
}
