package duckdb

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/connector/duckdb/duck"
	"github.com/headgate-data/headgate/lang/diag"
)

// maxRounds bounds how often rows are looked for that only break a promise since
// others were taken out: a chain of rows that refer to each other, for example.
const maxRounds = 100

// settler takes the rows that would break a promise over the whole table out of a
// table before its rows are merged. The rows that it holds are the new ones;
// those of the target were there before.
type settler struct {
	conn    *duck.Conn
	staged  string // the name in headgate's schema of the table that holds the staged rows
	target  string // the build that the rows are merged into, "" where it holds none that stay
	table   *connector.Table
	other   func(connector.Relation) string
	rejects *rejectWriter
	stream  string // canonical address, for rejects
}

// run applies the audits that remove rows by a SetRule, in order, and once more
// as long as taking rows out can make others break a promise.
func (s *settler) run(ctx context.Context, audits []connector.Audit) ([]connector.AuditResult, error) {
	var out []connector.AuditResult
	var rules []*connector.Audit
	for i := range audits {
		if a := &audits[i]; a.Set != nil && a.Remove {
			rules = append(rules, a)
			out = append(out, connector.AuditResult{Rule: a.Rule, Kind: a.Kind, Column: a.Column, Severity: a.Severity, Quarantined: a.Quarantine})
		}
	}
	for round := 0; ; round++ {
		var removed int64
		for i, a := range rules {
			if round > 0 && !s.again(a) {
				continue
			}
			n, err := s.settle(ctx, a, &out[i])
			if err != nil {
				return nil, auditFault(s.stream, a, err)
			}
			removed += n
		}
		if removed == 0 {
			break
		}
		if round == maxRounds {
			return nil, diag.New(diag.ChainTooLong, "%s: after %d rounds there still were rows without a partner.", s.stream, maxRounds).For(s.stream)
		}
	}
	for i := range out {
		out[i].Removed = out[i].Rows > 0
		out[i].Quarantined = out[i].Quarantined && out[i].Removed
	}
	return out, nil
}

// again reports whether a rule can be broken by what other rules took out: rows
// that refer to the same table, or a merge whose rows free values as they go.
func (s *settler) again(a *connector.Audit) bool {
	return s.merges() || (len(a.Set.Unique) == 0 && s.isSelf(a))
}

func (s *settler) isSelf(a *connector.Audit) bool { return a.Other.Address == s.stream }

func (s *settler) merges() bool { return s.table.Write == "merge" && s.target != "" }

// settle takes the rows at fault out, keeps them where asked, and adds them to r.
func (s *settler) settle(ctx context.Context, a *connector.Audit, r *connector.AuditResult) (int64, error) {
	began := time.Now()
	defer func() { r.Seconds += time.Since(began).Seconds() }()
	ids := s.orphans(a)
	if len(a.Set.Unique) > 0 {
		ids = s.doubles(a.Set.Unique)
	}
	if err := s.conn.Exec(ctx, "create or replace temp table headgate_offenders as select rid, row_number() over (order by rid) n from (select distinct rid from ("+ids+"))"); err != nil {
		return 0, err
	}
	n, err := s.conn.Int(ctx, "select count(*) from headgate_offenders")
	if err != nil || n == 0 {
		return 0, err
	}
	r.Rows += n
	if free := maxExamples - len(r.Examples); free > 0 {
		shown := duck.QuoteIdents("s.", s.shown(a))
		more, err := jsonRows(ctx, s.conn, "select "+shown+" from "+own(s.staged)+" s join headgate_offenders o on s.rowid = o.rid order by o.n limit "+itoa(free), a.Mask)
		if err != nil {
			return 0, err
		}
		r.Examples = append(r.Examples, more...)
	}
	if a.Quarantine {
		if err := s.keep(ctx, a); err != nil {
			return 0, err
		}
	}
	return n, deleteRows(ctx, s.conn, s.staged, "select rid from headgate_offenders")
}

// shown are the columns that an example shows: the key and those of the rule.
func (s *settler) shown(a *connector.Audit) []string {
	seen := map[string]bool{}
	var out []string
	rule := a.Set.Unique
	if len(rule) == 0 {
		rule = []string{a.Set.Column}
	}
	for _, list := range [][]string{s.table.Key, rule} {
		for _, c := range list {
			if !seen[c] {
				out = append(out, c)
			}
			seen[c] = true
		}
	}
	return out
}

// named lists columns under names of our own, c0, c1, ...: the users' may be
// anything.
func named(prefix string, names []string) string {
	parts := make([]string, len(names))
	for i, n := range names {
		parts[i] = fmt.Sprintf("%s%s c%d", prefix, duck.QuoteIdent(n), i)
	}
	return strings.Join(parts, ", ")
}

// sameKey is the condition under which the staged row s and the target's row t
// have one key.
func (s *settler) sameKey() string {
	on := make([]string, len(s.table.Key))
	for i, k := range s.table.Key {
		on[i] = "s." + duck.QuoteIdent(k) + " = t." + duck.QuoteIdent(k)
	}
	return strings.Join(on, " and ")
}

// older is the condition under which a merge leaves the staged row s out, since
// the target's row t of the same key is newer. "" is never.
func (s *settler) older() string {
	if s.table.Cursor == "" {
		return ""
	}
	c := duck.QuoteIdent(s.table.Cursor)
	return "coalesce(s." + c + " < t." + c + ", s." + c + " is null and t." + c + " is not null)"
}

