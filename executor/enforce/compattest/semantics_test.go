package compattest

import (
	"testing"

	"github.com/headgate-data/headgate/compiler/contract/compat"
)

// TestSemantics is the table of the language's rules, row by row.
func TestSemantics(t *testing.T) {
	const (
		ok, warns, breaks = compat.OK, compat.Warns, compat.Breaks

		id     = "column \"id\" {\n type = int64\n required = true\n}\n"
		strict = "unknown_columns = \"fail\"\n"
	)
	a := func(attrs string) string { return id + "column \"a\" {\n" + attrs + "\n}\n" }
	typed := func(typ string) string { return a("type = " + typ) }
	for _, row := range []struct {
		change            string
		old, now          string
		rule              compat.Rule
		backward, forward compat.Verdict
	}{
		{"an optional column where names are free", id, typed("int64"), compat.ColumnAdded, warns, ok},
		{"an optional column where they are not", strict + id, strict + typed("int64"), compat.ColumnAdded, ok, ok},
		{"an optional column of type json", id, typed("json"), compat.ColumnAdded, ok, ok},
		{"a required column with a default", strict + id, strict + a("type = int64\nrequired = true\ndefault = 1"), compat.ColumnAdded, ok, ok},
		{"a required column without a default", id, a("type = int64\nrequired = true"), compat.ColumnAddedRequired, breaks, ok},
		{"a column removed", typed("int64"), id, compat.ColumnRemoved, ok, breaks},
		{"a column removed under fail", strict + typed("int64"), strict + id, compat.ColumnRemoved, breaks, breaks},
		{"optional to required", typed("int64"), a("type = int64\nrequired = true"), compat.RequiredAdded, breaks, ok},
		{"required to optional", a("type = int64\nrequired = true"), typed("int64"), compat.RequiredRemoved, ok, breaks},
		{"int32 to int64", typed("int32"), typed("int64"), compat.TypeWidened, ok, breaks},
		{"decimal(10,2) to decimal(12,2)", typed("decimal(10, 2)"), typed("decimal(12, 2)"), compat.TypeWidened, ok, breaks},
		{"int to a decimal that holds it", typed("int64"), typed("decimal(19, 0)"), compat.TypeWidened, ok, breaks},
		{"date to timestamp", "coerce = \"none\"\n" + typed("date"), "coerce = \"none\"\n" + typed("timestamp"), compat.TypeWidened, ok, breaks},
		{"date to timestamp, where a date was read from a time", typed("date"), typed("timestamp"), compat.TypeWidened, warns, breaks},
		{"a type narrowed", typed("int64"), typed("int32"), compat.TypeNarrowed, breaks, ok},
		{"any other change of type", typed("int64"), typed("string"), compat.TypeChanged, breaks, breaks},
		{"a limit loosened", a("type = int64\nmin = 5"), a("type = int64\nmin = 1"), compat.MinLowered, ok, breaks},
		{"a limit dropped", a("type = string\nmax_length = 5"), a("type = string"), compat.MaxLengthRemoved, ok, breaks},
		{"a value added to a list", a("type = string\nenum = [\"a\"]"), a("type = string\nenum = [\"a\", \"b\"]"), compat.EnumValueAdded, ok, breaks},
		{"a check dropped", a("type = int64\ncheck \"c\" {\ncondition = value % 2 == 0\n}"), typed("int64"), compat.CheckRemoved, ok, breaks},
		{"a limit tightened", a("type = int64\nmin = 1"), a("type = int64\nmin = 5"), compat.MinRaised, breaks, ok},
		{"a limit added", typed("int64"), a("type = int64\nmax = 5"), compat.MaxAdded, breaks, ok},
		{"a check changed", a("type = int64\ncheck \"c\" {\ncondition = value % 2 == 0\n}"), a("type = int64\ncheck \"c\" {\ncondition = value % 3 == 0\n}"), compat.CheckChanged, breaks, breaks},
		{"a pattern changed", a("type = string\npattern = \"^a\""), a("type = string\npattern = \"^b\""), compat.PatternChanged, breaks, breaks},
		{"the key changed", id, "key = [\"id\"]\n" + id, compat.KeyChanged, breaks, breaks},
		{"a struct's field removed", typed("struct({ x = int64, y = int64 })"), typed("struct({ x = int64 })"), compat.FieldRemoved, ok, breaks},
		{"a list's element narrowed", typed("list(int64)"), typed("list(int32)"), compat.TypeNarrowed, breaks, ok},
		{"coerce narrowed", id, "coerce = \"none\"\n" + id, compat.CoerceNarrowed, breaks, ok},
		{"unknown_columns tightened", id, strict + id, compat.UnknownTightened, breaks, ok},
		{"a description", id, "description = \"x\"\n" + id, compat.DescriptionChanged, ok, ok},
		{"an owner", id, "owner = \"me\"\n" + id, compat.DescriptionChanged, ok, ok},
		{"on_violation", id, "on_violation = \"fail\"\n" + id, compat.HandlingChanged, ok, ok},
	} {
		t.Run(row.change, func(t *testing.T) {
			changes := compat.Compare(mustCompile(t, row.old), mustCompile(t, row.now), compat.Full)
			for _, ch := range changes {
				if ch.Rule != row.rule {
					continue
				}
				if ch.Backward.Verdict != row.backward || ch.Forward.Verdict != row.forward {
					t.Errorf("backward %s, forward %s; want %s, %s", ch.Backward.Verdict, ch.Forward.Verdict, row.backward, row.forward)
				}
				return
			}
			t.Errorf("no %s among\n%s", row.rule, written(changes))
		})
	}
}
