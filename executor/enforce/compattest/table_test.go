package compattest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/contract/compat"
	"github.com/headgate-data/headgate/internal/golden"
)

// TestTable compares two versions of a contract and holds every record that the
// verdicts are proved by to the real enforcers of both.
func TestTable(t *testing.T) {
	count := 0
	golden.Dir(t, "testdata/*.txtar", func(t *testing.T, a *golden.Archive) {
		for _, name := range names(a) {
			count++
			t.Run(name, func(t *testing.T) {
				old, now := mustCompile(t, string(a.Bytes(t, name+"/old"))), mustCompile(t, string(a.Bytes(t, name+"/new")))
				changes := compat.Compare(old, now, compat.Full)
				a.Compare(t, "want/"+name, []byte(written(changes)))
				for _, ch := range changes {
					prove(t, old, now, ch)
				}
			})
		}
	})
	if count < 150 {
		t.Errorf("there are %d cases", count)
	}
}

// names are the cases of an archive, sorted.
func names(a *golden.Archive) []string {
	var out []string
	for _, s := range slices.Sorted(maps.Keys(a.Inputs())) {
		if name, ok := strings.CutSuffix(s, "/old"); ok {
			out = append(out, name)
		}
	}
	return out
}

func written(changes []compat.Change) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", compat.WordOf(changes, compat.Full))
	for _, ch := range changes {
		fmt.Fprintf(&b, "%s %s: %s", ch.Rule, ch.Path, ch.Text)
		if ch.Old != "" || ch.New != "" {
			fmt.Fprintf(&b, " (%s -> %s)", ch.Old, ch.New)
		}
		b.WriteByte('\n')
		effect(&b, "backward", ch.Backward)
		effect(&b, "forward", ch.Forward)
	}
	return b.String()
}

func effect(b *strings.Builder, direction string, e compat.Effect) {
	fmt.Fprintf(b, "    %s %s", direction, e.Verdict)
	if e.Proof != nil {
		fmt.Fprintf(b, " the %s", e.Who)
		for _, r := range e.Proof.Records {
			fmt.Fprintf(b, " %s", r)
		}
		if e.Proof.Rule != "" {
			fmt.Fprintf(b, " by %s", e.Proof.Rule)
		}
		if e.Proof.Query != "" {
			fmt.Fprintf(b, " %s", e.Proof.Query)
		}
		if len(e.Proof.Records) == 0 {
			fmt.Fprintf(b, ": %s", e.Proof.Text)
		}
	}
	b.WriteByte('\n')
}

// prove holds the records of a change's proofs to the enforcers.
func prove(t testing.TB, old, now *contract.Contract, ch compat.Change) {
	t.Helper()
	if p := ch.Backward.Proof; p != nil && len(p.Records) == 1 {
		writer, err := newJudge(old)
		check(t, err)
		other, err := newJudge(now)
		check(t, err)
		rules, _, err := writer.hold(p.Records[0])
		check(t, err)
		if len(rules) > 0 {
			t.Errorf("%s %s: the old version refuses %s by %v", ch.Rule, ch.Path, p.Records[0], rules)
		}
		rules, _, err = other.hold(p.Records[0])
		check(t, err)
		if !contains(rules, p.Rule) {
			t.Errorf("%s %s: the new version does not refuse %s by %s, but by %v", ch.Rule, ch.Path, p.Records[0], p.Rule, rules)
		}
	}
	if p := ch.Forward.Proof; p != nil && len(p.Records) == 1 {
		writer, err := newJudge(now)
		check(t, err)
		reader, err := readers(old)
		check(t, err)
		rules, row, err := writer.hold(p.Records[0])
		check(t, err)
		if row == nil {
			t.Errorf("%s %s: the new version refuses %s by %v", ch.Rule, ch.Path, p.Records[0], rules)
			return
		}
		rules, _, err = reader.hold(asRecord(row))
		check(t, err)
		if !contains(rules, p.Rule) {
			t.Errorf("%s %s: the row %s of %s is not refused by %s, but by %v", ch.Rule, ch.Path, asRecord(row), p.Records[0], p.Rule, rules)
		}
	}
	pairs(t, old, now, ch)
}

// pairs holds the records of promises over the table to the enforcer: each by
// itself is accepted, and they are alike where the promise says so.
func pairs(t testing.TB, old, now *contract.Contract, ch compat.Change) {
	t.Helper()
	for backward, e := range map[bool]compat.Effect{true: ch.Backward, false: ch.Forward} {
		if e.Proof == nil || len(e.Proof.Records) != 2 {
			continue
		}
		src, dst := old, now
		if !backward {
			src, dst = now, old
		}
		j, err := newJudge(src)
		check(t, err)
		var keys [2][2][]string
		for i, r := range e.Proof.Records {
			rules, row, err := j.hold(r)
			check(t, err)
			if row == nil {
				t.Errorf("%s: %s is refused by %v", ch.Rule, r, rules)
			}
			for k, c := range []*contract.Contract{src, dst} {
				names := c.Key
				if ch.Rule != compat.KeyChanged {
					names = []string{ch.Path}
				}
				for _, name := range names {
					keys[k][i] = append(keys[k][i], string(row[name]))
				}
			}
		}
		one := func(k int) bool { return len(keys[k][0]) > 0 && slices.Equal(keys[k][0], keys[k][1]) }
		if ch.Rule == compat.KeyChanged && one(0) == one(1) || ch.Rule != compat.KeyChanged && !one(1) {
			t.Errorf("%s: %v tell nothing apart: %v", ch.Rule, e.Proof.Records, keys)
		}
	}
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
