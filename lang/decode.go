package lang

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/headgate-data/headgate/lang/diag"
	"github.com/headgate-data/headgate/lang/schema"
)

// decoder holds raw bodies against the description of the language. One decoder
// reads all files of a project, one after another.
type decoder struct {
	diags   diag.Diagnostics
	leftOut []*Block // top-level blocks that were reported and dropped
	// broken is set while the current file has syntax errors: what it lacks may have
	// been lost with them, and is not reported.
	broken bool
}

// scope is what repeats are looked for in: the blocks of one body, or those of
// all files at the top level.
type scope map[string]*Block

// body reads what stands in one body into out. header is where a missing
// attribute is reported.
func (d *decoder) body(spec *schema.Block, raw rawBody, out *Block, seen scope) {
	attrs, blocks := raw.read(d, spec)
	out.Attrs = make(map[string]*Attr, len(attrs))
	version := inlineOf(spec, blocks)
	meant := map[string]bool{}
	for _, a := range attrs {
		if d.attr(spec, a, out, version); out.Attrs[a.Name] == nil {
			near, _ := diag.Nearest(a.Name, spec.AttrNames())
			meant[near], meant[a.Name] = true, true
		}
	}
	for i := range blocks {
		if b := d.block(spec, &blocks[i], seen, version); b != nil {
			out.Blocks = append(out.Blocks, b)
		}
	}
	d.missing(spec.Attrs, out, meant)
	if spec.Inline != nil && version == nil {
		d.missing(spec.Inline.Attrs, out, meant)
	}
}

// inlineOf returns the first nested block that takes over from the body's inline
// content, or nil where that content may stand in the body itself.
func inlineOf(spec *schema.Block, blocks []rawBlock) *rawBlock {
	if spec.Inline == nil {
		return nil
	}
	for i := range blocks {
		if blocks[i].typ == spec.Inline.Type {
			return &blocks[i]
		}
	}
	return nil
}

// missing reports the required attributes that out lacks, but for those that were
// probably meant by one that is reported already.
func (d *decoder) missing(attrs []schema.Attr, out *Block, meant map[string]bool) {
	if d.broken {
		return
	}
	for i := range attrs {
		a := &attrs[i]
		if a.Required && out.Attrs[a.Name] == nil && !meant[a.Name] {
			d.diags.Add(diag.New(diag.MissingRequired, "%s needs %s: %s", title(out.Type, out.Labels), a.Name, lowerFirst(a.Doc)).At(out.Range))
		}
	}
}

// attr checks one attribute and puts it into out. version is the first version
// block where there is one.
func (d *decoder) attr(spec *schema.Block, a *Attr, out *Block, version *rawBlock) {
	if spec.AnyAttr {
		if !hclsyntax.ValidIdentifier(a.Name) {
			d.diags.Add(diag.New(diag.BadLabel, "%q is not a name: a letter or underscore must come first, then letters, digits, underscores and dashes.", a.Name).At(a.NameRange))
			return
		}
		out.Attrs[a.Name] = a
		return
	}
	known, ok := spec.Attr(a.Name)
	switch {
	case !ok:
		d.unknownAttr(spec, a)
	case known.Later != "":
		d.diags.Add(diag.New(diag.NotBuiltYet, "%s", known.Later).At(a.NameRange))
	case version != nil && !spec.Own(a.Name):
		d.besideVersion(spec, a.Name, a.NameRange, version)
	default:
		a.Spec = known
		out.Attrs[a.Name] = a
	}
}

func (d *decoder) unknownAttr(spec *schema.Block, a *Attr) {
	if _, isBlock := spec.Block(a.Name); isBlock {
		d.diags.Add(diag.New(diag.BlockOrAttr, "%s is a block: write it without the equals sign, as %s { ... }.", a.Name, a.Name).At(a.NameRange))
		return
	}
	if spec.Type == "" {
		d.diags.Add(diag.New(diag.UnknownAttribute, "Outside of blocks no attribute can stand. A value with a name belongs into locals { %s = ... }.", a.Name).At(a.NameRange))
		return
	}
	d.diags.Add(diag.New(diag.UnknownAttribute, "%s block takes no attribute %q.%s", article(kind(spec)), a.Name, diag.DidYouMean(a.Name, spec.AttrNames())).At(a.NameRange))
}

