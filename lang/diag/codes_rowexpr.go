package diag

// The codes of row expressions.
const (
	RowSyntax          Code = "HG3101" // a form of expression that is not for rows
	RowUnknownColumn   Code = "HG3102"
	RowUnknownFunction Code = "HG3103"
	RowTypes           Code = "HG3104" // operands whose types do not mix
	RowArgument        Code = "HG3105"
	RowResult          Code = "HG3106" // the whole yields another type than its place takes
	RowConstant        Code = "HG3107" // a constant that cannot be computed
	RowPattern         Code = "HG3108"
	RowTooLarge        Code = "HG3109"
	RowNotInSQL        Code = "HG3110"
)

// rowexprCodes are the codes of row expressions, a part of contractCodes.
func rowexprCodes() []Info {
	return []Info{
		{RowSyntax, "This cannot stand in a row expression", "A row expression is evaluated for every record. It is made of literals, templates, row.<column>, value (inside a column's own check), var, local, each and environment, the operators, condition ? a : b, and calls of row functions. For expressions, splats, objects and the functions of configuration are not part of it; a list stands only in contains([...], x) and join(\",\", [...]).\n\n  filter = contains([\"eu\", \"us\"], row.region)"},
		{RowUnknownColumn, "The record has no such column", "A row expression names a column, or a member of a nested column, that the record does not have. Inside a contract those are the contract's columns; in a map they are the source's, as sources.lock.hcl has them (headgate source discover reads them again).\n\n  condition = row.order_totl > 0   # did you mean order_total?"},
		{RowUnknownFunction, "There is no such row function", "Row expressions have functions of their own; docs/reference/expressions.md lists them with their parameters.\n\n  condition = len(row.name) > 0   # write length(row.name)"},
		{RowTypes, "The types of the operands do not mix", "Nothing is converted that could lose a digit or change its meaning: an integer goes with a wider integer or a decimal, a date with a timestamp, and a literal takes the type of what stands beside it. For all else say what you mean with cast.\n\n  condition = row.order_id == \"12\"                    # int64 and string\n  condition = cast(row.order_id, string) == \"12\"      # fine"},
		{RowArgument, "An argument does not fit the function", "The function takes another number of arguments, another type, or a constant at this place. docs/reference/expressions.md describes every function.\n\n  value = round(row.total, row.digits)   # the digits must be a constant"},
		{RowResult, "The row expression yields another type than its place takes", "A condition and a filter yield bool; a column of a map yields the type of the contract's column, or one that widens to it. Where digits may be lost, say so with cast.\n\n  column \"total\" { value = row.net / 3 }                          # float64 for a decimal(12, 2)\n  column \"total\" { value = cast(row.net / 3, decimal(12, 2)) }    # fine, rounded half away from zero"},
		{RowConstant, "A constant cannot be computed", "A constant part of a row expression divides by zero, overflows, has more than 38 digits, or is no text of the type that it is compared with.\n\n  condition = row.day >= \"2024-02-30\"   # not a date"},
		{RowPattern, "The regular expression is not usable", "Patterns are RE2: no look-ahead, no back references. They are constants, so that they are compiled once. In HCL a backslash is written twice.\n\n  condition = regex_match(row.code, \"^[A-Z]{3}-\\\\d+$\")"},
		{RowTooLarge, "The row expression is too large", "A row expression may be nested 200 deep and hold 5,000 operators and calls; as SQL it may take 256 KiB. Split it into several checks or columns."},
		{RowNotInSQL, "The row expression has no exact SQL form", "The destination's SQL cannot do what the expression does in quite the same way, so it is evaluated by headgate alone and not pushed down. Loading and enforcement are not affected. docs/reference/expressions.md says for each function what is in flight only."},
	}
}
