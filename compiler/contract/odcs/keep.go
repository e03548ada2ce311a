package odcs

import (
	"encoding/json"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/contract/document"
)

// keep puts into the contracts' extensions what their words do not bring back.
// Nothing is kept where the words alone make the same document.
func keep(root *document.Value, cs []*contract.Contract) {
	if document.Equal(sayDocument(cs), root) {
		return
	}
	place := 0
	list := document.ListOf()
	whole := len(cs) > 1 // the order is told, and what has no contract
	for _, x := range root.Get("schema").Elements() {
		if len(x.Get("properties").Elements()) == 0 {
			list.Items, whole = append(list.Items, x), true
			continue
		}
		keepObject(x, root, cs[place])
		list.Items = append(list.Items, document.Of(cs[place].Name))
		place++
	}
	want := root.Clone()
	want.Set("schema", nil)
	kept := want.Clone()
	for _, name := range required {
		if kept.Get(name) == nil {
			kept.Set(name, document.Of(unsaid))
		}
	}
	shrink(kept, func() bool { return document.Equal(sayRoot(kept, cs[0], false, len(cs) == 1), want) })
	if whole {
		kept.Set("schema", list)
	}
	cs[0].Extensions = with(cs[0].Extensions, Kept, kept)
}

func keepObject(x, root *document.Value, c *contract.Contract) {
	want := x.Clone()
	want.Set("properties", nil)
	kept := want.Clone()
	shrink(kept, func() bool { return document.Equal(sayHead(kept, c, root, false), want) })
	if len(kept.Members) > 0 {
		c.Extensions = with(c.Extensions, KeptObject, kept)
	}
	for i, p := range x.Get("properties").Elements() {
		col := &c.Columns[i]
		place := 0
		for k, name := range c.Key {
			if name == col.Name {
				place = k + 1
			}
		}
		kept := p.Clone()
		mark(kept)
		shrink(kept, func() bool { return document.Equal(sayColumn(kept, col, place, len(c.Key), false), p) })
		if len(kept.Members) > 0 {
			col.Extensions = with(col.Extensions, Kept, kept)
		}
	}
}

// with sets a member of extensions.
func with(all json.RawMessage, name string, v *document.Value) json.RawMessage {
	out := start(document.FromJSON(all))
	out.Set(name, v)
	return document.Canonical(out)
}

// mark puts the mark of what is not said where a property has no logicalType.
func mark(p *document.Value) {
	if p.Get("logicalType") == nil {
		p.Set("logicalType", document.Of(unsaid))
	}
	if items := p.Get("items"); items.Is(document.Map) {
		mark(items)
	}
	for _, f := range p.Get("properties").Elements() {
		mark(f)
	}
}

// within are the members inside which headgate has words.
var within = map[string]bool{"logicalTypeOptions": true, "items": true, "properties": true, "quality": true, "customProperties": true,
	"team": true, "slaProperties": true}

// shrink takes out of v, from the end, whatever same holds without.
func shrink(v *document.Value, same func() bool) {
	for i := len(v.Members) - 1; i >= 0; i-- {
		all := v.Members
		v.Members = append(append([]document.Member{}, all[:i]...), all[i+1:]...)
		if same() {
			continue
		}
		v.Members = all
		if within[all[i].Name] {
			shrink(all[i].Value, same)
		}
	}
	for i := len(v.Items) - 1; i >= 0; i-- {
		all := v.Items
		v.Items = append(append([]*document.Value{}, all[:i]...), all[i+1:]...)
		if same() {
			continue
		}
		v.Items = all
		if all[i].Is(document.Map) {
			shrink(all[i], same)
		}
	}
}