// besideVersion reports content of a version that stands next to version blocks.
func (d *decoder) besideVersion(spec *schema.Block, name string, at diag.Range, version *rawBlock) {
	out := diag.New(diag.InlineAndBlock, "This %s has version blocks: %s belongs inside one of them.", spec.Type, name).At(at)
	out.Related = []diag.Related{{Message: "a version block stands here", Range: version.header}}
	d.diags.Add(out)
}

// block checks one nested block; nil where it was reported and is to be left out.
func (d *decoder) block(parent *schema.Block, raw *rawBlock, seen scope, version *rawBlock) *Block {
	b, spec := d.shape(parent, raw, version)
	if spec == nil {
		d.drop(parent, raw, raw.typ)
		return nil
	}
	if b != nil && spec.Max > 0 && !d.first(spec, b, seen) {
		b = nil
	}
	body := b
	if b == nil { // its content is checked all the same
		body = &Block{Type: raw.typ, Labels: raw.labels, Range: raw.header}
	}
	d.body(spec, raw.body, body, scope{})
	if b == nil {
		d.drop(parent, raw, raw.typ)
	}
	return b
}

// drop remembers a top-level block that is left out.
func (d *decoder) drop(parent *schema.Block, raw *rawBlock, typ string) {
	if parent.Type != "" {
		return
	}
	if _, ok := parent.Block(typ); !ok {
		if near, ok := diag.Nearest(typ, parent.BlockNames()); ok {
			typ = near
		}
	}
	d.leftOut = append(d.leftOut, &Block{Type: typ, Labels: raw.labels, LabelRanges: raw.labelRanges, Range: raw.header, Body: raw.whole})
}

// shape finds the description that a block's type and labels choose. The
// description is nil where the body cannot be read, the block is nil where it is
// to be left out.
func (d *decoder) shape(parent *schema.Block, raw *rawBlock, version *rawBlock) (*Block, *schema.Block) {
	spec, ok := parent.Block(raw.typ)
	switch {
	case !ok:
		d.unknownBlock(parent, raw)
		return nil, nil
	case spec.Later != "":
		d.diags.Add(diag.New(diag.NotBuiltYet, "%s", spec.Later).At(raw.header))
		return nil, nil
	case version != nil && !parent.Own(raw.typ):
		d.besideVersion(parent, raw.typ, raw.typeRange, version)
		return nil, spec
	}
	usable := d.labels(spec, raw)
	if len(spec.Variants) > 0 {
		if len(raw.labels) == 0 {
			return nil, nil
		}
		chosen, ok := spec.Select(raw.labels[0])
		switch {
		case !ok && !usable:
			return nil, nil
		case !ok:
			d.diags.Add(diag.New(diag.UnknownVariant, "There is no %s of type %q: the types are %s.%s", raw.typ, raw.labels[0],
				strings.Join(variantNames(spec), ", "), diag.DidYouMean(raw.labels[0], variantNames(spec))).At(raw.labelRanges[0]))
			return nil, nil
		case chosen.Later != "":
			d.diags.Add(diag.New(diag.NotBuiltYet, "%s", chosen.Later).At(raw.header))
			return nil, nil
		}
		spec = chosen
	}
	if !usable {
		return nil, spec
	}
	return &Block{Spec: spec, Type: raw.typ, Labels: raw.labels, LabelRanges: raw.labelRanges, Range: raw.header, Body: raw.whole}, spec
}

func (d *decoder) unknownBlock(parent *schema.Block, raw *rawBlock) {
	if a, isAttr := parent.Attr(raw.typ); isAttr {
		d.diags.Add(diag.New(diag.BlockOrAttr, "%s is an attribute: write it with an equals sign, as %s = ....", a.Name, a.Name).At(raw.typeRange))
		return
	}
	where := "At the top level of a file there is no block"
	if parent.Type != "" {
		where = article(kind(parent)) + " block holds no block"
	}
	d.diags.Add(diag.New(diag.UnknownBlock, "%s %q.%s", where, raw.typ, diag.DidYouMean(raw.typ, parent.BlockNames())).At(raw.typeRange))
}

