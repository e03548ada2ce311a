package enforce_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/connector/checksum"
	"github.com/headgate-data/headgate/executor/enforce"
)

// dirty spoils records of recs at random, so that every outcome occurs. Some
// thousand records in the middle stay as they are: chunks without a violation
// behind chunks with some.
func dirty(r *rand.Rand, recs *connector.Records) *connector.Records {
	out := &connector.Records{Stream: recs.Stream, Origin: recs.Origin}
	for i := range recs.Len() {
		line := string(recs.Data[recs.Start[i]:recs.End[i]])
		kind := r.IntN(12)
		if i > 1000 && i < 3200 {
			kind = 11
		}
		switch kind {
		case 0:
			line = line[:r.IntN(len(line))]
		case 1:
			line = strings.Replace(line, `"total":`, `"total":-`, 1)
		case 2:
			line = strings.Replace(line, `"status":"`, `"status":"x`, 1)
		case 3:
			line = strings.Replace(line, `"note":`, `"new_`+fmt.Sprint(r.IntN(3))+`":true,"note":`, 1)
		case 4:
			line = strings.Replace(line, `"paid":true`, `"paid":null`, 1)
		case 5:
			line = strings.Replace(line, `"ref":`, `"refs":`, 1)
		}
		add(out, line)
	}
	return out
}

// TestBatchesDoNotMatter shows that records have the same fate in one large
// batch, which is worked on in several chunks, and one by one.
func TestBatchesDoNotMatter(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	recs := dirty(rand.New(rand.NewPCG(seed, 1)), mixedRecords(3300))
	for _, mode := range []contract.OnViolation{contract.Quarantine, contract.NullValue, contract.Warn, contract.Drop} {
		for _, unknown := range []contract.UnknownColumns{contract.UnknownDrop, contract.UnknownKeepJSON, contract.UnknownQuarantine} {
			c := mixedContract()
			c.OnViolation, c.UnknownColumns = mode, unknown
			whole, parts := enforcer(t, enforce.Spec{Contract: c}), enforcer(t, enforce.Spec{Contract: c})
			b, err := whole.Enforce(recs)
			if err != nil {
				t.Fatal(err)
			}
			checkBatch(t, whole, recs, b)
			var counts enforce.Counts
			var sum connector.Checksum
			var rejects []connector.Reject
			for i := range recs.Len() {
				one := part(recs, i, i+1)
				p, err := parts.Enforce(one)
				if err != nil {
					t.Fatal(err)
				}
				counts.Add(p.Counts)
				checksum.Merge(&sum, p.Checksum)
				rejects = append(rejects, p.Rejects...)
				p.Release()
			}
			if counts != b.Counts || sum != b.Checksum {
				t.Errorf("%s, %s: one by one %+v %+v, together %+v %+v", mode, unknown, counts, sum, b.Counts, b.Checksum)
			}
			if text(t, rejects) != text(t, b.Rejects) || text(t, whole.Summary()) != text(t, parts.Summary()) {
				t.Errorf("%s, %s: rejects or summaries differ", mode, unknown)
			}
			b.Release()
		}
	}
}

func text(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestRowsStayUntilReleased holds a batch while others are made, and releases
// it from another goroutine.
func TestRowsStayUntilReleased(t *testing.T) {
	e := enforcer(t, enforce.Spec{Contract: mixedContract()})
	all := mixedRecords(3000)
	first, err := e.Enforce(part(all, 0, 500))
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan bool)
	held := make(chan *enforce.Batch, 2)
	go func() {
		for b := range held {
			b.Release()
		}
		close(done)
	}()
	for n := range 20 {
		b, err := e.Enforce(part(all, 500+n, 1300+n))
		if err != nil {
			t.Fatal(err)
		}
		held <- b
	}
	close(held)
	<-done
	if got := checksum.Batch(first.Rows); got != first.Checksum {
		t.Errorf("the rows of a batch changed while it was held: %+v, were %+v", got, first.Checksum)
	}
	first.Release()
	var kept []*enforce.Batch
	for n := range 4 {
		b, err := e.Enforce(part(all, 500*n, 500*n+400))
		if err != nil {
			t.Fatal(err)
		}
		kept = append(kept, b)
	}
	for _, b := range kept {
		if got := checksum.Batch(b.Rows); got != b.Checksum {
			t.Errorf("two batches share memory: %+v, were %+v", got, b.Checksum)
		}
		b.Release()
	}
}

