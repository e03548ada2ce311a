package enforce

import "testing"

// TestBatchRows bounds the values of a batch, however many columns there are.
func TestBatchRows(t *testing.T) {
	for _, c := range []struct{ columns, rows int }{{0, 4 << 20}, {10, 419_430}, {64, 65_536}, {2000, 2097}, {100_000, 1024}} {
		if got := BatchRows(c.columns); got != c.rows {
			t.Errorf("%d columns: batches of %d rows, want %d", c.columns, got, c.rows)
		}
	}
}

// TestChunkRows holds chunks to the size that a cache takes, and to whole words of
// a bitmap.
func TestChunkRows(t *testing.T) {
	for _, c := range []struct{ columns, rows int }{{0, 1024}, {1, 1024}, {10, 1024}, {16, 1024}, {17, 960}, {100, 128}, {256, 64}, {2000, 64}, {100_000, 64}} {
		if got := chunkRows(c.columns); got != c.rows {
			t.Errorf("%d columns: chunks of %d rows, want %d", c.columns, got, c.rows)
		}
	}
}