// arriving yields the new rows that will be in the table: their row id, the
// columns as c0, c1, ..., and the cursor.
func (s *settler) arriving(names []string) string {
	cursor := "null"
	if s.table.Cursor != "" {
		cursor = "s." + duck.QuoteIdent(s.table.Cursor)
	}
	sql := "select s.rowid rid, " + named("s.", names) + ", " + cursor + " cur from " + own(s.staged) + " s"
	if older := s.older(); s.merges() && older != "" {
		sql += " where not exists (select 1 from " + own(s.target) + " t where " + s.sameKey() + " and " + older + ")"
	}
	return "(" + sql + ")"
}

// staying yields the target's rows that will still be in the table, the columns
// as c0, c1, ...; "" where there are none.
func (s *settler) staying(names []string) string {
	if s.target == "" {
		return ""
	}
	sql := "select " + named("t.", names) + " from " + own(s.target) + " t"
	if s.merges() {
		replaced := s.sameKey()
		if older := s.older(); older != "" {
			replaced += " and not " + older
		}
		sql += " where not exists (select 1 from " + own(s.staged) + " s where " + replaced + ")"
	}
	return "(" + sql + ")"
}

// doubles yields the ids of new rows whose values stand in the table already, or
// in an earlier new row.
func (s *settler) doubles(unique []string) string {
	list, same, set := make([]string, len(unique)), make([]string, len(unique)), make([]string, len(unique))
	for i := range unique {
		list[i], same[i], set[i] = fmt.Sprintf("c%d", i), fmt.Sprintf("a.c%d = k.c%d", i, i), fmt.Sprintf("c%d is not null", i)
	}
	values, rows := strings.Join(list, ", "), s.arriving(unique)
	given := strings.Join(set, " and ")
	// The few values that stand twice first: only their rows need an order.
	sql := "select rid from (select a.rid, row_number() over (partition by " + values + " order by cur nulls first, rid) n from " + rows + " a where (" + values +
		") in (select " + values + " from " + rows + " where " + given + " group by " + values + " having count(*) > 1)) where n > 1"
	if there := s.staying(unique); there != "" {
		sql += " union all select a.rid from " + rows + " a where exists (select 1 from " + there + " k where " + strings.Join(same, " and ") + ")"
	}
	return sql
}

// orphans yields the ids of new rows whose value has no partner.
func (s *settler) orphans(a *connector.Audit) string {
	partners := "(select " + duck.QuoteIdent(a.Set.OtherColumn) + " c0 from " + s.other(a.Other) + ")"
	if s.isSelf(a) {
		partners = "(select c0 from " + s.arriving([]string{a.Set.OtherColumn})
		if there := s.staying([]string{a.Set.OtherColumn}); there != "" {
			partners += " union all select c0 from " + there
		}
		partners += ")"
	}
	return "select a.rid from " + s.arriving([]string{a.Set.Column}) + " a where a.c0 is not null and not exists (select 1 from " + partners + " k where k.c0 = a.c0)"
}

// keep writes the offenders as rejects, batch by batch. The place of a reject is
// its row's among the rows that were accepted.
func (s *settler) keep(ctx context.Context, a *connector.Audit) error {
	if err := s.rejects.make(ctx, s.conn, s.staged); err != nil {
		return err
	}
	for from := 0; ; from += removeBatch {
		within := " o where o.n > " + itoa(from) + " and o.n <= " + itoa(from+removeBatch)
		places, err := s.conn.Texts(ctx, "select o.rid::varchar from headgate_offenders"+within+" order by o.n")
		if err != nil || len(places) == 0 {
			return err
		}
		rows, err := jsonRows(ctx, s.conn, "select s.*"+hiding(a.Hide)+" from (select o.rid _headgate_rid, o.n _headgate_n from headgate_offenders"+within+") o join "+own(s.staged)+" s on s.rowid = o._headgate_rid order by o._headgate_n", false)
		if err != nil {
			return err
		}
		rejects := make([]connector.Reject, len(rows))
		for i, row := range rows {
			rid, err := strconv.ParseInt(text(places[i][0]), 10, 64)
			if err != nil {
				return err
			}
			rejects[i] = connector.Reject{Stream: s.stream, Origin: s.stream, Line: rid + 1, Raw: []byte(row), Reasons: []connector.RejectReason{reasonOf(a, row)}}
			if a.NoRaw {
				rejects[i].Raw = nil
			}
		}
		if err := s.rejects.write(ctx, s.conn, rejects); err != nil {
			return err
		}
	}
}

// reasonOf is why a row went to quarantine.
func reasonOf(a *connector.Audit, row string) connector.RejectReason {
	r := connector.RejectReason{Column: a.Column, Rule: a.Rule, Message: "the value stands in the table, or in an earlier row, already"}
	if len(a.Set.Unique) == 0 {
		r.Message = "no row of " + display(a.Other) + " has the value"
	}
	if a.Column == "" {
		return r
	}
	if a.Mask {
		r.Value = mask
		return r
	}
	var members map[string]json.RawMessage
	if json.Unmarshal([]byte(row), &members) == nil {
		r.Value = cutValue(string(members[a.Column]))
	}
	return r
}

// maxValue is how many bytes of a value a reason holds.
const maxValue = 256

func cutValue(s string) string {
	if len(s) <= maxValue {
		return s
	}
	return strings.ToValidUTF8(s[:maxValue], "")
}
