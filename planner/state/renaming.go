package state

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang/addr"
)

// Moved is an address of the state that has another one from now on.
type Moved struct {
	From addr.Address `json:"from"`
	To   addr.Address `json:"to"`
	// Reads is what a stream that has another name goes on reading of its source,
	// where that went by its name; "" for everything else.
	Reads string `json:"reads,omitempty"`
}

// Named is a model version that is published under another name from now on.
type Named struct {
	Of     addr.Address `json:"of"`     // its address after the move
	Schema string       `json:"schema"` // without the environment's suffix
	Table  string       `json:"table"`
	Was    string       `json:"was"` // the table's name before, without _vN
}

// Renaming is how the nodes of a snapshot look after moves. Its methods leave what
// they are given as it is.
type Renaming struct {
	to        map[addr.Address]addr.Address
	names     map[addr.Address]Named
	reads     map[addr.Address]string
	Bookmarks map[string]json.RawMessage // by the new address of a stream, moved or not: what mirrors its bookmark from now on
}

// NewRenaming makes the renaming of some moves.
func NewRenaming(moves []Moved, names []Named) *Renaming {
	r := &Renaming{to: make(map[addr.Address]addr.Address, 2*len(moves)), names: make(map[addr.Address]Named, len(names)), reads: map[addr.Address]string{}}
	for _, m := range moves {
		r.to[m.From] = m.To
		if m.Reads != "" {
			r.reads[m.To] = m.Reads
		}
		if m.From.Kind == addr.Pipeline || m.From.Version == 0 || m.From.Base() == m.To.Base() {
			continue
		}
		r.to[m.From.Base()] = m.To.Base() // a model's bare name, a contract without a version
	}
	for _, n := range names {
		r.names[n.Of] = n
	}
	return r
}

// Touches reports whether the JSON of a node may hold an address that moves. It
// looks for names alone, so that nodes that a move has nothing to do with need not
// be read.
func (r *Renaming) Touches(node []byte) bool {
	if len(r.names) > 0 {
		return true
	}
	for a := range r.to {
		if !plainName(a.Name) || bytes.Contains(node, []byte(a.Name)) {
			return true
		}
	}
	return false
}

// plainName reports whether a name stands in JSON as it is.
func plainName(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(c rune) bool {
		return c != '_' && c != '-' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z')
	})
}

// Address is what an address is called from now on.
func (r *Renaming) Address(a addr.Address) addr.Address {
	if to, ok := r.to[a]; ok {
		return to
	}
	return a
}

// text does so for an address as text; what is none stays as it is.
func (r *Renaming) text(s string) string {
	a, err := addr.Parse(s)
	if err != nil {
		return s
	}
	return r.Address(a).String()
}

// Node is a node of the state after the moves: under its new address, with the
// former one noted, and with every address in it by its new name. changed is false
// where nothing of it moves; the result is then n itself.
func (r *Renaming) Node(n *Node) (out *Node, changed bool) {
	d, changed := r.definition(n.Definition)
	next := *n
	next.Definition = d
	if d != nil && d.Address != n.Definition.Address {
		next.Former = append(slices.Clone(n.Former), n.Definition.Address.String())
	}
	if d != nil && n.Data != nil {
		if b, ok := r.Bookmarks[d.Address.String()]; ok && !bytes.Equal(b, n.Data.Bookmark) {
			data := *n.Data
			data.Bookmark = b
			next.Data, changed = &data, true
		}
	}
	if n.Data != nil && len(n.Data.Inputs) > 0 {
		inputs, moved := map[string]int64{}, false
		for key, v := range n.Data.Inputs {
			now := r.text(key)
			inputs[now], moved = v, moved || now != key
		}
		if moved {
			data := *next.Data
			data.Inputs = inputs
			next.Data, changed = &data, true
		}
	}
	if !changed {
		return n, false
	}
	return &next, true
}

// definition renames the addresses of a compiled node.
func (r *Renaming) definition(n *program.Node) (*program.Node, bool) {
	if n == nil {
		return nil, false
	}
	out := *n
	w := rewriter{r: r}
	out.Address = w.address(n.Address)
	out.DependsOn = slices.Clone(n.DependsOn)
	for i, a := range out.DependsOn {
		out.DependsOn[i] = w.address(a)
	}
	switch {
	case n.Contract != nil:
		c := *n.Contract
		if out.Address != n.Address {
			c.Name, c.Version = out.Address.Name, out.Address.Version
		}
		c.Columns = w.columns(c.Columns)
		out.Contract = &c
	case n.Pipeline != nil:
		p := *n.Pipeline
		p.From, p.To = w.address(p.From), w.address(p.To)
		p.Streams = slices.Clone(p.Streams)
		for i, s := range p.Streams {
			p.Streams[i] = w.address(n.Address.WithStream(s)).Stream
		}
		slices.Sort(p.Streams)
		out.Pipeline = &p
	case n.Stream != nil:
		s := *n.Stream
		s.Contract = w.address(s.Contract)
		if s.From == "" && out.Address != n.Address {
			s.From = r.reads[out.Address]
		}
		out.Stream = &s
	case n.Model != nil:
		out.Model = w.model(n.Model, out.Address)
	case n.External != nil:
		e := *n.External
		e.Destination, e.Contract = w.address(e.Destination), w.address(e.Contract)
		out.External = &e
	}
	if !w.changed {
		return n, false
	}
	slices.SortFunc(out.DependsOn, addr.Compare)
	return &out, true
}

// rewriter notes whether anything was renamed.
type rewriter struct {
	r       *Renaming
	changed bool
}

func (w *rewriter) address(a addr.Address) addr.Address {
	to := w.r.Address(a)
	w.changed = w.changed || to != a
	return to
}

func (w *rewriter) columns(in []contract.Column) []contract.Column {
	out := slices.Clone(in)
	for i := range out {
		if ref := out[i].References; ref != nil {
			moved := *ref
			moved.Target = w.address(ref.Target)
			out[i].References = &moved
		}
	}
	return out
}

func (w *rewriter) model(m *program.Model, now addr.Address) *program.Model {
	out := *m
	out.Destination = w.address(m.Destination)
	if !m.Contract.IsZero() {
		out.Contract = w.address(m.Contract)
	}
	out.Columns = w.columns(m.Columns)
	if now.Version > 0 {
		out.Version = now.Version
	}
	if n, ok := w.r.names[now]; ok {
		out.Schema, out.Table, w.changed = n.Schema, n.Table, true
	}
	out.Tables = slices.Clone(m.Tables)
	for i := range out.Tables {
		t := &out.Tables[i]
		was := t.Target
		t.Target = w.address(was)
		if n, ok := w.r.names[t.Target]; ok {
			version := ""
			if len(t.Table) > len(n.Was) { // name_vN, not the bare name
				version = "_v" + strconv.Itoa(t.Target.Version)
			}
			t.Schema, t.Table, w.changed = n.Schema, n.Table+version, true
		}
	}
	return &out
}
