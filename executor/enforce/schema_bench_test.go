package enforce_test

import (
	"fmt"
	"testing"

	"github.com/headgate-data/headgate/executor/connector"
)

// BenchmarkSchema holds the same records to schemas of which columns say all,
// all but one property's, and not all of the record.
func BenchmarkSchema(b *testing.B) {
	recs := &connector.Records{Origin: "bench"}
	for i := range 10_000 {
		start := len(recs.Data)
		recs.Data = fmt.Appendf(recs.Data, `{"id":%d,"total":%d.25,"status":"paid","mail":"a%d@example.com","day":"2024-02-%02d","address":{"street":"Long Street %d","zip":"%05d"}}`,
			i+1, i%1000, i, i%28+1, i, i)
		recs.Start, recs.End, recs.Line = append(recs.Start, start), append(recs.End, len(recs.Data)), append(recs.Line, int64(i+1))
	}
	flat := `"id":{"type":"integer","minimum":1},"total":{"type":"number","multipleOf":0.01},"status":{"enum":["open","paid"]},"mail":{"type":"string","maxLength":100},"day":{"type":"string","format":"date"}`
	for _, s := range []struct{ name, schema string }{
		{"columns", `{"properties":{` + flat + `,"address":{}},"required":["id","total"]}`},
		{"property", `{"properties":{` + flat + `,"address":{"type":"object","properties":{"street":{"type":"string"},"zip":{"type":"string","pattern":"^[0-9]{5}$"}},"required":["street"]}},"required":["id","total"]}`},
		{"whole", `{"properties":{` + flat + `,"address":{}},"required":["id","total"],"dependentRequired":{"day":["total"]}}`},
	} {
		b.Run(s.name, func(b *testing.B) {
			e, _ := schemaEnforcer(b, []byte(s.schema))
			b.SetBytes(int64(len(recs.Data)))
			for b.Loop() {
				batch, err := e.Enforce(recs)
				if err != nil {
					b.Fatal(err)
				}
				if batch.Counts.Accepted != int64(recs.Len()) {
					b.Fatalf("%+v %+v", batch.Counts, batch.Rejects[0])
				}
				batch.Release()
			}
			b.ReportMetric(float64(b.N)*float64(recs.Len())/b.Elapsed().Seconds(), "records/s")
		})
	}
}
