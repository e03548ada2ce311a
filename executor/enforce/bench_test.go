package enforce_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/enforce"
)

func ptr[T any](v T) *T { return &v }

// mixedContract has ten columns of ten types, and ten rules beside their types:
// required three times, min four times, max, max_length and enum.
func mixedContract() *contract.Contract {
	return &contract.Contract{
		Name: "orders", Version: 1, OnViolation: contract.Quarantine, UnknownColumns: contract.UnknownDrop, Coerce: contract.CoerceLossless,
		Columns: []contract.Column{
			{Name: "order_id", Type: types.Of(types.Int64), Required: true, Min: ptr("1")},
			{Name: "customer", Type: types.Of(types.String), Required: true, MaxLength: ptr(80)},
			{Name: "total", Type: types.DecimalOf(12, 2), Min: ptr("0"), Max: ptr("1000000")},
			{Name: "created_at", Type: types.Of(types.TimestampTZ), Min: ptr("2000-01-01T00:00:00Z")},
			{Name: "ship_date", Type: types.Of(types.Date)},
			{Name: "paid", Type: types.Of(types.Bool), Required: true},
			{Name: "weight", Type: types.Of(types.Float64), Min: ptr("0")},
			{Name: "status", Type: types.Of(types.String), Enum: []string{"new", "paid", "shipped", "returned"}},
			{Name: "note", Type: types.Of(types.String)},
			{Name: "ref", Type: types.Of(types.UUID)},
		},
	}
}

// mixedSchema is mixedContract as a JSON Schema, as near as one comes to it.
const mixedSchema = `{
	"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "required": ["order_id", "customer", "paid"],
	"properties": {
		"order_id": {"type": "integer", "minimum": 1},
		"customer": {"type": "string", "maxLength": 80},
		"total": {"type": ["number", "null"], "minimum": 0, "maximum": 1000000},
		"created_at": {"type": ["string", "null"], "format": "date-time"},
		"ship_date": {"type": ["string", "null"], "format": "date"},
		"paid": {"type": "boolean"},
		"weight": {"type": ["number", "null"], "minimum": 0},
		"status": {"enum": ["new", "paid", "shipped", "returned", null]},
		"note": {"type": ["string", "null"]},
		"ref": {"type": ["string", "null"], "format": "uuid"}
	}
}`

// mixedRecords makes n records of about 300 bytes, as a source hands them over.
func mixedRecords(n int) *connector.Records {
	r := rand.New(rand.NewPCG(42, 7))
	recs := &connector.Records{Stream: "orders", Origin: "orders.jsonl"}
	for i := range n {
		note := "null"
		if r.IntN(4) > 0 {
			note = `"Please leave the parcel with the neighbour at number ` + fmt.Sprint(r.IntN(200)) + `, or behind the shed"`
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

// benchRecords is how many records are enforced at a time.
const benchRecords = 20_000

// enforcing measures enforcers, each on a goroutine of its own with records of its
// own, and reports records and allocations for one record.
func enforcing(b *testing.B, c *contract.Contract, each ...*connector.Records) {
	var enforcers []*enforce.Enforcer
	var bytes, records int
	for _, recs := range each {
		e, ds := enforce.New(enforce.Spec{Address: "pipeline.orders.stream.orders", Contract: c})
		if ds.HasErrors() {
			b.Fatal(ds.Err())
		}
		enforcers = append(enforcers, e)
		bytes, records = bytes+len(recs.Data), records+recs.Len()
	}
	turn := func() {
		var wg sync.WaitGroup
		for i, e := range enforcers {
			wg.Go(func() {
				batch, err := e.Enforce(each[i])
				if err != nil {
					b.Error(err)
					return
				}
				batch.Release()
			})
		}
		wg.Wait()
	}
	turn() // memory that is used again is there
	measured(b, bytes, records, turn)
}

// measured repeats turn, which handles so many bytes and records.
func measured(b *testing.B, bytes, records int, turn func()) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := cpu(b)
	b.SetBytes(int64(bytes))
	for b.Loop() {
		turn()
	}
	all := float64(b.N) * float64(records)
	used := cpu(b) - start
	runtime.ReadMemStats(&after)
	b.ReportMetric(all/b.Elapsed().Seconds(), "rec/s")
	b.ReportMetric(all/used.Seconds(), "rec/cpu-s")
	b.ReportMetric(float64(after.Mallocs-before.Mallocs)/all, "allocs/rec")
	b.ReportMetric(float64(bytes)/float64(records), "B/rec")
}

func BenchmarkEnforce(b *testing.B) { enforcing(b, mixedContract(), mixedRecords(benchRecords)) }

// BenchmarkEnforceParallel2 has two enforcers side by side. Compare rec/s with
// BenchmarkEnforce's on a machine with two free cores.
func BenchmarkEnforceParallel2(b *testing.B) {
	enforcing(b, mixedContract(), mixedRecords(benchRecords), mixedRecords(benchRecords))
}

// BenchmarkEnforceDirty1Percent has a violation in every hundredth record.
func BenchmarkEnforceDirty1Percent(b *testing.B) {
	recs := mixedRecords(benchRecords)
	for i := 0; i < recs.Len(); i += 100 {
		line := recs.Data[recs.Start[i]:recs.End[i]]
		copy(line[bytes.Index(line, []byte(`"status":"`))+len(`"status":"`):], "?")
	}
	enforcing(b, mixedContract(), recs)
}

// BenchmarkEnforceDirty has a violation in every third record.
func BenchmarkEnforceDirty(b *testing.B) {
	c := mixedContract()
	c.Columns[1].MaxLength = ptr(20)
	c.Columns[7].Enum = []string{"new", "paid", "shipped"}
	enforcing(b, c, mixedRecords(benchRecords))
}

// BenchmarkJSONSchemaV5 is what the same costs by decoding each record into a map
// and validating that, without making columns of it.
func BenchmarkJSONSchemaV5(b *testing.B) {
	schema, err := jsonschema.CompileString("orders.json", mixedSchema)
	if err != nil {
		b.Fatal(err)
	}
	recs := mixedRecords(benchRecords)
	measured(b, len(recs.Data), recs.Len(), func() {
		for i := range recs.Len() {
			d := json.NewDecoder(bytes.NewReader(recs.Data[recs.Start[i]:recs.End[i]]))
			d.UseNumber()
			var v any
			if err := d.Decode(&v); err != nil {
				b.Fatal(err)
			}
			if err := schema.Validate(v); err != nil {
				b.Fatal(err)
			}
		}
	})
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
			enforcing(b, c, recs)
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
	enforcing(b, c, large)
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
