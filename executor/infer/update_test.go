package infer_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/contracttext"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/enforce"
	"github.com/headgate-data/headgate/executor/infer"
)

// TestWidens infers a contract from some random records and widens it for others:
// it must take both, and where nothing is noted all of both.
func TestWidens(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 4))
	for range 2000 {
		var parts [2][]string
		for i := range parts {
			var gens []func() string
			for range 1 + r.IntN(4) {
				gens = append(gens, generator(r, false, 0))
			}
			for range 1 + r.IntN(60) {
				var members []string
				for j, g := range gens {
					if r.IntN(20) > 0 || j == 0 {
						members = append(members, fmt.Sprintf(`"c%d":%s`, j, g()))
					}
				}
				parts[i] = append(parts[i], "{"+strings.Join(members, ",")+"}")
			}
		}
		first, second := batch(false, parts[0]...), batch(false, parts[1]...)
		_, p, _ := propose(first)
		u, ds := infer.NewUpdate(p.Contract)
		if ds.HasErrors() {
			t.Fatal(ds.Err())
		}
		if err := u.Take(second, int64(second.Len())); err != nil {
			t.Fatal(err)
		}
		next, notes := u.Result(false)
		before, _ := enforced(t, p.Contract, first)
		if after, why := enforced(t, next, first); after < before {
			t.Fatalf("the widened contract takes %d of the first records, and the one before took %d: %s\n%s\n%s\n%s", after, before, why,
				strings.Join(parts[0], "\n"), contracttext.Write(p.Contract, contracttext.Options{}), contracttext.Write(next, contracttext.Options{}))
		}
		if n, why := enforced(t, next, second); len(notes) == 0 && n != u.Sample.Records {
			t.Fatalf("the widened contract takes %d of %d: %s\n%s\n%s\n%s", n, u.Sample.Records, why,
				strings.Join(parts[1], "\n"), contracttext.Write(p.Contract, contracttext.Options{}), contracttext.Write(next, contracttext.Options{}))
		}
	}
}

// enforced returns how many records a contract accepts, and which rules the others
// break.
func enforced(t *testing.T, c *contract.Contract, r *connector.Records) (int64, string) {
	t.Helper()
	e, ds := enforce.New(enforce.Spec{Address: "pipeline.p.stream.s", Contract: c})
	if ds.HasErrors() {
		t.Fatalf("%v\n%s", ds.Err(), contracttext.Write(c, contracttext.Options{}))
	}
	b, err := e.Enforce(r)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Release()
	return b.Counts.Accepted, fmt.Sprint(e.Summary().Rules)
}

// TestTighten promises what the records show, and removes what none of them has.
func TestTighten(t *testing.T) {
	column := func(name string, k types.Kind) contract.Column { return contract.Column{Name: name, Type: types.Of(k)} }
	old := &contract.Contract{Name: "orders", Version: 1, Coerce: contract.CoerceLossless, OnViolation: contract.Fail, UnknownColumns: contract.UnknownFail,
		Columns: []contract.Column{column("id", types.Int64), column("qty", types.Int32), column("state", types.String), column("gone", types.Date)}}
	var lines []string
	for i := range 60 {
		lines = append(lines, fmt.Sprintf(`{"id":%d,"qty":%d,"state":"%s","mail":"a%d@b.de"}`, i, i%5, []string{"new", "paid"}[i%2], i))
	}
	for _, tighten := range []bool{false, true} {
		u, ds := infer.NewUpdate(old)
		if ds.HasErrors() {
			t.Fatal(ds.Err())
		}
		r := batch(false, lines...)
		if err := u.Take(r, int64(r.Len())); err != nil {
			t.Fatal(err)
		}
		next, notes := u.Result(tighten)
		var got []string
		for i := range next.Columns {
			line := next.Columns[i].Name
			for _, a := range contracttext.ColumnAttrs(&next.Columns[i]) {
				line += " " + a.Name + "=" + a.Text
			}
			got = append(got, line)
		}
		want := "id type=int64; qty type=int32; state type=string; gone type=date; mail type=string tags=[\"pii\"]"
		if tighten {
			want = "id type=int64 required=true; qty type=int32 required=true min=0; state type=string required=true enum=[\"new\", \"paid\"]; mail type=string required=true format=\"email\" tags=[\"pii\"]"
		}
		if g := strings.Join(got, "; "); g != want || len(notes) > 0 {
			t.Errorf("tighten %v gives\n%s, want\n%s (%v)", tighten, g, want, notes)
		}
	}
}
