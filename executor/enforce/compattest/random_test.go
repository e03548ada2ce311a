package compattest

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/contract/compat"
)

// draft is a contract in the making: each column's attributes by name.
type draft struct {
	attrs   map[string]string
	columns []*draftColumn
	checks  map[string]string
}

type draftColumn struct {
	name, typ string
	attrs     map[string]string
	checks    map[string]string
}

func (d *draft) clone() *draft {
	out := &draft{attrs: copied(d.attrs), checks: copied(d.checks)}
	for _, c := range d.columns {
		out.columns = append(out.columns, &draftColumn{c.name, c.typ, copied(c.attrs), copied(c.checks)})
	}
	return out
}

func copied(m map[string]string) map[string]string {
	out := map[string]string{}
	for k, v := range m {
		out[k] = v
	}
	return out
}

func (d *draft) String() string {
	var b strings.Builder
	for _, k := range sortedKeys(d.attrs) {
		fmt.Fprintf(&b, "%s = %s\n", k, d.attrs[k])
	}
	for _, c := range d.columns {
		fmt.Fprintf(&b, "column %q {\n  type = %s\n", c.name, c.typ)
		for _, k := range sortedKeys(c.attrs) {
			fmt.Fprintf(&b, "  %s = %s\n", k, c.attrs[k])
		}
		for _, k := range sortedKeys(c.checks) {
			fmt.Fprintf(&b, "  check %q {\n    condition = %s\n  }\n", k, c.checks[k])
		}
		b.WriteString("}\n")
	}
	for _, k := range sortedKeys(d.checks) {
		fmt.Fprintf(&b, "check %q {\n  condition = %s\n}\n", k, d.checks[k])
	}
	return b.String()
}

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

// typeNames are the types that columns draw from; neighbours in width stand close.
var typeNames = []string{"int32", "int64", "decimal(10, 0)", "decimal(10, 2)", "decimal(12, 2)", "decimal(12, 4)", "decimal(38, 2)", "float64", "string", "string", "string",
	"bool", "date", "timestamp", "timestamptz", "time", "uuid", "bytes", "json", "list(int32)", "list(int64)", "list(string)", "map(int64)", "map(string)",
	"struct({ a = int64 })", "struct({ a = int32, b = string })", "struct({ b = string, a = int64 })", "struct({ a = list(int64) })", "struct({ a = list(int32), c = json })"}

func number(typ string) bool {
	return strings.HasPrefix(typ, "int") || strings.HasPrefix(typ, "decimal") || typ == "float64"
}

