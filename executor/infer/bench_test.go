package infer_test

import (
	"fmt"
	"testing"

	"github.com/headgate-data/headgate/executor/infer"
)

// BenchmarkSample looks at records of ten mixed columns.
func BenchmarkSample(b *testing.B) {
	var lines []string
	for i := range 10_000 {
		lines = append(lines, fmt.Sprintf(`{"id":%d,"name":"customer %d","email":"c%d@example.com","state":"%s","total":%d.%02d,"qty":%d,"placed_at":"2024-05-%02dT07:08:09Z","day":"2024-05-%02d","flag":%v,"ref":"0b5a7c1e-0000-4000-8000-%012d"}`,
			i, i, i, []string{"new", "paid", "lost"}[i%3], i, i%100, i%7, 1+i%28, 1+i%28, i%2 == 0, i))
	}
	r := batch(false, lines...)
	b.SetBytes(int64(len(r.Data)))
	b.ReportAllocs()
	for b.Loop() {
		infer.NewSample().Add(r, -1)
	}
	b.ReportMetric(float64(b.N)*float64(r.Len())/b.Elapsed().Seconds(), "records/s")
}
