package lint

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"github.com/headgate-data/headgate/lang"
)

// Mended is a project after its fixes.
type Mended struct {
	Files map[string][]byte // those that changed, whole
	Fixed []Finding         // what the edits mended
}

// Fix applies the edits of findings to files. Edits that overlap those of an
// earlier finding are left for another round. A file that was in the canonical form
// is brought back into it.
func Fix(files map[string][]byte, found []Finding) Mended {
	out := Mended{Files: map[string][]byte{}}
	taken := map[string][]Edit{}
	for _, f := range found {
		if len(f.Edits) == 0 || slices.ContainsFunc(f.Edits, func(e Edit) bool { return collides(e, taken[e.File], files) }) {
			continue
		}
		for _, e := range f.Edits {
			taken[e.File] = append(taken[e.File], e)
		}
		out.Fixed = append(out.Fixed, f)
	}
	for name, edits := range taken {
		out.Files[name] = edited(name, files[name], edits)
	}
	return out
}

// collides reports whether an edit touches another one, or lies outside of its file.
func collides(e Edit, taken []Edit, files map[string][]byte) bool {
	src, ok := files[e.File]
	if !ok || e.Start < 0 || e.Start > e.End || e.End > len(src) {
		return true
	}
	return slices.ContainsFunc(taken, func(t Edit) bool { return e.Start <= t.End && t.Start <= e.End })
}

func edited(name string, src []byte, edits []Edit) []byte {
	slices.SortFunc(edits, func(a, b Edit) int { return cmp.Compare(a.Start, b.Start) })
	var out []byte
	done := 0
	for _, e := range edits {
		out = append(append(out, src[done:e.Start]...), e.Text...)
		done = e.End
	}
	out = append(out, src[done:]...)
	if !strings.HasSuffix(name, ".hcl") {
		return out
	}
	if formatted, diags := lang.Format(src); diags.HasErrors() || !bytes.Equal(formatted, src) {
		return out
	}
	if formatted, diags := lang.Format(out); !diags.HasErrors() {
		return formatted
	}
	return out
}

// WholeLines widens a stretch of a file to whole lines, so that taking it out
// leaves no empty line behind. It stays as it is where something else stands on
// the lines.
func WholeLines(src []byte, start, end int) (int, int) {
	from, to := start, end
	for from > 0 && (src[from-1] == ' ' || src[from-1] == '\t') {
		from--
	}
	for to < len(src) && (src[to] == ' ' || src[to] == '\t' || src[to] == '\r') {
		to++
	}
	if (from > 0 && src[from-1] != '\n') || (to < len(src) && src[to] != '\n') {
		return start, end
	}
	return from, min(to+1, len(src))
}
