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

// TestNamesOfEveryLength compares names that differ in one byte, at the end of a
// record too.
func TestNamesOfEveryLength(t *testing.T) {
	for n := range 20 {
		name := "abcdefghijklmnopqrstuvwxyz"[:n]
		m := member{name: name, plain: true}
		m.spell()
		for _, behind := range []string{`:1}`, `:1,"another member":"of some length"}`} {
			text := []byte(`"` + name + `"` + behind)
			if end := n + 2; !m.stands(text, 1, end) {
				t.Errorf("%s does not stand in %s", name, text)
			} else {
				for i := 1; i < end; i++ {
					text[i] ^= 1
					if m.stands(text, 1, end) {
						t.Errorf("%s stands in %s", name, text)
					}
					text[i] ^= 1
				}
			}
		}
	}
}
