package contractsql

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/contract/document"
	"github.com/headgate-data/headgate/compiler/contract/others"
	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/compiler/types"
)

// Table writes the contract as a CREATE TABLE statement of its name, with
// comments on the table and its columns. What the database cannot be told stands
// in comment lines behind it, nothing is left out.
func Table(c *contract.Contract, dialect string) []byte {
	t := &table{c: c, dialect: dialect}
	for i := range c.Columns {
		t.column(&c.Columns[i])
	}
	for i := range c.Columns {
		for k := range c.Columns[i].Checks {
			t.check(&c.Columns[i].Checks[k], c.Columns[i].Name)
		}
	}
	if len(c.Key) > 0 {
		t.line("PRIMARY KEY (%s)", idents(c.Key))
	}
	for i := range c.Columns {
		if col := &c.Columns[i]; col.Unique && (len(c.Key) != 1 || c.Key[0] != col.Name) {
			t.line("UNIQUE (%s)", Ident(col.Name))
		}
	}
	for i := range c.Checks {
		t.check(&c.Checks[i], "")
	}
	t.settings()
	var b strings.Builder
	fmt.Fprintf(&b, "-- contract.%s.v%d\nCREATE TABLE %s (\n  %s\n);\n", c.Name, c.Version, Ident(c.Name), strings.Join(t.lines, ",\n  "))
	t.comments(&b)
	if len(t.unsaid) > 0 {
		b.WriteString("-- What this statement does not say:\n")
		for _, s := range t.unsaid {
			b.WriteString("--   " + oneLine(s) + "\n")
		}
	}
	return []byte(b.String())
}

type table struct {
	c       *contract.Contract
	dialect string
	lines   []string // of the statement
	unsaid  []string // what has no place in it
}

func (t *table) line(format string, args ...any) {
	t.lines = append(t.lines, fmt.Sprintf(format, args...))
}

// leave lists what SQL cannot say.
func (t *table) leave(what, value string) { t.unsaid = append(t.unsaid, what+" = "+value) }

func (t *table) column(col *contract.Column) {
	typ := col.Type.DuckDB()
	if t.dialect == Postgres {
		typ = col.Type.Postgres()
	}
	text := Ident(col.Name) + " " + typ
	if col.Required {
		text += " NOT NULL"
	}
	if col.Default != nil {
		if col.Type.IsNested() {
			t.leave(contract.ColumnRule(col.Name, "default"), *col.Default)
		} else {
			text += " DEFAULT " + t.literal(col.Type, *col.Default)
		}
	}
	for _, limit := range t.limits(col) {
		text += " CHECK (" + limit + ")"
	}
	t.lines = append(t.lines, text)
	if col.Format != "" {
		t.leave(contract.ColumnRule(col.Name, contract.RuleFormat), strconv.Quote(col.Format))
	}
	if len(col.Tags) > 0 {
		t.leave(contract.ColumnRule(col.Name, "tags"), list(col.Tags))
	}
	for _, m := range others.OfColumn(col) {
		t.leave(contract.ColumnRule(col.Name, m.Name), document.Compact(m.Value))
	}
	if len(col.Extensions) > 0 {
		t.leave(contract.ColumnRule(col.Name, "extensions"), string(col.Extensions))
	}
}

// limits writes what a column's values must keep.
func (t *table) limits(col *contract.Column) []string {
	var out []string
	name := Ident(col.Name)
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if col.Min != nil {
		add("%s >= %s", name, t.literal(col.Type, *col.Min))
	}
	if col.Max != nil {
		add("%s <= %s", name, t.literal(col.Type, *col.Max))
	}
	length := t.length(col)
	if col.MinLength != nil {
		add("%s >= %d", length, *col.MinLength)
	}
	if col.MaxLength != nil {
		add("%s <= %d", length, *col.MaxLength)
	}
	if len(col.Enum) > 0 {
		values := make([]string, len(col.Enum))
		for i, v := range col.Enum {
			values[i] = t.literal(col.Type, v)
		}
		add("%s IN (%s)", name, strings.Join(values, ", "))
	}
	if col.Pattern == "" {
		return out
	}
	text := types.Of(types.String)
	match := &rowexpr.Expr{Op: rowexpr.OpCall, Func: "regex_match", Type: types.Of(types.Bool), Nullable: true, Args: []*rowexpr.Expr{
		{Op: rowexpr.OpRef, Type: text, Nullable: true}, {Op: rowexpr.OpLit, Type: text, Lit: &rowexpr.Literal{Text: col.Pattern}}}}
	if sql, ok := t.constraint(match, col.Name); ok {
		return append(out, sql)
	}
	t.leave(contract.ColumnRule(col.Name, contract.RulePattern), strconv.Quote(col.Pattern))
	return out
}

