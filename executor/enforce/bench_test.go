package enforce_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/enforce"
)

func ptr[T any](v T) *T { return &v }

// mixedContract has ten columns of ten types and a rule or more on each.
func mixedContract() *contract.Contract {
	return &contract.Contract{
		Name: "orders", Version: 1, OnViolation: contract.Quarantine, UnknownColumns: contract.UnknownDrop, Coerce: contract.CoerceLossless,
		Key: []string{"order_id"},
		Columns: []contract.Column{
			{Name: "order_id", Type: types.Of(types.Int64), Required: true, Min: ptr("1")},
			{Name: "customer", Type: types.Of(types.String), Required: true, MinLength: ptr(1), MaxLength: ptr(80)},
			{Name: "total", Type: types.DecimalOf(12, 2), Required: true, Min: ptr("0"), Max: ptr("1000000")},
			{Name: "created_at", Type: types.Of(types.TimestampTZ), Required: true, Min: ptr("2000-01-01T00:00:00Z")},
			{Name: "ship_date", Type: types.Of(types.Date)},
			{Name: "paid", Type: types.Of(types.Bool), Required: true},
			{Name: "weight", Type: types.Of(types.Float64), Min: ptr("0")},
			{Name: "status", Type: types.Of(types.String), Enum: []string{"new", "paid", "shipped", "returned"}},
			{Name: "note", Type: types.Of(types.String), MaxLength: ptr(200)},
			{Name: "ref", Type: types.Of(types.UUID)},
		},
	}
}

// mixedRecords makes n records of about 300 bytes, as a source hands them over.
func mixedRecords(n int) *connector.Records {
	r := rand.New(rand.NewPCG(42, 7))
	recs := &connector.Records{Stream: "orders", Origin: "orders.jsonl"}
	for i := range n {
		note := "null"
		if r.IntN(4) > 0 {
			note = `"Please leave the parcel with the neighbour at number ` + fmt.Sprint(r.IntN(200)) + `"`
		}
		line := fmt.Sprintf(`{"order_id":%d,"customer":"Customer Number %d","total":%d.%02d,"created_at":"2024-%02d-%02dT%02d:%02d:%02d.%03dZ","ship_date":"2024-%02d-%02d","paid":%v,"weight":%.3f,"status":"%s","note":%s,"ref":"%08x-%04x-4%03x-a%03x-%012x"}`,
			i+1, r.IntN(1e6), r.IntN(5000), r.IntN(100), 1+r.IntN(12), 1+r.IntN(28), r.IntN(24), r.IntN(60), r.IntN(60), r.IntN(1000), 1+r.IntN(12), 1+r.IntN(28),
			r.IntN(2) == 0, r.Float64()*40, []string{"new", "paid", "shipped", "returned"}[r.IntN(4)], note,
			r.Uint32(), r.IntN(1<<16), r.IntN(1<<12), r.IntN(1<<12), r.Uint64N(1<<48))
		add(recs, line)
	}
	return recs
}

func add(recs *connector.Records, line string) {
	recs.Start = append(recs.Start, len(recs.Data))
	recs.Data = append(recs.Data, line...)
	recs.End = append(recs.End, len(recs.Data))
	recs.Data = append(recs.Data, '\n')
	recs.Line = append(recs.Line, int64(len(recs.Start)))
}

func benchmark(b *testing.B, c *contract.Contract, recs *connector.Records) {
	e, ds := enforce.New(enforce.Spec{Address: "pipeline.orders.stream.orders", Contract: c})
	if ds.HasErrors() {
		b.Fatal(ds.Err())
	}
	b.ReportAllocs()
	before := cpu(b)
	b.SetBytes(int64(len(recs.Data)))
	for b.Loop() {
		batch, err := e.Enforce(recs)
		if err != nil {
			b.Fatal(err)
		}
		batch.Release()
	}
	records := float64(b.N) * float64(recs.Len())
	b.ReportMetric(records/b.Elapsed().Seconds(), "rec/s")
	b.ReportMetric(records/(cpu(b)-before).Seconds(), "rec/cpu-s")
}

func BenchmarkEnforce(b *testing.B) { benchmark(b, mixedContract(), mixedRecords(20_000)) }

// BenchmarkEnforceDirty has a violation in every third record.
func BenchmarkEnforceDirty(b *testing.B) {
	c := mixedContract()
	c.Columns[1].MaxLength = ptr(20)
	c.Columns[7].Enum = []string{"new", "paid", "shipped"}
	benchmark(b, c, mixedRecords(20_000))
}

// widened is mixedContract and mixedRecords over and over: times ten columns, and
// in each of n records as many.
func widened(times, n int) (*contract.Contract, *connector.Records) {
	narrow, from := mixedContract(), mixedRecords(n*times)
	c, recs := *narrow, &connector.Records{Stream: "orders", Origin: "orders.jsonl"}
	c.Columns, c.Key = nil, []string{"order_id_0"}
	for k := range times {
		for _, col := range narrow.Columns {
			col.Name = fmt.Sprintf("%s_%d", col.Name, k)
			c.Columns = append(c.Columns, col)
		}
	}
	for i := range n {
		line := []byte{'{'}
		for k := range times {
			j := i*times + k
			members := from.Data[from.Start[j]+1 : from.End[j]-1]
			for _, col := range narrow.Columns {
				name := []byte(`"` + col.Name + `":`)
				at := bytes.Index(members, name)
				line = append(line, members[:at]...)
				line = fmt.Appendf(line, `"%s_%d":`, col.Name, k)
				members = members[at+len(name):]
			}
			line = append(append(line, members...), ',')
		}
		line[len(line)-1] = '}'
		add(recs, string(line))
	}
	return &c, recs
}

// BenchmarkEnforceWide has the same number of values in ten columns and in two
// thousand: what a value costs should be about the same.
func BenchmarkEnforceWide(b *testing.B) {
	for _, times := range []int{1, 20, 200} {
		b.Run(fmt.Sprint(10*times), func(b *testing.B) {
			c, recs := widened(times, 20_000/times)
			before := cpu(b)
			benchmark(b, c, recs)
			b.ReportMetric(float64((cpu(b)-before).Nanoseconds())/float64(b.N*20_000*10), "cpu-ns/value")
		})
	}
}

// BenchmarkEnforceLargeRecords has records of one megabyte: one long text, many
// members nobody names, and one long list.
func BenchmarkEnforceLargeRecords(b *testing.B) {
	c := mixedContract()
	c.Columns = append(c.Columns, contract.Column{Name: "body", Type: types.Of(types.String)}, contract.Column{Name: "list", Type: types.ListOf(types.Of(types.Int64))})
	recs := mixedRecords(4)
	tails := []string{
		`,"body":"` + strings.Repeat("All work and no play. ", 45_000) + `"}`, `,"list":[` + strings.Repeat("1234567,", 125_000) + `0]}`, "", "",
	}
	for i := range 45_000 {
		tails[2] += fmt.Sprintf(`,"unknown_%d":%d`, i, i)
	}
	tails[2] += "}"
	tails[3] = `,"ignored":[` + strings.Repeat(`{"a":[1,2,3],"b":"text"},`, 40_000) + `0]}`
	large := &connector.Records{Stream: "orders", Origin: "orders.jsonl"}
	for i, tail := range tails {
		add(large, string(recs.Data[recs.Start[i]:recs.End[i]-1])+tail)
	}
	benchmark(b, c, large)
}

// cpu is what the process has used of the processors: unlike the clock it does
// not count what else the machine does.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
