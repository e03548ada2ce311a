package contract

// Rule is a rule of a contract that a record, or the table, can break.
type Rule struct {
	Name string
	// Written says that the contract asks for the rule in so many words; that a
	// value must be of its column's type and a record JSON goes without saying.
	Written bool
	Warning bool // a check of severity "warning"
}

// RuleNames returns the rules of the contract, those of the record first, then the
// columns' in order, then the checks over the row.
func (c *Contract) RuleNames() []Rule {
	out := []Rule{{Name: RecordJSON}}
	if len(c.Key) > 0 {
		out = append(out, Rule{Name: RecordKey, Written: true})
	}
	if c.UnknownColumns == UnknownFail || c.UnknownColumns == UnknownQuarantine {
		out = append(out, Rule{Name: RecordUnknown, Written: true})
	}
	keyed := map[string]bool{}
	for _, k := range c.Key {
		keyed[k] = true
	}
	for i := range c.Columns {
		col := &c.Columns[i]
		out = append(out, Rule{Name: ColumnRule(col.Name, RuleType)})
		for _, r := range []struct {
			name string
			has  bool
		}{
			{RuleRequired, col.Required && !keyed[col.Name]}, {RuleMin, col.Min != nil}, {RuleMax, col.Max != nil},
			{RuleMinLength, col.MinLength != nil}, {RuleMaxLength, col.MaxLength != nil}, {RulePattern, col.Pattern != ""},
			{RuleEnum, len(col.Enum) > 0}, {RuleFormat, col.Format != ""}, {RuleUnique, col.Unique},
		} {
			if r.has {
				out = append(out, Rule{Name: ColumnRule(col.Name, r.name), Written: true})
			}
		}
		for _, k := range col.Checks {
			out = append(out, Rule{Name: ColumnRule(col.Name, k.Name), Written: true, Warning: k.Severity == SeverityWarning})
		}
	}
	for _, k := range c.Checks {
		out = append(out, Rule{Name: k.Name, Written: true, Warning: k.Severity == SeverityWarning})
	}
	return out
}
