package enforce_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/enforce"
)

// everyType has a column of each type, some with limits.
func everyType(t testing.TB) []contract.Column {
	t.Helper()
	var out []contract.Column
	for name, text := range map[string]string{
		"a": "bool", "b": "int32", "c": "int64", "d": "float64", "e": "decimal(38, 6)", "f": "string", "g": "bytes", "h": "date", "i": "time",
		"j": "timestamp", "k": "timestamptz", "l": "uuid", "m": "json", "n": "list(decimal(5, 1))", "o": "struct({x = int64, y = list(string)})", "p": "map(json)",
	} {
		typ, err := types.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, contract.Column{Name: name, Type: typ})
	}
	return out
}

// FuzzEnforce throws bytes at the enforcer, a record a line, under a contract
// that the first bytes pick. Whatever they are, it does not panic, the counts
// add up, and a second time gives the same.
func FuzzEnforce(f *testing.F) {
	for _, s := range []string{
		"\x00{\"a\":true,\"c\":1,\"e\":1.5,\"f\":\"x\\u00e9\",\"k\":\"2024-01-01T00:00:00Z\"}\n{}\n[]\nnull",
		"\x01{\"n\":[1,null,\"2\"],\"o\":{\"x\":1,\"y\":[\"a\"]},\"p\":{\"k\":{}}}\n{\"zz\":1}",
		"\x13{\"g\":\"AAH/\",\"h\":\"2024-02-30\",\"i\":\"10:00:00\",\"l\":\"00112233-4455-6677-8899-aabbccddeeff\"}",
		"\x2a{\"f\":12,\"f\":13}\n{\"q\":1}\n{\"q\":\"x\"}\n{\"Q\":null}", "\x37{\"b\":\"\\ud800\"}", "\xff{\"p\":{\"a\":1,\"a\":2}}\n \n{\"m\": 1e400 }",
	} {
		f.Add([]byte(s))
	}
	columns := everyType(f)
	f.Fuzz(func(t *testing.T, in []byte) {
		if len(in) == 0 {
			return
		}
		pick := func(n int) int { v := int(in[0]) % n; in[0] /= byte(n); return v }
		c := &contract.Contract{
			OnViolation:    []contract.OnViolation{contract.Quarantine, contract.NullValue, contract.Warn, contract.Drop}[pick(4)],
			UnknownColumns: []contract.UnknownColumns{contract.UnknownDrop, contract.UnknownEvolve, contract.UnknownKeepJSON, contract.UnknownQuarantine}[pick(4)],
			Coerce:         []contract.Coerce{contract.CoerceNone, contract.CoerceLossless, contract.CoerceLenient}[pick(3)],
			Columns:        columns,
		}
		untyped := pick(2) == 1
		first, again := run(t, c, untyped, in[1:]), run(t, c, untyped, in[1:])
		if first != again {
			t.Fatalf("%+v and then %+v", first, again)
		}
	})
}

type outcome struct {
	counts   enforce.Counts
	checksum connector.Checksum
}

func run(t *testing.T, c *contract.Contract, untyped bool, text []byte) outcome {
	e := enforcer(t, enforce.Spec{Contract: c, QuarantineRaw: enforce.RawMasked})
	var out outcome
	for range 2 {
		recs := &connector.Records{Origin: "fuzz", Untyped: untyped}
		for line := range strings.Lines(string(text)) {
			add(recs, line)
		}
		b, err := e.Enforce(recs)
		if err != nil {
			var stop *enforce.Stop
			if !errors.As(err, &stop) {
				t.Fatal(err)
			}
			continue
		}
		checkBatch(t, e, recs, b)
		out.counts.Add(b.Counts)
		out.checksum = b.Checksum
		b.Release()
	}
	return out
}

// FuzzUntyped throws texts at every type as a format without types hands them over.
func FuzzUntyped(f *testing.F) {
	for _, s := range []string{"", "1", "-1.50", "1e400", "true", "2024-01-01", "2024-01-01T00:00:00.123456789+02:00", "10:00", "[1,2]", `{"x": 1}`, "AAH/", "00112233-4455-6677-8899-aabbccddeeff", ".", "+", "1e", "-"} {
		f.Add(s)
	}
	columns := everyType(f)
	f.Fuzz(func(t *testing.T, s string) {
		quoted := `"` + strings.NewReplacer(`"`, `\"`, `\`, `\\`, "\n", `\n`).Replace(s) + `"`
		var record strings.Builder
		for i, c := range columns {
			record.WriteString(map[bool]string{true: "{", false: ","}[i == 0] + `"` + c.Name + `":` + quoted)
		}
		for _, mode := range []contract.Coerce{contract.CoerceLossless, contract.CoerceLenient} {
			c := &contract.Contract{OnViolation: contract.NullValue, UnknownColumns: contract.UnknownDrop, Coerce: mode, Columns: columns}
			run(t, c, true, []byte(record.String()+"}"))
		}
	})
}
