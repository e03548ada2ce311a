package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/zclconf/go-cty/cty"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang"
	"github.com/headgate-data/headgate/lang/diag"
)

// lockText is the new text of the lock file. With keep, entries of sources that
// were not asked stay.
func lockText(m *lang.Module, found []view.DiscoveredSource, keep bool) ([]byte, diag.Diagnostics) {
	var sources []lang.LockSource
	for _, f := range found {
		sources = append(sources, lockSource(f))
	}
	if keep {
		for _, b := range m.Lock {
			old := oldEntry(b, m.Files)
			same := func(s lang.LockSource) bool {
				return s.Name == old.Name && s.HasEach == old.HasEach && s.Each == old.Each
			}
			if !slices.ContainsFunc(sources, same) {
				sources = append(sources, old)
			}
		}
	}
	return lang.EncodeLock(sources)
}

// lockSource is the entry of a source that was asked.
func lockSource(f view.DiscoveredSource) lang.LockSource {
	a := f.Node.Address
	out := lang.LockSource{Name: a.Name, Each: a.Key, HasEach: a.HasKey, ProgramHash: programHash(f.Node.Source)}
	for _, s := range f.Streams {
		stream := lang.LockStream{Name: s.Stream, Key: s.Key, Replication: s.Replication, Cursor: s.Cursor}
		for _, c := range s.Columns {
			stream.Columns = append(stream.Columns, lang.LockColumn{Name: c.Name, Type: c.Type.String(), Nullable: c.Nullable})
		}
		out.Streams = append(out.Streams, stream)
	}
	return out
}

// programHash is one hash over the local files that a tap's command names, ""
// where there are none.
func programHash(s *program.Source) string {
	if s.Singer == nil || len(s.Singer.CommandFiles) == 0 {
		return ""
	}
	h := sha256.New()
	for _, f := range s.Singer.CommandFiles {
		fmt.Fprintf(h, "%s %s\n", f.SHA256, f.Path)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// oldEntry reads an entry back from the lock file.
func oldEntry(b *lang.Block, files map[string][]byte) lang.LockSource {
	out := lang.LockSource{Name: b.Labels[0], ProgramHash: literal(b, "program_hash")}
	if b.Attr("each") != nil {
		out.Each, out.HasEach = literal(b, "each"), true
	}
	for _, s := range b.Nested("stream") {
		stream := lang.LockStream{Name: s.Labels[0], Key: literals(s, "key"), Replication: literal(s, "replication"), Cursor: literal(s, "cursor")}
		for _, c := range s.Nested("column") {
			column := lang.LockColumn{Name: c.Labels[0], Nullable: value(c, "nullable") == cty.True}
			if t := c.Attr("type"); t != nil {
				column.Type = string(t.Expr.Range().SliceBytes(files[t.ExprRange.Filename]))
			}
			stream.Columns = append(stream.Columns, column)
		}
		out.Streams = append(out.Streams, stream)
	}
	return out
}

// value evaluates an attribute that holds a literal; cty.NilVal for any other.
func value(b *lang.Block, name string) cty.Value {
	attr := b.Attr(name)
	if attr == nil {
		return cty.NilVal
	}
	v, diags := attr.Expr.Value(nil)
	if diags.HasErrors() || !v.IsWhollyKnown() || v.IsNull() {
		return cty.NilVal
	}
	return v
}

func literal(b *lang.Block, name string) string {
	if v := value(b, name); v != cty.NilVal && v.Type() == cty.String {
		return v.AsString()
	}
	return ""
}

func literals(b *lang.Block, name string) []string {
	v := value(b, name)
	if v == cty.NilVal || !v.CanIterateElements() {
		return nil
	}
	var out []string
	for _, e := range v.AsValueSlice() {
		if e.Type() == cty.String && !e.IsNull() {
			out = append(out, e.AsString())
		}
	}
	return out
}
