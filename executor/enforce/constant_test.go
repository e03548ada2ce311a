package enforce_test

import (
	"testing"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/enforce"
)

// TestConstantsAgree wants the enforcer to take every constant that compiles, of
// every type: what it does not take would fail a load instead of the compilation.
func TestConstantsAgree(t *testing.T) {
	scalars := []string{"bool", "int32", "int64", "float64", "decimal(5, 2)", "string", "bytes", "date", "time", "timestamp", "timestamptz", "uuid", "json"}
	values := []string{`true`, `"true"`, `1`, `-0`, `1.5`, `1e2`, `"1"`, `"x"`, `""`, `"a\u0000b"`, `null`, `3000000000`, `9007199254740993`, `1e30`, `1e-7`, `1e400`, `1234.5`, `"1.50"`,
		`"2024-01-02"`, `"2024-02-30"`, `"2024-01-02T03:04:05Z"`, `"2024-01-02T03:04:05+02:00"`, `"2024-01-02T03:04:05"`, `"2024-01-02 03:04:05.25"`, `"03:04:05"`, `"AAAA"`, `"AAA"`,
		`"deadbeef-0000-0000-0000-000000000001"`, `[]`, `{}`, `[1]`, `{"a": 1}`, `{"a": "x"}`, `{"a": [null, "1"]}`}
	taken, refused := 0, 0
	try := func(typ, text string) {
		parsed, err := types.Parse(typ)
		if err != nil {
			t.Fatal(err)
		}
		text, err = rowexpr.Canonical(parsed, text)
		if err != nil {
			refused++
			return
		}
		taken++
		c := &contract.Contract{Name: "c", Version: 1, OnViolation: contract.Quarantine, UnknownColumns: contract.UnknownDrop, Coerce: contract.CoerceLossless,
			Columns: []contract.Column{{Name: "a", Type: parsed, Default: &text}}}
		if _, ds := enforce.New(enforce.Spec{Address: "c", Contract: c}); ds.HasErrors() {
			t.Errorf("%s as %s compiles, and is not taken: %v", text, typ, ds.Err())
		}
	}
	for _, s := range scalars {
		for _, v := range values {
			try("list("+s+")", v)
			try("list("+s+")", "["+v+"]")
			try("map("+s+")", `{"a": `+v+`}`)
			try("struct({a = "+s+"})", `{"a": `+v+`, "b": `+v+`}`)
			try("list(list("+s+"))", "[["+v+"], null]")
			try("map(struct({a = "+s+"}))", `{"x": {"a": `+v+`}}`)
			if v[0] != '"' {
				try(s, v)
			} else {
				try(s, v[1:len(v)-1])
			}
		}
	}
	if taken < 500 || refused < 500 {
		t.Errorf("%d constants taken, %d refused: the test looks at too little", taken, refused)
	}
}
