package executor

import (
	"fmt"
	"strings"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/connector"
)

// keyAudits are a contract's promises over the whole table: the key (which merge
// keeps by itself) and unique columns. Only values among the new rows can break
// them, so only those are looked for.
func keyAudits(c *contract.Contract, write string) []connector.Audit {
	var out []connector.Audit
	if len(c.Key) > 0 && write != "merge" {
		a := uniqueAudit(contract.RecordKey, "", c.Key)
		a.Mask = masks(c, c.Key...)
		out = append(out, a)
	}
	for i := range c.Columns {
		col := &c.Columns[i]
		if col.Unique && !(write == "merge" && len(c.Key) == 1 && c.Key[0] == col.Name) {
			a := uniqueAudit(contract.ColumnRule(col.Name, contract.RuleUnique), col.Name, []string{col.Name})
			a.Mask = col.HasTag("pii")
			out = append(out, a)
		}
	}
	return out
}

// uniqueAudit finds the values of columns that stand in more than one row. Nulls
// do not count, as in SQL.
func uniqueAudit(rule, column string, columns []string) connector.Audit {
	cols := make([]string, len(columns))
	notNull := make([]string, len(columns))
	for i, c := range columns {
		cols[i] = quoteIdent(c)
		notNull[i] = cols[i] + " IS NOT NULL"
	}
	list := strings.Join(cols, ", ")
	return connector.Audit{
		Rule: rule, Kind: connector.AuditUnique, Column: column, Severity: string(contract.SeverityError), Set: &connector.SetRule{Unique: columns},
		SQL:  fmt.Sprintf("SELECT %s, count(*) AS rows FROM {this} WHERE {near} AND %s GROUP BY %s HAVING count(*) > 1", list, strings.Join(notNull, " AND "), list),
		Near: fmt.Sprintf("(%s) IN (SELECT %s FROM {new})", list, list),
	}
}

// rowAudits are a contract's promises on rows as SQL over a model's result: what
// records meet in flight, rows of a model meet before they are published. Under
// quarantine, drop and null_value the rows at fault are taken out (null_value
// has no original to keep aside but the row itself); a view cannot lose rows, so
// there they are counted as warnings.
func rowAudits(c *contract.Contract, materialized, dialect string) ([]connector.Audit, error) {
	var out []connector.Audit
	base := connector.Audit{Kind: connector.AuditRow, Severity: string(contract.SeverityError)}
	switch {
	case c.OnViolation == contract.Warn, materialized == "view" && c.OnViolation != contract.Fail:
		base.Severity = string(contract.SeverityWarning)
	case c.OnViolation == contract.Drop:
		base.Remove = true
	case c.OnViolation == contract.Quarantine, c.OnViolation == contract.NullValue:
		base.Remove, base.Quarantine = true, true
	}
	add := func(rule, column, condition string, severity contract.Severity, mask bool) {
		a := base
		a.Rule, a.Column, a.Mask = rule, column, mask
		if severity == contract.SeverityWarning {
			a = connector.Audit{Rule: rule, Kind: connector.AuditRow, Column: column, Mask: mask, Severity: string(severity)}
		}
		a.SQL = "SELECT * FROM {this} WHERE " + condition
		if a.Remove {
			a.SQL = condition
		}
		out = append(out, a)
	}
	for i := range c.Columns {
		col := &c.Columns[i]
		for _, r := range columnConditions(col, dialect) {
			add(contract.ColumnRule(col.Name, r.rule), col.Name, r.condition, contract.SeverityError, col.HasTag("pii"))
		}
		for _, chk := range col.Checks {
			cond, err := violates(chk.Condition, dialect, col.Name)
			if err != nil {
				return nil, err
			}
			add(contract.ColumnRule(col.Name, chk.Name), col.Name, cond, chk.Severity, col.HasTag("pii"))
		}
	}
	for _, chk := range c.Checks {
		cond, err := violates(chk.Condition, dialect, "")
		if err != nil {
			return nil, err
		}
		add(chk.Name, "", cond, chk.Severity, c.HasPII())
	}
	return out, nil
}

// keepRaw tells audits how much to keep of the rows that they put aside.
func keepRaw(audits []connector.Audit, c *contract.Contract) {
	var hide []string
	if c.KeepsRaw() == contract.RawMasked {
		for i := range c.Columns {
			if c.Columns[i].HasTag("pii") {
				hide = append(hide, c.Columns[i].Name)
			}
		}
	}
	for i := range audits {
		audits[i].Hide, audits[i].NoRaw = hide, c.KeepsRaw() == contract.RawNone
	}
}

// violates is the SQL condition under which a check is broken.
func violates(e *rowexpr.Expr, dialect, valueColumn string) (string, error) {
	return rowexpr.ViolatesSQL(e, rowexpr.SQLOptions{Dialect: dialect, Ref: func(ref *rowexpr.Expr) string {
		return rowexpr.PathSQL(ref, valueColumn, quoteIdent)
	}})
}

// condition is a rule of a column with the SQL under which it is broken.
type condition struct{ rule, condition string }

// columnConditions are a column's limits as SQL conditions that hold for rows at
// fault. Nulls break `required` alone.
func columnConditions(col *contract.Column, dialect string) []condition {
	var out []condition
	name := quoteIdent(col.Name)
	add := func(rule, format string, args ...any) {
		out = append(out, condition{rule, fmt.Sprintf(format, args...)})
	}
	lit := func(text string) string { return rowexpr.LiteralSQL(col.Type, text, dialect) }
	if col.Required {
		add(contract.RuleRequired, "%s IS NULL", name)
	}
	if col.Min != nil {
		add(contract.RuleMin, "%s < %s", name, lit(*col.Min))
	}
	if col.Max != nil {
		add(contract.RuleMax, "%s > %s", name, lit(*col.Max))
	}
	length := "length(" + name + ")"
	if col.Type.Kind == types.Bytes {
		length = "octet_length(" + name + ")"
	}
	if col.MinLength != nil {
		add(contract.RuleMinLength, "%s < %d", length, *col.MinLength)
	}
	if col.MaxLength != nil {
		add(contract.RuleMaxLength, "%s > %d", length, *col.MaxLength)
	}
	if col.Pattern != "" {
		add(contract.RulePattern, "NOT regexp_matches(%s, %s)", name, rowexpr.LiteralSQL(types.Of(types.String), col.Pattern, dialect))
	}
	if len(col.Enum) > 0 {
		values := make([]string, len(col.Enum))
		for i, v := range col.Enum {
			values[i] = lit(v)
		}
		add(contract.RuleEnum, "%s NOT IN (%s)", name, strings.Join(values, ", "))
	}
	return out
}
