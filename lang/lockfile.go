package lang

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/headgate-data/headgate/lang/diag"
)

// LockSource is a source as sources.lock.hcl keeps it.
type LockSource struct {
	Name        string
	Each        string // the key of the element, only with HasEach
	HasEach     bool   // the source is under for_each
	ProgramHash string // "" where there is no program
	Streams     []LockStream
}

// LockStream is a stream of a source.
type LockStream struct {
	Name        string
	Key         []string
	Replication string // as the source says: FULL_TABLE, INCREMENTAL, LOG_BASED; "" unknown
	Cursor      string
	Columns     []LockColumn
}

// LockColumn is a column of a stream. Type is the canonical text of a column type.
type LockColumn struct {
	Name     string
	Type     string
	Nullable bool
}

// EncodeLock writes sources.lock.hcl: sources and streams sorted by name, columns
// in the given order, laid out as Format does. The same sources give the same
// bytes. The error diagnostics speak of a column whose type is not the text of a type.
func EncodeLock(sources []LockSource) ([]byte, diag.Diagnostics) {
	var b strings.Builder
	b.WriteString("# Written by `headgate source discover`. Commit it; do not edit it.\n")
	sorted := slices.SortedStableFunc(slices.Values(sources), func(x, y LockSource) int {
		return cmp.Or(cmp.Compare(x.Name, y.Name), cmp.Compare(x.Each, y.Each))
	})
	for _, s := range sorted {
		fmt.Fprintf(&b, "\nsource %s {\n", Quote(s.Name))
		if s.HasEach {
			fmt.Fprintf(&b, "each = %s\n", Quote(s.Each))
		}
		writeText(&b, "program_hash", s.ProgramHash)
		streams := slices.SortedStableFunc(slices.Values(s.Streams), func(x, y LockStream) int { return cmp.Compare(x.Name, y.Name) })
		for i := range streams {
			if i > 0 || s.HasEach || s.ProgramHash != "" {
				b.WriteByte('\n')
			}
			writeStream(&b, &streams[i])
		}
		b.WriteString("}\n")
	}
	return Format([]byte(b.String()))
}

func writeStream(b *strings.Builder, s *LockStream) {
	fmt.Fprintf(b, "stream %s {\n", Quote(s.Name))
	if len(s.Key) > 0 {
		quoted := make([]string, len(s.Key))
		for i, k := range s.Key {
			quoted[i] = Quote(k)
		}
		fmt.Fprintf(b, "key = [%s]\n", strings.Join(quoted, ", "))
	}
	writeText(b, "replication", s.Replication)
	writeText(b, "cursor", s.Cursor)
	for _, c := range s.Columns {
		fmt.Fprintf(b, "column %s {\ntype = %s\n", Quote(c.Name), c.Type)
		if c.Nullable {
			b.WriteString("nullable = true\n")
		}
		b.WriteString("}\n")
	}
	b.WriteString("}\n")
}

// writeText writes an attribute unless it is empty.
func writeText(b *strings.Builder, name, value string) {
	if value != "" {
		fmt.Fprintf(b, "%s = %s\n", name, Quote(value))
	}
}