// limit gives a column a limit that its type can have.
func (c *draftColumn) limit(r *rand.Rand) {
	switch {
	case number(c.typ):
		n := strconv.Itoa(r.IntN(12) - 3)
		if !strings.HasPrefix(c.typ, "int") && c.typ != "decimal(10, 0)" && r.IntN(2) == 0 {
			n += pick(r, ".5", ".25", ".01")
		}
		switch r.IntN(7) {
		case 0, 1:
			c.attrs["min"] = n
		case 2, 3:
			c.attrs["max"] = n
		case 4:
			c.attrs["enum"] = pick(r, "[1, 2, 3]", "[1, 2]", "[2, 3, 4]", "[5]", "[0, 7]")
		case 5:
			c.attrs["default"] = n
		default:
			c.checks[pick(r, "c1", "c2")] = pick(r, "value > ", "value >= ", "value < ", "value != ", "value > 0 && value < ", "value % 2 == 0 || value < ", "value * 2 < ", "-value < ") + n
		}
	case c.typ == "string":
		switch r.IntN(7) {
		case 0:
			c.attrs["min_length"] = strconv.Itoa(r.IntN(4))
		case 1:
			c.attrs["max_length"] = strconv.Itoa(r.IntN(8))
		case 2:
			c.attrs["pattern"] = pick(r, `"^[a-z]+$"`, `"^[a-z0-9]+$"`, `"[a-z]"`, `".*"`, `"^a"`, `"^(ab|cd)*$"`, `"^.{2,4}$"`, `"b$"`, `"(?i)^ab"`, `"\\bx"`, `"^\\d{2}$"`, `"^[0-9][0-9]$"`)
		case 3:
			c.attrs["enum"] = pick(r, `["a", "b"]`, `["a"]`, `["ab", "cd", ""]`, `["12", "a"]`)
		case 4:
			c.attrs["format"] = pick(r, `"email"`, `"uri"`, `"uuid"`, `"ipv4"`, `"ipv6"`, `"date"`, `"date-time"`, `"hostname"`)
		case 5:
			c.attrs["default"] = pick(r, `"a"`, `"ab"`, `""`, `"12"`)
		default:
			c.checks[pick(r, "c1", "c2")] = pick(r, `value == "a"`, `value != "ab"`, `length(value) < 3`, `lower(value) == value`, `regex_match(value, "^a")`, `contains(["a", "b"], value)`, `trim(value) == value && value != null`, `value < "b"`)
		}
	case c.typ == "date":
		day := fmt.Sprintf("%q", fmt.Sprintf("2024-01-%02d", 10+r.IntN(10)))
		c.attrs[pick(r, "min", "max", "default")] = day
	case c.typ == "timestamp":
		c.attrs[pick(r, "min", "max")] = fmt.Sprintf("%q", fmt.Sprintf("2024-01-%02dT%s", 10+r.IntN(10), pick(r, "00:00:00", "12:00:00.000001")))
	case c.typ == "timestamptz":
		c.attrs[pick(r, "min", "max")] = fmt.Sprintf("%q", fmt.Sprintf("2024-01-%02dT12:00:00Z", 10+r.IntN(10)))
	case c.typ == "time":
		c.attrs[pick(r, "min", "max")] = pick(r, `"08:00:00"`, `"12:00:00"`, `"18:30:00"`)
	case c.typ == "bool":
		c.attrs[pick(r, "enum", "default")] = pick(r, "[true]", "true")
		if strings.HasPrefix(c.attrs["default"], "[") {
			c.attrs["default"] = "false"
		}
		if c.attrs["enum"] == "true" {
			c.attrs["enum"] = "[true]"
		}
	case c.typ == "bytes" || strings.HasPrefix(c.typ, "list"):
		c.attrs[pick(r, "min_length", "max_length")] = strconv.Itoa(r.IntN(4))
	case strings.HasPrefix(c.typ, "struct({ a = int"):
		c.checks["c1"] = "value.a < " + strconv.Itoa(r.IntN(9))
	}
}

func (c *draftColumn) mutate(r *rand.Rand) {
	switch r.IntN(8) {
	case 0:
		if c.attrs["required"] != "" {
			delete(c.attrs, "required")
		} else {
			c.attrs["required"] = "true"
		}
	case 1:
		c.typ, c.attrs, c.checks = pick(r, typeNames...), map[string]string{}, map[string]string{}
	case 2: // the type alone
		c.typ = pick(r, typeNames...)
	case 3, 4:
		for _, m := range []map[string]string{c.attrs, c.checks} {
			for _, k := range sortedKeys(m) {
				if r.IntN(2) == 0 {
					delete(m, k)
				}
			}
		}
	default:
		c.limit(r)
	}
}

func newDraft(r *rand.Rand) *draft {
	d := &draft{attrs: map[string]string{}, checks: map[string]string{}}
	for _, name := range []string{"a", "b", "cc", "Dd"}[:1+r.IntN(4)] {
		c := &draftColumn{name: name, typ: pick(r, typeNames...), attrs: map[string]string{}, checks: map[string]string{}}
		for range r.IntN(3) {
			c.limit(r)
		}
		if r.IntN(3) == 0 {
			c.attrs["required"] = "true"
		}
		d.columns = append(d.columns, c)
	}
	for range r.IntN(3) {
		d.mutateTable(r)
	}
	return d
}

func (d *draft) mutateTable(r *rand.Rand) {
	switch r.IntN(5) {
	case 0:
		d.attrs["unknown_columns"] = pick(r, `"fail"`, `"quarantine"`, `"drop"`, `"evolve"`, `"keep_json"`)
	case 1:
		d.attrs["coerce"] = pick(r, `"none"`, `"lossless"`, `"lenient"`)
	case 2:
		d.attrs["key"] = pick(r, `["a"]`, `["a", "b"]`, `["b"]`)
	default:
		d.checks[pick(r, "r1", "r2")] = pick(r, "row.a < row.b", "row.a <= row.b", "row.a == row.b", "row.a != row.b", "row.a > 3", "row.a + row.b < 10", "row.a != null || row.b != null", "row.a < 5 && row.b > 2", "row.a * row.b >= 0", "coalesce(row.a, row.b) != null")
	}
}

