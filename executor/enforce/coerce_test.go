package enforce_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/enforce"
	"github.com/headgate-data/headgate/internal/golden"
)

// jsonKinds are JSON values of every kind. What stands before a bar is shown in
// place of a long value; the value "absent" is no member at all.
var jsonKinds = `absent
null
true
false
0
1
12
-0
-12
2147483647
2147483648
9007199254740993
9223372036854775807
9223372036854775808
99999999999999999999999999999999999999
999999999999999999999999999999999999999
12.0
12.5
-12.5
0.1
-0.0
1.005
1.50000
1e3
1E+2
1.5e1
1e-2
1e-400
1e400
-1e400
ten thousand nines|` + strings.Repeat("9", 10_000) + `
0. and ten thousand zeros|0.` + strings.Repeat("0", 10_000) + `
0. and ten thousand nines|0.` + strings.Repeat("9", 10_000) + `
""
" "
"0"
"1"
"12"
" 12 "
"12.0"
"12.5"
"1e3"
"1E+2"
"1e400"
"-0"
"+5"
"007"
".5"
"9007199254740993"
"true"
"TRUE"
"yes"
"null"
"NaN"
"Infinity"
"0x10"
"1_000"
"1,000"
"text"
"é \ud83d\ude00"
"NUL \u0000"
"aGVhZGdhdGU="
"aGVhZGdhdGU"
"_-8"
"2024-02-29"
"2023-02-29"
"0000-01-01"
"10000-01-01"
"10:11"
"10:11:12"
"10:11:12.123456"
"10:11:12.123456000"
"10:11:12.1234567"
"24:00:00"
"23:59:60"
"2024-02-29T00:00:00Z"
"2024-02-29T00:00:00+02:00"
"2024-02-29T10:11:12"
"2024-02-29 10:11"
"2024-02-29T10:11:12Z"
"2024-02-29T10:11:12+02:00"
"2024-02-29t10:11:12.123456-0530"
"2024-02-29T10:11:12.123456789Z"
"2024-02-29T10:11:12.123456000Z"
"2024-02-29T10:11:12.000000001Z"
"2024-02-29T24:00:00Z"
"00112233-4455-6677-8899-aabbccddeeff"
"00112233445566778899AABBCCDDEEFF"
"{00112233-4455-6677-8899-aabbccddeeff}"
"[1, 2]"
"{\"a\": 1}"
[]
[1, 2]
["1", 2.0]
[1.5, null]
[[1]]
{}
{"a": 1}
{"a": "1", "b": 2}
{"a": null}
{"a": 1, "a": 2}
{"a": 1, "c": [2]}
{"": 1}
{"NUL \u0000": 1}
128 arrays|` + strings.Repeat("[", 127) + strings.Repeat("]", 127) + `
half a pair|"\ud800"
a byte that is not UTF-8|"` + "\xff" + `"
a control character|"` + "\x01" + `"
129 arrays|` + strings.Repeat("[", 128) + strings.Repeat("]", 128) + `
a million arrays|` + strings.Repeat("[", 1_000_000) + `
01
+1
.5
1.
NaN
nul
'1'`

// jsonTypes are types of every kind.
var jsonTypes = []string{"bool", "int32", "int64", "float64", "decimal(12, 2)", "decimal(38, 0)", "string", "bytes", "date", "time", "timestamp", "timestamptz",
	"uuid", "json", "list(int64)", "map(int64)", "struct({a = int64, b = string})"}

// TestCoerce reads every kind of value as every type under each coercion mode,
// and from a format whose scalars are text. A line tells for which types a value
// comes to what; an exclamation mark is a violation of the type, two of the record.
func TestCoerce(t *testing.T) {
	for _, mode := range []contract.Coerce{contract.CoerceNone, contract.CoerceLossless, contract.CoerceLenient, "text"} {
		t.Run(string(mode), func(t *testing.T) {
			var readers []*enforce.Enforcer
			for _, name := range jsonTypes {
				readers = append(readers, coercer(t, name, mode))
			}
			var b strings.Builder
			for _, line := range strings.Split(jsonKinds, "\n") {
				label, value, long := strings.Cut(line, "|")
				if !long {
					value = label
				}
				fmt.Fprintf(&b, "%s\n", strings.ToValidUTF8(label, "?"))
				writeOutcomes(&b, func(i int) string { return coerced(t, readers[i], value, mode == "text") })
			}
			golden.File(t, "testdata/coerce/"+string(mode)+".txt", []byte(b.String()))
		})
	}
}

// writeOutcomes groups the types that have the same outcome.
func writeOutcomes(b *strings.Builder, outcome func(i int) string) {
	var order []string
	of := map[string][]string{}
	for i, name := range jsonTypes {
		got := outcome(i)
		if of[got] == nil {
			order = append(order, got)
		}
		of[got] = append(of[got], name)
	}
	for _, got := range order {
		names := strings.Join(of[got], ", ")
		if len(of[got]) == len(jsonTypes) {
			names = "every type"
		}
		fmt.Fprintf(b, "    %s  <- %s\n", got, names)
	}
}

func coercer(t *testing.T, typeName string, mode contract.Coerce) *enforce.Enforcer {
	t.Helper()
	typ, err := types.Parse(typeName)
	if err != nil {
		t.Fatal(err)
	}
	if mode == "text" {
		mode = contract.CoerceNone
	}
	return enforcer(t, enforce.Spec{Contract: &contract.Contract{OnViolation: contract.Quarantine, UnknownColumns: contract.UnknownDrop, Coerce: mode,
		Columns: []contract.Column{{Name: "v", Type: typ}}}})
}