// TestNoAllocationPerRecord bounds what a clean batch allocates.
func TestNoAllocationPerRecord(t *testing.T) {
	e := enforcer(t, enforce.Spec{Contract: mixedContract()})
	recs := mixedRecords(10_000)
	got := testing.AllocsPerRun(5, func() {
		b, err := e.Enforce(recs)
		if err != nil {
			t.Fatal(err)
		}
		b.Release()
	})
	if got > 200 {
		t.Errorf("%v allocations for %d records", got, recs.Len())
	}
}

func TestFault(t *testing.T) {
	fault := connector.Fault{Origin: "tap", Line: 3, Rule: contract.RecordSchema, Text: "a RECORD before its SCHEMA", Raw: []byte(`{"type":"RECORD"}`)}
	for mode, want := range map[contract.OnViolation]enforce.Counts{
		contract.Quarantine: {Read: 1, Quarantined: 1}, contract.NullValue: {Read: 1, Quarantined: 1}, contract.Warn: {Read: 1, Quarantined: 1}, contract.Drop: {Read: 1, Dropped: 1},
	} {
		c := mixedContract()
		c.OnViolation = mode
		e := enforcer(t, enforce.Spec{Contract: c})
		b, err := e.Fault(fault)
		if err != nil || b.Counts != want || b.Rows != nil || int64(len(b.Rejects)) != want.Quarantined {
			t.Errorf("%s: %+v, %v", mode, b, err)
		}
		if s := e.Summary(); len(s.Rules) != 1 || s.Rules[0].Rule != "schema" || s.Rules[0].Count != 1 {
			t.Errorf("%s: %+v", mode, s)
		}
		b.Release()
	}
	c := mixedContract()
	c.OnViolation = contract.Fail
	var stop *enforce.Stop
	if _, err := enforcer(t, enforce.Spec{Contract: c}).Fault(fault); !errors.As(err, &stop) || len(stop.Rejects) != 1 {
		t.Errorf("under fail: %v", err)
	}
	c = mixedContract()
	c.Columns[1].Tags = []string{"pii"}
	if b, err := enforcer(t, enforce.Spec{Contract: c}).Fault(fault); err != nil || b.Rejects[0].Raw != nil {
		t.Errorf("what is no record cannot be masked, and is kept: %v %v", b, err)
	}
}

func TestContractThatCannotBeEnforced(t *testing.T) {
	c := mixedContract()
	c.Columns[0].Min = ptr("x")
	c.Columns[5].Min = ptr("true")
	c.Columns[7].Pattern = "("
	c.Columns[8].Default = ptr("fine")
	c.Columns[9].Default = ptr("no uuid")
	c.Columns[6].MaxLength = ptr(1)
	c.Columns[8].Format = "postcode"
	c.Checks = []contract.Check{{Name: "empty"}}
	e, ds := enforce.New(enforce.Spec{Address: "a", Contract: c})
	if e != nil || len(ds) != 7 {
		t.Errorf("%d diagnostics: %v", len(ds), ds)
	}
	for _, d := range ds {
		if d.Code != "HG6003" || d.Address != "a" {
			t.Errorf("%+v", d)
		}
	}
}

