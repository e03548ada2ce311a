// Package contractpage writes contracts as pages of Markdown that a person reads.
package contractpage

import (
	"fmt"
	"slices"
	"strings"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/contract/document"
	"github.com/headgate-data/headgate/compiler/contract/others"
	"github.com/headgate-data/headgate/compiler/types"
)

// Export writes a contract as a page.
func Export(c *contract.Contract) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s, version %d\n", c.Name, c.Version)
	if c.Description != "" {
		fmt.Fprintf(&b, "\n%s\n", text(c.Description))
	}
	facts(&b, c)
	columns(&b, c)
	checks(&b, c)
	promises(&b, c)
	return []byte(b.String())
}

func facts(b *strings.Builder, c *contract.Contract) {
	var out []string
	add := func(format string, args ...any) { out = append(out, "- "+fmt.Sprintf(format, args...)) }
	if c.Owner != "" {
		add("Owner: %s", line(c.Owner))
	}
	if len(c.Key) > 0 {
		add("Key: %s", codes(c.Key))
	}
	if c.Latest {
		add("This is the latest version: `contract.%s` means it.", c.Name)
	}
	if c.DeprecatedAfter != "" {
		add("**Deprecated**: it can be used up to %s.", c.DeprecatedAfter)
	}
	switch c.Compatibility {
	case "", "auto":
	case "none":
		add("Versions may differ in any way (compatibility `none`).")
	default:
		add("Versions keep compatibility `%s`.", c.Compatibility)
	}
	if len(c.Reserved) > 0 {
		add("Reserved names of removed columns: %s", codes(c.Reserved))
	}
	if len(out) > 0 {
		b.WriteString("\n" + strings.Join(out, "\n") + "\n")
	}
}