// versionLabel is a positive whole number that fits any integer.
var versionLabel = regexp.MustCompile(`^[1-9][0-9]{0,8}$`)

// labels checks the number and form of a block's labels.
func (d *decoder) labels(spec *schema.Block, raw *rawBlock) bool {
	if len(raw.labels) != len(spec.Labels) {
		d.diags.Add(diag.New(diag.WrongLabels, "%s; here are %d.", labelsWanted(spec), len(raw.labels)).At(raw.header))
		return false
	}
	usable := true
	for i, label := range raw.labels {
		var fault string
		switch {
		case label == "":
			fault = "The " + spec.Labels[i] + " of " + spec.Type + " is empty."
		case spec.Labels[i] == schema.NameLabel && !hclsyntax.ValidIdentifier(label):
			fault = fmt.Sprintf("%q is not a name: a letter or underscore must come first, then letters, digits, underscores and dashes.", label)
		case spec.Labels[i] == schema.VersionLabel && !versionLabel.MatchString(label):
			fault = fmt.Sprintf("%q is not a version: versions are positive whole numbers such as \"1\", without leading zeros.", label)
		}
		if fault != "" {
			d.diags.Add(diag.New(diag.BadLabel, "%s", fault).At(raw.labelRanges[i]))
			usable = false
		}
	}
	return usable
}

// first reports whether b is the first of its type and labels in its scope, and
// complains where it is not. A label that chooses a variant is no part of a name.
func (d *decoder) first(spec *schema.Block, b *Block, seen scope) bool {
	labels := b.Labels
	if spec.Variant != "" {
		labels = labels[1:]
	}
	key := fmt.Sprintf("%s %q", b.Type, labels)
	before := seen[key]
	if before == nil {
		seen[key] = b
		return true
	}
	out := diag.New(diag.RepeatedBlock, "%s stands at %s:%d already.", title(b.Type, labels), before.Range.Filename, before.Range.Start.Line).At(b.Range)
	out.Related = []diag.Related{{Message: "first declared here", Range: before.Range}}
	d.diags.Add(out)
	return false
}

func variantNames(spec *schema.Block) []string {
	out := make([]string, len(spec.Variants))
	for i := range spec.Variants {
		out[i] = spec.Variants[i].Variant
	}
	return out
}

// labelsWanted says which labels a block takes.
func labelsWanted(spec *schema.Block) string {
	switch len(spec.Labels) {
	case 0:
		return article(spec.Type) + " block takes no label"
	case 1:
		return article(spec.Type) + " block takes one label, its " + spec.Labels[0]
	}
	return fmt.Sprintf("%s block takes %d labels, its %s", article(spec.Type), len(spec.Labels), strings.Join(spec.Labels, " and its "))
}

// kind names a block's type, with the variant where it has one.
func kind(spec *schema.Block) string {
	if spec.Variant != "" {
		return spec.Type + " " + fmt.Sprintf("%q", spec.Variant)
	}
	return spec.Type
}

// title names a block with its labels, as they are written.
func title(typ string, labels []string) string {
	out := typ
	for _, l := range labels {
		out += fmt.Sprintf(" %q", l)
	}
	return out
}

// article puts "A" or "An" in front of a word.
func article(word string) string {
	if word != "" && slices.Contains([]byte("aeiou"), word[0]) {
		return "An " + word
	}
	return "A " + word
}

// lowerFirst makes a sentence go on after a colon, unless it begins with an
// abbreviation.
func lowerFirst(s string) string {
	if len(s) > 1 && s[0] >= 'A' && s[0] <= 'Z' && s[1] >= 'a' && s[1] <= 'z' {
		return string(s[0]+'a'-'A') + s[1:]
	}
	return s
}
