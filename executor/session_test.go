package executor

import (
	"context"
	"encoding/json"
	"strconv"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/enforce"
)

// countingStaging counts commits.
type countingStaging struct {
	connector.Staging
	commits int
}

func (s *countingStaging) Commit(context.Context, connector.Checkpoint) error {
	s.commits++
	return nil
}

// TestPieceSize counts values that are no text: a batch of nulls is no small one.
func TestPieceSize(t *testing.T) {
	nulls := array.NewNull(10)
	fields, columns := make([]arrow.Field, 100), make([]arrow.Array, 100)
	for i := range fields {
		fields[i], columns[i] = arrow.Field{Name: strconv.Itoa(i), Type: arrow.Null, Nullable: true}, nulls
	}
	b := &enforce.Batch{Rows: array.NewRecordBatch(arrow.NewSchema(fields, nil), columns, 10)}
	for bytes, want := range map[int64]int64{20: 8000, 9000: 9000} {
		if got := (&piece{batch: b, bytes: bytes}).size(); got != want {
			t.Errorf("%d bytes of text: %d, want %d", bytes, got, want)
		}
	}
}

// TestCommitsBySize commits small records by their number and large ones by their
// bytes.
func TestCommitsBySize(t *testing.T) {
	for _, c := range []struct {
		name    string
		records int64 // in each of 100 batches of 4 MiB
		commits int
	}{
		{"279 bytes", 15_000, 1},
		{"1,000 bytes", 4_194, 0},
		{"4 KiB", 1024, 8},
		{"1 MiB", 4, 8},
	} {
		t.Run(c.name, func(t *testing.T) {
			staging := &countingStaging{}
			s := &session{staging: staging, ctx: context.Background(), batch: commitRows, pieces: make(chan piece, 200)}
			for range 100 {
				s.pieces <- piece{stream: &streamRun{}, batch: &enforce.Batch{Counts: enforce.Counts{Read: c.records}}, bytes: 4 << 20}
				s.pieces <- piece{check: json.RawMessage("{}")}
			}
			close(s.pieces)
			if err := s.stageLoop(); err != nil || staging.commits != c.commits {
				t.Errorf("%d commits, want %d (%v)", staging.commits, c.commits, err)
			}
		})
	}
}

// TestSmallLastCommit: a commit that is due waits for what is left of the source,
// where that is little; where nobody knows how much, or the user said when, it does not.
func TestSmallLastCommit(t *testing.T) {
	for _, c := range []struct {
		name    string
		batches int
		exact   bool
		waiting int64
		commits int
	}{
		{"little is left", 110, false, 110, 0},
		{"more than a quarter is left", 140, false, 140, 1},
		{"the second one is due with little left", 210, false, 210, 1},
		{"the source grew meanwhile", 230, false, 110, 2},
		{"nobody knows", 110, true, 110, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			staging := &countingStaging{}
			s := &session{staging: staging, ctx: context.Background(), batch: 1000, exact: c.exact, waiting: c.waiting, pieces: make(chan piece, 1000)}
			for range c.batches {
				s.pieces <- piece{stream: &streamRun{}, batch: &enforce.Batch{Counts: enforce.Counts{Read: 10}}, bytes: 100, consumed: 1}
				s.pieces <- piece{check: json.RawMessage("{}")}
			}
			close(s.pieces)
			if err := s.stageLoop(); err != nil || staging.commits != c.commits {
				t.Errorf("%d commits, want %d (%v)", staging.commits, c.commits, err)
			}
		})
	}
}