// coerced returns what becomes of a value, short.
func coerced(t *testing.T, e *enforce.Enforcer, value string, untyped bool) string {
	t.Helper()
	recs := &connector.Records{Origin: "x", Untyped: untyped}
	if value == "absent" {
		add(recs, "{}")
	} else {
		add(recs, `{"v":`+value+`}`)
	}
	b, err := e.Enforce(recs)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Release()
	if len(b.Rejects) == 0 {
		out := string(b.AppendValue(nil, 0, 0))
		if len(out) > 100 {
			out = fmt.Sprintf("%s… (%d bytes)", out[:12], len(out))
		}
		return out
	}
	reason := b.Rejects[0].Reasons[0]
	if reason.Rule == contract.RecordJSON {
		return "!! " + reason.Message
	}
	return "! " + strings.ReplaceAll(reason.Message, e.Columns()[0].Type.String(), "it")
}

// oddRecords are records whose oddity is outside of the column id, or all around
// it; shown as in jsonKinds.
var oddRecords = `{"id":1}
{"id":1,"id":2}
{"id":1,"x":1,"x":2}
{"id":1,"\u0069d":2}
{"id":1,"x":{"a":1,"a":2}}
{"id":1,"x":"\u0000"}
{"id":1,"\u0000":1}
{"id":1,"":1}
{"id":1,"x":"\ud800"}
{"id":1,"x":"\ud83d\ude00"}
{"id":1,"x":1e400}
{"id":1,"x":-0}
{"id":1,"x":0.1}
{"id":1,"x":12345678901234567890.123456789012345678901234567890}
{"id":1,"x":01}
{"id":1,"x":nan}
{"id":1,"x":[1,]}
{"id":1,}
{"id":1 "x":2}
{'id':1}
{"id":1} {"id":2}
{"id":1}]
{ "id" : 1 , "x" : [ 1 , { "b" : null } ] }
[{"id":1}]
"id"
null
{
an x of ten thousand nines|{"id":1,"x":` + strings.Repeat("9", 10_000) + `}
an x of 127 arrays|{"id":1,"x":` + strings.Repeat("[", 127) + strings.Repeat("]", 127) + `}
an x of 128 arrays|{"id":1,"x":` + strings.Repeat("[", 128) + strings.Repeat("]", 128) + `}
an x of a million objects|{"id":1,"x":` + strings.Repeat(`{"a":`, 1_000_000) + `
an x of a million numbers|{"id":1,"x":[0` + strings.Repeat(",0", 999_999) + `]}
a name of a million letters|{"id":1,"` + strings.Repeat("n", 1_000_000) + `":1}
a byte order mark before it|` + "\ufeff" + `{"id":1}
an x that is not UTF-8|{"id":1,"x":"` + "\xff" + `"}
a name that is not UTF-8|{"id":1,"` + "\xff" + `":1}
a tab inside of a text|{"id":1,"x":"` + "\t" + `"}
nothing|`

// TestOddRecords says what becomes of records that are odd where no column looks.
func TestOddRecords(t *testing.T) {
	var b strings.Builder
	for _, line := range strings.Split(oddRecords, "\n") {
		label, record, long := strings.Cut(line, "|")
		if !long {
			record = label
		}
		fmt.Fprintf(&b, "%s\n", label)
		last := ""
		for _, mode := range []contract.UnknownColumns{contract.UnknownDrop, contract.UnknownKeepJSON, contract.UnknownEvolve, contract.UnknownQuarantine} {
			got := odd(t, mode, record)
			if got != last {
				fmt.Fprintf(&b, "    %-10s %s\n", mode, got)
			}
			last = got
		}
	}
	golden.File(t, "testdata/coerce/members.txt", []byte(b.String()))
}

// odd returns the row that a record becomes, or why it is refused.
func odd(t *testing.T, mode contract.UnknownColumns, record string) string {
	t.Helper()
	e := enforcer(t, enforce.Spec{Contract: &contract.Contract{OnViolation: contract.Quarantine, UnknownColumns: mode, Coerce: contract.CoerceLossless,
		Columns: []contract.Column{{Name: "id", Type: types.Of(types.Int64)}}}})
	recs := &connector.Records{Origin: "x"}
	add(recs, record)
	b, err := e.Enforce(recs)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Release()
	if len(b.Rejects) > 0 {
		return "! " + b.Rejects[0].Reasons[0].Rule + ": " + b.Rejects[0].Reasons[0].Message
	}
	var out []string
	for i, col := range e.Columns() {
		value := string(b.AppendValue(nil, i, 0))
		if len(value) > 100 {
			value = fmt.Sprintf("%s… (%d bytes)", value[:12], len(value))
		}
		out = append(out, fmt.Sprintf("%s %s = %s", col.Name, col.Type, value))
	}
	return strings.Join(out, ", ")
}

// TestLongText takes a text of 64 MiB, and a member nobody names of the same size,
// without keeping copies of it.
func TestLongText(t *testing.T) {
	long := strings.Repeat("x", 64<<20)
	e := enforcer(t, enforce.Spec{Contract: &contract.Contract{OnViolation: contract.Quarantine, UnknownColumns: contract.UnknownDrop, Coerce: contract.CoerceLossless,
		Columns: []contract.Column{{Name: "v", Type: types.Of(types.String)}}}})
	recs := &connector.Records{Origin: "x"}
	add(recs, `{"v":"`+long+`"}`)
	add(recs, `{"w":"`+long+`"}`)
	b, err := e.Enforce(recs)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Release()
	if got := len(b.AppendValue(nil, 0, 0)); b.Counts.Accepted != 2 || got != len(long)+2 {
		t.Errorf("%d accepted, the text is of %d bytes", b.Counts.Accepted, got)
	}
}
