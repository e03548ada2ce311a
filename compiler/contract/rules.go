package contract

// The names of the rules that a violation can cite. A rule of a column is
// written "<column>.<rule>", a named check "<column>.<check>" or, over the row,
// the check's own name; a rule of the whole record is written bare.
const (
	RuleType       = "type"     // the value is not of the column's type and may not be coerced
	RuleRequired   = "required" // null or absent
	RuleMin        = "min"
	RuleMax        = "max"
	RuleMinLength  = "min_length"
	RuleMaxLength  = "max_length"
	RulePattern    = "pattern"
	RuleEnum       = "enum"
	RuleFormat     = "format"
	RuleUnique     = "unique"     // over the whole table
	RuleReferences = "references" // over the whole table
	RuleMap        = "map"        // the expression that yields the column failed (division by zero, overflow, cast)

	TableRows      = "rows"      // the number of rows
	TableFreshness = "freshness" // the age of the newest row

	RecordJSON    = "json"           // the record is not valid JSON, or not an object
	RecordUnknown = "unknown_column" // a member that no column names, under fail or quarantine
	RecordKey     = "key"            // a null in the key, or the key is not unique
	RecordFilter  = "filter"         // the filter's expression failed
	RecordSchema  = "schema"         // a Singer record before its schema, or without a key property
)

// ColumnRule returns the full name of a column's rule: "order_total.min".
func ColumnRule(column, rule string) string { return column + "." + rule }