// TestCleanChunksBehindDirtyOnes has every alignment of the bits of a clean
// chunk behind a chunk that lost some rows.
func TestCleanChunksBehindDirtyOnes(t *testing.T) {
	c := mixedContract()
	c.Columns[5].Required = false
	for lost := range 70 {
		recs, kept := &connector.Records{}, &connector.Records{}
		for i := range 2100 {
			line := fmt.Sprintf(`{"order_id":%d,"customer":"c","total":1,"created_at":"2024-01-01T00:00:00Z","paid":%s}`, i+1, []string{"true", "false", "null"}[i*i%7%3])
			if i < lost {
				add(recs, "{")
				continue
			}
			add(recs, line)
			add(kept, line)
		}
		b, err := enforcer(t, enforce.Spec{Contract: c}).Enforce(recs)
		if err != nil {
			t.Fatal(err)
		}
		want, err := enforcer(t, enforce.Spec{Contract: c}).Enforce(kept)
		if err != nil {
			t.Fatal(err)
		}
		if b.Counts.Quarantined != int64(lost) || b.Checksum != want.Checksum {
			t.Errorf("with %d rows lost: %+v, want %+v", lost, b.Checksum, want.Checksum)
		}
	}
}

// part returns some of the records.
func part(recs *connector.Records, from, to int) *connector.Records {
	return &connector.Records{Origin: recs.Origin, Data: recs.Data, Start: recs.Start[from:to], End: recs.End[from:to], Line: recs.Line[from:to]}
}

// TestForksFindWhatOneFinds gives the batches to three forks in turn: the outcome is
// that of one enforcer, the first examples, members too many to learn and a violation
// that ends the run among it.
func TestForksFindWhatOneFinds(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	recs := dirty(rand.New(rand.NewPCG(seed, 1)), mixedRecords(5000))
	for i := range 6000 { // more new names than are learnt
		add(recs, fmt.Sprintf(`{"id":%d,"name %d":1,"another":2}`, i, i))
	}
	for _, mode := range []contract.OnViolation{contract.Quarantine, contract.NullValue, contract.Warn, contract.Drop, contract.Fail} {
		for _, unknown := range []contract.UnknownColumns{contract.UnknownDrop, contract.UnknownKeepJSON, contract.UnknownQuarantine} {
			c := mixedContract()
			c.OnViolation, c.UnknownColumns = mode, unknown
			one, all := enforcer(t, enforce.Spec{Contract: c}), enforcer(t, enforce.Spec{Contract: c})
			var forks []*enforce.Enforcer
			for range 3 {
				fork, ok := all.Fork()
				if !ok {
					t.Fatal("the batches are said to depend on each other")
				}
				forks = append(forks, fork)
			}
			for from := 0; from < recs.Len(); from += 500 {
				batch := part(recs, from, min(from+500, recs.Len()))
				b, err := one.Enforce(batch)
				f, ferr := forks[from/500%3].Enforce(batch)
				all.Take(f, ferr)
				if (err == nil) != (ferr == nil) || err != nil && err.Error() != ferr.Error() {
					t.Fatalf("one enforcer: %v, a fork: %v", err, ferr)
				}
				if err != nil {
					break
				}
				if b.Counts != f.Counts || b.Checksum != f.Checksum || mustJSON(t, b.Rejects) != mustJSON(t, f.Rejects) {
					t.Fatalf("from record %d on the batches differ: %+v, a fork %+v", from, b.Counts, f.Counts)
				}
			}
			if w, g := mustJSON(t, one.Summary()), mustJSON(t, all.Summary()); w != g {
				t.Fatalf("%s, %s: one enforcer\n%.2000s\nforks\n%.2000s", mode, unknown, w, g)
			}
		}
	}
}

// TestEvolvingIsNotForked: a batch that adds columns changes those after it.
func TestEvolvingIsNotForked(t *testing.T) {
	c := mixedContract()
	c.UnknownColumns = contract.UnknownEvolve
	if _, ok := enforcer(t, enforce.Spec{Contract: c}).Fork(); ok {
		t.Error("it is")
	}
}

func mustJSON(t testing.TB, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