// length is the length of a column's values: of texts in characters, of bytes in
// bytes, of lists in elements.
func (t *table) length(col *contract.Column) string {
	name := Ident(col.Name)
	switch {
	case col.Type.Kind == types.Bytes:
		return "octet_length(" + name + ")"
	case col.Type.Kind != types.List:
		return "length(" + name + ")"
	case t.dialect == Postgres && col.Type.Elem.IsNested():
		return "jsonb_array_length(" + name + ")"
	case t.dialect == Postgres:
		return "cardinality(" + name + ")"
	}
	return "len(" + name + ")"
}

// literal writes a constant: whole numbers and decimals as their digits.
func (t *table) literal(typ types.Type, text string) string {
	if typ.IsInteger() || typ.Kind == types.Decimal {
		return text
	}
	if t.dialect == Postgres && typ.Kind == types.Bytes {
		return "decode(" + quote(text) + ", 'base64')"
	}
	if typ.Kind == types.String {
		return rowexpr.LiteralSQL(typ, text, DuckDB)
	}
	return rowexpr.LiteralSQL(typ, text, t.dialect)
}

// check writes a check as a constraint of its name. One that only warns, or that
// the dialect cannot say, is left to the comments.
func (t *table) check(k *contract.Check, column string) {
	rule := k.Name
	if column != "" {
		rule = contract.ColumnRule(column, k.Name)
	}
	sql, ok := t.constraint(k.Condition, column)
	if !ok || k.Severity == contract.SeverityWarning {
		t.leave("check "+rule, k.Source+severity(k))
		return
	}
	t.line("CONSTRAINT %s CHECK (%s)", Ident(rule), sql)
	if k.Message != "" {
		t.leave("message of "+rule, strconv.Quote(k.Message))
	}
}

// constraint writes a condition where it can stand in a constraint: there, DuckDB
// takes no lambdas and Postgres no queries, and what depends on the time of the
// load would be asked at another.
func (t *table) constraint(e *rowexpr.Expr, column string) (string, bool) {
	sql, err := Holds(e, t.dialect, column)
	if err != nil || strings.Contains(sql, "lambda ") || strings.Contains(sql, "(SELECT ") {
		return "", false
	}
	timeless := true
	e.Walk(func(n *rowexpr.Expr) { timeless = timeless && n.Func != "now_at_load" })
	return sql, timeless
}

func severity(k *contract.Check) string {
	if k.Severity == contract.SeverityWarning {
		return " (a warning)"
	}
	return ""
}

// settings lists what a contract says beyond its table.
func (t *table) settings() {
	c := t.c
	for _, s := range [][2]string{{"owner", c.Owner}, {"deprecated_after", c.DeprecatedAfter}, {"compatibility", c.Compatibility}, {"on_violation", string(c.OnViolation)},
		{"unknown_columns", string(c.UnknownColumns)}, {"coerce", string(c.Coerce)}, {"tolerance", c.Tolerance}} {
		if s[1] != "" {
			t.leave(s[0], strconv.Quote(s[1]))
		}
	}
	if len(c.Reserved) > 0 {
		t.leave("reserved", list(c.Reserved))
	}
	for _, m := range others.OfContract(c) {
		t.leave(m.Name, document.Compact(m.Value))
	}
	if c.Schema != nil {
		t.leave("schema_file", strconv.Quote(c.Schema.File))
	}
	if len(c.Extensions) > 0 {
		t.leave("extensions", string(c.Extensions))
	}
}

func (t *table) comments(b *strings.Builder) {
	if t.c.Description != "" {
		fmt.Fprintf(b, "COMMENT ON TABLE %s IS %s;\n", Ident(t.c.Name), quote(t.c.Description))
	}
	for i := range t.c.Columns {
		if col := &t.c.Columns[i]; col.Description != "" {
			fmt.Fprintf(b, "COMMENT ON COLUMN %s.%s IS %s;\n", Ident(t.c.Name), Ident(col.Name), quote(col.Description))
		}
	}
}

func idents(names []string) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = Ident(n)
	}
	return strings.Join(out, ", ")
}

// quote writes a text literal. A NUL, which SQL's texts cannot hold, becomes a
// replacement character.
func quote(s string) string {
	return "'" + strings.ReplaceAll(strings.ReplaceAll(s, "\x00", "\uFFFD"), "'", "''") + "'"
}

func list(items []string) string {
	b, err := json.Marshal(items)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// oneLine is s without line breaks, which would end a comment.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == 0x85 || r == 0x2028 || r == 0x2029 {
			return ' '
		}
		return r
	}, s)
}
