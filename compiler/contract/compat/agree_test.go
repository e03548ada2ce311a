package compat

import (
	"testing"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/enforce"
)

// TestReadingAgrees reads every sample of every type as every type, under each
// coercion mode, with this package's model and with the enforcer.
func TestReadingAgrees(t *testing.T) {
	var all []types.Type
	for _, text := range []string{"bool", "int32", "int64", "float64", "decimal(5, 2)", "decimal(38, 0)", "string", "bytes", "date", "time", "timestamp", "timestamptz", "uuid", "json",
		"list(int32)", "list(string)", "map(int64)", "struct({a = int32, b = list(date)})"} {
		typ, err := types.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, typ)
	}
	in := &samples{seen: map[string]bool{}}
	for _, typ := range all {
		in.add(plain(typ, 0)...)
		in.add(odd(typ)...)
	}
	in.add("null", "-0", "0.0", "1e2", "1e-2", "1.50", "12345678901234567890", "0.125", "1e400", "1e-400", "-1e400", "123.456", "1234.5", `"1e2"`, `"+5"`, `"007"`, `".5"`, `"5."`, `"0x10"`, `"1_000"`, `"NaN"`, `"TRUE"`, `"t"`, `"2"`,
		`"2023-02-29"`, `"2024-02-29"`, `"0000-01-01"`, `"9999-12-31"`, `"2024-01-15 10:00:00"`, `"2024-01-15t10:00:00z"`, `"2024-01-15T24:00:00Z"`, `"2024-01-15T10:00:60Z"`, `"2024-01-15T10:00:00,5Z"`, `"2024-01-15T10:00:00+0200"`,
		`"2024-01-15T10:00:00+02"`, `"2024-01-15T10:00:00+25:00"`, `"2024-01-15T00:00:00.0000001Z"`, `"24:00:00"`, `"23:59:59.9999999"`, `"1:00:00"`, `"{00112233-4455-6677-8899-aabbccddeeff}"`, `"urn:uuid:00112233-4455-6677-8899-aabbccddeeff"`,
		`"00112233-4455-6677-8899-AABBCCDDEEFF"`, `"aGk=\n"`, `"a"`, `"a\u0000b"`, `"\u0000"`, `[]`, `[1, "2"]`, `[[1]]`, `["2024-01-15"]`, `{"a": 1, "z": 2}`, `{"a": 1, "a": 2}`, `{"a": "1", "b": ["2024-01-15"]}`, `{"b": [null]}`, `"null"`, `" [] "`, `"[1"`)
	compared := 0
	for _, mode := range []contract.Coerce{contract.CoerceNone, contract.CoerceLossless, contract.CoerceLenient} {
		for _, unknown := range []contract.UnknownColumns{contract.UnknownDrop, contract.UnknownQuarantine} {
			for _, typ := range all {
				c := &contract.Contract{Name: "c", Coerce: mode, UnknownColumns: unknown, OnViolation: contract.Quarantine, Columns: []contract.Column{{Name: "a", Type: typ}}}
				s := newSide(c)
				e, ds := enforce.New(enforce.Spec{Address: "pipeline.p.stream.s", Contract: c})
				if ds.HasErrors() {
					t.Fatal(ds.Err())
				}
				for _, raw := range in.list {
					record := `{"a": ` + raw + `}`
					b, err := e.Enforce(&connector.Records{Stream: "s", Origin: "test", Data: []byte(record), Start: []int{0}, End: []int{len(record)}, Line: []int64{1}})
					if err != nil {
						t.Fatal(err)
					}
					want := triOf(len(b.Rejects) == 0)
					b.Release()
					if _, rule, got := s.take(&c.Columns[0], raw); got != want {
						t.Errorf("%s as %s under %s, %s: %v here (%s), %v by the enforcer", raw, typ, mode, unknown, got, rule, want)
					}
					compared++
				}
			}
		}
	}
	t.Logf("%d readings", compared)
}

// TestFormatsAgree holds texts to each format here and in the enforcer. Here the
// answer may be unsure.
func TestFormatsAgree(t *testing.T) {
	texts := []string{"", "a", "a b", "A-1", "-a", "a-", "a..b", "a.b.", ".a", "é", "1.2.3.4", "01.2.3.4", "1.2.3", "256.1.1.1", "::", "::1%eth0", "1::2::3", "2001:DB8::A",
		"a@b", "a@b.co", "a.b@c-d.e", ".a@b", "a.@b", "a..b@c", "a@", "@b", "a@@b", "a b@c", "a@b_c", "é@b.co", "o'neil@b.co", "a@-b", "a+b@c.de",
		"http://a", "https://a.b/c?d=e#f", "http://", "mailto:a@b.co", "a:b", ":a", "/a/b", "http://a b", "urn:x:y", "h ttp://a", "http://[::1]/", "1http://a", "http:///a",
		"2024-02-29", "2023-02-29", "2024-2-9", "2024-02-29T12:00:00Z", "2024-02-29T12:00:00", "2024-02-29T12:00Z", "2024-02-29T12:00:00.5+01:00", "2024-02-29 12:00:00Z", "2024-02-29t12:00:00z", "2024-02-29T24:00:00Z", "2024-02-29T12:00:00+0100",
		"00112233-4455-6677-8899-aabbccddeeff", "00112233-4455-6677-8899-AABBCCDDEEFF", "00112233445566778899aabbccddeeff", "{00112233-4455-6677-8899-aabbccddeeff}"}
	for _, format := range []string{"email", "uri", "uuid", "ipv4", "ipv6", "date", "date-time", "hostname"} {
		texts = append(texts, formatTexts(format)...)
	}
	sure := 0
	for _, format := range []string{"email", "uri", "uuid", "ipv4", "ipv6", "date", "date-time", "hostname"} {
		c := &contract.Contract{Name: "c", Coerce: contract.CoerceLossless, UnknownColumns: contract.UnknownDrop, OnViolation: contract.Quarantine,
			Columns: []contract.Column{{Name: "a", Type: types.Of(types.String), Format: format}}}
		e, ds := enforce.New(enforce.Spec{Address: "pipeline.p.stream.s", Contract: c})
		if ds.HasErrors() {
			t.Fatal(ds.Err())
		}
		for _, text := range texts {
			record := `{"a": ` + quote(text) + `}`
			b, err := e.Enforce(&connector.Records{Stream: "s", Origin: "test", Data: []byte(record), Start: []int{0}, End: []int{len(record)}, Line: []int64{1}})
			if err != nil {
				t.Fatal(err)
			}
			want := triOf(len(b.Rejects) == 0)
			b.Release()
			got := hasFormat(format, text)
			if got != unsure && got != want {
				t.Errorf("%q as %s: %v here, %v by the enforcer", text, format, got, want)
			}
			if got != unsure {
				sure++
			}
		}
		for _, text := range formatTexts(format) {
			if hasFormat(format, text) != yes {
				t.Errorf("%q is not surely of the format %s", text, format)
			}
		}
	}
	t.Logf("%d sure answers", sure)
}