func (d *draft) mutate(r *rand.Rand) {
	switch r.IntN(9) {
	case 0:
		d.mutateTable(r)
	case 1:
		if len(d.checks) > 0 && r.IntN(2) == 0 {
			delete(d.checks, sortedKeys(d.checks)[0])
			return
		}
		if len(d.columns) > 1 {
			i := r.IntN(len(d.columns))
			d.columns = append(d.columns[:i], d.columns[i+1:]...)
		}
	case 2:
		c := &draftColumn{name: pick(r, "a", "b", "cc", "CC", "dd", "new"), typ: pick(r, typeNames...), attrs: map[string]string{}, checks: map[string]string{}}
		if r.IntN(2) == 0 {
			c.limit(r)
		}
		for _, o := range d.columns {
			if strings.EqualFold(o.name, c.name) {
				return
			}
		}
		d.columns = append(d.columns, c)
	case 3:
		delete(d.attrs, pick(r, "key", "coerce", "unknown_columns"))
	default:
		pick(r, d.columns...).mutate(r)
	}
}

// values are JSON values that records draw from, whatever the column.
var values = []string{"null", "true", "false", "0", "1", "2", "3", "5", "7", "-1", "-3", "1.0", "2.50", "0.01", "1.005", "4.4", "4.6", "-0.4", "11", "2147483647", "2147483648", "9223372036854775807",
	"9223372036854775808", "9007199254740993", "99999999.99", "1e2", "1e400", "1e-400", `"1"`, `"12"`, `" 5"`, `"2.5"`, `"true"`, `"yes"`, `""`, `"a"`, `"b"`, `"ab"`, `"cd"`, `"abcd"`, `"A"`, `"AB"`, `"aé"`, `"a1"`, `"0a"`, `"x y"`, `"\u0000"`,
	`"abcdefghijk"`, `"ann@example.com"`, `"https://a.b/c"`, `"00112233-4455-6677-8899-AABBCCDDEEFF"`, `"00112233445566778899aabbccddeeff"`, `"1.2.3.4"`, `"::1"`, `"example.com"`,
	`"2024-01-15"`, `"2024-01-15T00:00:00Z"`, `"2024-01-15T12:00:00"`, `"2024-01-15T12:00:00.000001Z"`, `"2024-01-15T00:00"`, `"2024-01-15T00:00:00+02:00"`, `"2024-01-15T12:00:00.1234567Z"`, `"2024-01-10"`, `"2024-01-19"`, `"12:00:00"`, `"08:00"`, `"18:30:00.5"`,
	`"aGk="`, `"aGk"`, `"YWFhYQ=="`, "[]", "[1]", "[1, 2, 3]", "[2147483648]", `["a"]`, "[null]", "[1.5]", `"[1]"`, "{}", `{"a": 1}`, `{"a": 7, "b": "x"}`, `{"a": "1"}`, `{"a": 2147483648}`, `{"z": 1}`, `{"a": [1]}`, `{"a": [2147483648]}`, `"{}"`, `{"a": null, "c": {}}`, `{"b": 5}`}