func columns(b *strings.Builder, c *contract.Contract) {
	b.WriteString("\n## Columns\n\n| column | type | required | rules | description |\n|---|---|---|---|---|\n")
	for i := range c.Columns {
		col := &c.Columns[i]
		required := ""
		if col.Required {
			required = "yes"
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s |\n", code(col.Name), code(col.Type.String()), required, strings.Join(rules(c, col), "<br>"), cell(line(described(col))))
	}
}

// described is a column's description with its tags.
func described(col *contract.Column) string {
	out := col.Description
	for _, t := range col.Tags {
		if t == "pii" {
			t = "pii: personal data, masked in reports"
		}
		out += " [" + t + "]"
	}
	return strings.TrimSpace(out)
}

// rules are a column's limits in words.
func rules(c *contract.Contract, col *contract.Column) []string {
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	between := func(low, high *string) {
		switch {
		case low != nil && high != nil:
			add("from %s to %s", code(*low), code(*high))
		case low != nil:
			add("at least %s", code(*low))
		case high != nil:
			add("at most %s", code(*high))
		}
	}
	if len(c.Key) == 1 && c.Key[0] == col.Name {
		add("key")
	} else if col.Unique {
		add("unique")
	}
	between(col.Min, col.Max)
	unit := "characters"
	switch col.Type.Kind {
	case types.List:
		unit = "elements"
	case types.Bytes:
		unit = "bytes"
	}
	switch low, high := col.MinLength, col.MaxLength; {
	case low != nil && high != nil && *low == *high:
		add("%d %s", *low, unit)
	case low != nil && high != nil:
		add("%d to %d %s", *low, *high, unit)
	case low != nil:
		add("at least %d %s", *low, unit)
	case high != nil:
		add("at most %d %s", *high, unit)
	}
	if len(col.Enum) > 0 {
		add("one of %s", codes(col.Enum))
	}
	if col.Pattern != "" {
		add("matches %s", code(col.Pattern))
	}
	if col.Format != "" {
		add("is of format %s", col.Format)
	}
	if col.References != nil {
		add("stands in %s", code(col.References.String()))
	}
	for _, m := range others.OfColumn(col) {
		if m.Name == "references" {
			continue
		}
		add("%s: %s", m.Name, code(document.Compact(m.Value)))
	}
	if col.Default != nil {
		add("%s where it is absent", code(*col.Default))
	}
	return out
}

func checks(b *strings.Builder, c *contract.Contract) {
	var rows []string
	add := func(list []contract.Check, column string) {
		for _, k := range list {
			name := k.Name
			if column != "" {
				name = contract.ColumnRule(column, name)
			}
			rows = append(rows, fmt.Sprintf("| %s | %s | %s | %s |", code(name), code(k.Source), k.Severity, cell(line(k.Message))))
		}
	}
	for i := range c.Columns {
		add(c.Columns[i].Checks, c.Columns[i].Name)
	}
	add(c.Checks, "")
	if len(rows) > 0 {
		b.WriteString("\n## Checks\n\n| check | holds where this is true or null | severity | message |\n|---|---|---|---|\n" + strings.Join(rows, "\n") + "\n")
	}
}

// What becomes of records, in words.
var (
	onViolation = map[contract.OnViolation]string{
		contract.Fail:       "A record that breaks the contract fails the run, and nothing is published.",
		contract.Quarantine: "A record that breaks the contract is kept aside whole, in quarantine, and the run goes on.",
		contract.Drop:       "A record that breaks the contract is left out and counted.",
		contract.NullValue:  "An optional value that breaks the contract becomes null, and the original is kept in quarantine.",
		contract.Warn:       "A record that breaks the contract is loaded where its types allow, and counted.",
	}
	unknownColumns = map[contract.UnknownColumns]string{
		contract.UnknownFail:       "A member that no column names fails the run.",
		contract.UnknownQuarantine: "A record with a member that no column names goes to quarantine.",
		contract.UnknownDrop:       "Members that no column names are left out.",
		contract.UnknownEvolve:     "A member that no column names becomes a new column.",
		contract.UnknownKeepJSON:   "Members that no column names are collected in `_extra`.",
	}
	coerce = map[contract.Coerce]string{
		contract.CoerceNone:     "Values are taken only in the column's own JSON type.",
		contract.CoerceLossless: "A value of another JSON type is taken where nothing of it is lost: `\"12\"` for a number.",
		contract.CoerceLenient:  "A value of another JSON type is taken, and may be rounded or cut.",
	}
)

func promises(b *strings.Builder, c *contract.Contract) {
	b.WriteString("\n## What becomes of records\n\n")
	for _, s := range []string{onViolation[c.OnViolation], unknownColumns[c.UnknownColumns], coerce[c.Coerce]} {
		if s != "" {
			b.WriteString("- " + s + "\n")
		}
	}
	for _, m := range others.OfContract(c) {
		if slices.Contains([]string{"expects", "rows", "freshness", "set_violations", "quarantine_raw"}, m.Name) {
			continue
		}
		fmt.Fprintf(b, "- %s: %s\n", m.Name, code(document.Compact(m.Value)))
	}
	if c.Tolerance != "" {
		fmt.Fprintf(b, "- More than %s bad records fail the run.\n", c.Tolerance)
	}
	switch c.QuarantineRaw {
	case "":
	case contract.RawFull:
		b.WriteString("- Quarantine keeps all of a record, personal data too.\n")
	case contract.RawMasked:
		b.WriteString("- Quarantine keeps a record without the values of personal data.\n")
	case contract.RawNone:
		b.WriteString("- Quarantine keeps the reasons, and nothing of the record.\n")
	default:
		fmt.Fprintf(b, "- quarantine_raw: %s\n", code(c.QuarantineRaw))
	}
	table(b, c)
}

// table tells what is promised of the table as a whole, beside key, unique and
// references.
func table(b *strings.Builder, c *contract.Contract) {
	if c.Schema != nil {
		fmt.Fprintf(b, "- Records are held to the JSON Schema %s too.\n", code(c.Schema.File))
	}
	switch c.SetViolations {
	case "":
	case contract.SetQuarantine:
		b.WriteString("- A row that repeats a key or unique value, or refers to nothing, is kept aside in quarantine.\n")
	case contract.SetDrop:
		b.WriteString("- A row that repeats a key or unique value, or refers to nothing, is left out and counted.\n")
	default:
		fmt.Fprintf(b, "- set_violations: %s\n", code(string(c.SetViolations)))
	}
	if len(c.Expects) == 0 && c.Rows == nil && c.Freshness == nil {
		return
	}
	b.WriteString("\n## The table as a whole\n\n")
	if r := c.Rows; r != nil {
		var bounds []string
		if r.Min != nil {
			bounds = append(bounds, fmt.Sprintf("at least %d", *r.Min))
		}
		if r.Max != nil {
			bounds = append(bounds, fmt.Sprintf("at most %d", *r.Max))
		}
		fmt.Fprintf(b, "- It has %s rows%s.\n", strings.Join(bounds, " and "), warned(r.Severity))
	}
	if f := c.Freshness; f != nil {
		fmt.Fprintf(b, "- The newest %s is no older than %s%s.\n", code(f.Column), code(f.Age()), warned(f.Severity))
	}
	for _, x := range c.Expects {
		fmt.Fprintf(b, "- %s: %s yields no row%s.", code(x.Name), code(x.Query), warned(x.Severity))
		if x.Message != "" {
			b.WriteString(" " + line(x.Message))
		}
		b.WriteString("\n")
	}
}

func warned(s contract.Severity) string {
	if s == contract.SeverityWarning {
		return ", else a warning is given"
	}
	return ""
}

// text escapes what Markdown would read as markup at the begin of a line or as
// HTML; lines stay.
func text(s string) string {
	var out []string
	for _, l := range strings.Split(strings.TrimSpace(s), "\n") {
		out = append(out, line(l))
	}
	return strings.Join(out, "\n")
}

var escapes = strings.NewReplacer("\\", "\\\\", "<", "&lt;", ">", "&gt;", "&", "&amp;", "*", "\\*", "_", "\\_", "`", "\\`", "[", "\\[", "]", "\\]", "\n", " ", "\r", " ")

// line escapes a text for one line.
func line(s string) string {
	out := escapes.Replace(strings.TrimSpace(s))
	if out != "" && strings.ContainsRune("#-+=|", rune(out[0])) {
		out = "\\" + out
	}
	return out
}

// cell escapes what would end a table's cell.
func cell(s string) string { return strings.ReplaceAll(strings.ReplaceAll(s, "\n", " "), "|", "\\|") }

// code writes a text as code, in more backticks than it holds.
func code(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	ticks := "`"
	for strings.Contains(s, ticks) {
		ticks += "`"
	}
	if s == "" || s[0] == '`' || s[len(s)-1] == '`' {
		s = " " + s + " "
	}
	return ticks + cell(s) + ticks
}

func codes(list []string) string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = code(s)
	}
	return strings.Join(out, ", ")
}