func record(r *rand.Rand, old, now *draft) string {
	var parts []string
	seen := map[string]bool{}
	add := func(name string) {
		if seen[name] || r.IntN(8) == 0 {
			return
		}
		seen[name] = true
		name, _ = quoted(name)
		v := pick(r, values...)
		if r.IntN(4) == 0 {
			v = strconv.Itoa(r.IntN(14) - 3)
		}
		parts = append(parts, name+": "+v)
	}
	for _, c := range now.columns {
		add(c.name)
	}
	for _, c := range old.columns {
		add(c.name)
	}
	if r.IntN(6) == 0 {
		add(pick(r, "extra", "A", "cC", "dD", "NEW"))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

func quoted(s string) (string, error) {
	b, err := json.Marshal(s)
	return string(b), err
}

// enforceable compiles a draft. A default of a nested type is first looked at by
// the enforcer.
func enforceable(d *draft) (*contract.Contract, error) {
	c, err := compile(d.String())
	if err == nil {
		_, err = newJudge(c)
	}
	return c, err
}

// pairOf draws two contracts that compile, one a few changes away from the other.
func pairOf(r *rand.Rand) (a, b *draft, old, now *contract.Contract) {
	for {
		a = newDraft(r)
		var err error
		if old, err = enforceable(a); err != nil {
			continue
		}
		for range 40 {
			b = a.clone()
			for range 1 + r.IntN(2) {
				b.mutate(r)
			}
			if now, err = enforceable(b); err == nil {
				return a, b, old, now
			}
		}
	}
}

// TestRandomPairs holds random contracts, random changes of them and random
// records to the real enforcer: nothing that is called harmless breaks, and each
// proof proves. HEADGATE_COMPAT_SECONDS makes it longer, HEADGATE_COMPAT_SEED
// repeats one pair.
func TestRandomPairs(t *testing.T) {
	seconds, _ := strconv.Atoi(os.Getenv("HEADGATE_COMPAT_SECONDS"))
	first := uint64(time.Now().UnixNano())
	if s, err := strconv.ParseUint(os.Getenv("HEADGATE_COMPAT_SEED"), 10, 64); err == nil {
		onePair(t, s)
		return
	}
	end := time.Now().Add(max(time.Duration(seconds)*time.Second, 3*time.Second))
	var total counts
	pairs := 0
	for seed := first; time.Now().Before(end); seed++ {
		total.add(onePair(t, seed))
		pairs++
		if t.Failed() {
			break
		}
	}
	t.Logf("from seed %d: %d pairs; backward ok in %d, %d records accepted by the old version; forward ok in %d, %d rows; %d proofs held, %d breaks without one",
		first, pairs, total.back, total.records, total.forth, total.rows, total.proofs, total.bare)
}

type counts struct{ back, forth, records, rows, proofs, bare int }

func (c *counts) add(o counts) {
	c.back, c.forth, c.records, c.rows, c.proofs, c.bare = c.back+o.back, c.forth+o.forth, c.records+o.records, c.rows+o.rows, c.proofs+o.proofs, c.bare+o.bare
}

func onePair(t *testing.T, seed uint64) (n counts) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 1))
	a, b, old, now := pairOf(r)
	defer func() {
		if t.Failed() {
			t.Logf("seed %d\n--- old\n%s--- new\n%s", seed, a, b)
		}
	}()
	changes := compat.Compare(old, now, compat.Full)
	back, forth := true, true
	for _, ch := range changes {
		back = back && ch.Backward.Verdict == compat.OK
		forth = forth && ch.Forward.Verdict == compat.OK
		for _, e := range []compat.Effect{ch.Backward, ch.Forward} {
			switch {
			case e.Proof.Found():
				n.proofs++
			case e.Verdict != compat.OK:
				n.bare++
			}
		}
		prove(t, old, now, ch)
	}
	fail := func(format string, args ...any) {
		t.Errorf("seed %d: %s\n--- old\n%s--- new\n%s--- changes\n%s", seed, fmt.Sprintf(format, args...), a, b, written(changes))
	}
	if t.Failed() {
		fail("a proof does not prove")
		return n
	}
	if forth {
		n.forth++
		for i := range old.Columns {
			if _, ok := now.Column(old.Columns[i].Name); !ok {
				fail("the column %s is gone", old.Columns[i].Name)
			}
		}
	}
	if back {
		n.back++
	}
	for range 40 {
		text := record(r, a, b)
		if back && tryRecord(t, old, text) {
			n.records++
			if rules := refusedBy(t, now, text); len(rules) > 0 {
				fail("backward is ok, and %s is refused by %v", text, rules)
				return n
			}
		}
		if !forth {
			continue
		}
		j, err := newJudge(now)
		check(t, err)
		_, row, err := j.hold(text)
		check(t, err)
		if row == nil {
			continue
		}
		n.rows++
		reader, err := readers(old)
		check(t, err)
		if rules, _, err := reader.hold(asRecord(row)); err != nil || len(rules) > 0 {
			fail("forward is ok, and the row %s of %s is refused by %v (%v)", asRecord(row), text, rules, err)
			return n
		}
	}
	return n
}

func tryRecord(t *testing.T, c *contract.Contract, text string) bool {
	return len(refusedBy(t, c, text)) == 0
}

func refusedBy(t *testing.T, c *contract.Contract, text string) []string {
	t.Helper()
	j, err := newJudge(c)
	check(t, err)
	rules, _, err := j.hold(text)
	check(t, err)
	return rules
}
