package lint

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/headgate-data/headgate/compiler"
	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
)

// facts is what all rules of a run share.
type facts struct {
	in      Input
	blocks  map[place]*lang.Block
	parents map[*lang.Block]*lang.Block
	queries map[addr.Address]compiler.Query
	uses    []Use
	readers map[addr.Address][]*program.Node
}

// place is where a block's header begins.
type place struct {
	file string
	byte int
}

func newFacts(in Input) *facts {
	f := &facts{in: in, blocks: map[place]*lang.Block{}, parents: map[*lang.Block]*lang.Block{},
		queries: map[addr.Address]compiler.Query{}, readers: map[addr.Address][]*program.Node{}}
	f.index(nil, in.Module.Blocks)
	for _, q := range in.Queries {
		f.queries[q.Model] = q
	}
	for _, n := range in.Program.Nodes {
		if n.Model == nil {
			continue
		}
		for _, t := range n.Model.Tables {
			if list := f.readers[t.Target]; !slices.Contains(list, n) {
				f.readers[t.Target] = append(list, n)
			}
		}
	}
	f.uses = usesOf(in.Module)
	return f
}

func (f *facts) index(parent *lang.Block, blocks []*lang.Block) {
	for _, b := range blocks {
		f.blocks[place{b.Range.Filename, b.Range.Start.Byte}] = b
		f.parents[b] = parent
		f.index(b, b.Blocks)
	}
}

// Pass is what a rule sees of a project, and where it reports what it finds.
type Pass struct {
	*facts
	rule     *Rule
	severity Severity
	found    []Finding
}

// Report notes a finding. The message says what is wrong with what stands there
// and what to do. The finding that is returned may be completed.
func (p *Pass) Report(at diag.Range, about addr.Address, format string, args ...any) *Finding {
	f := Finding{Rule: p.rule.ID, Severity: p.severity, Summary: p.rule.Summary, Message: fmt.Sprintf(format, args...), Range: at}
	if !about.IsZero() {
		f.Address = about.String()
	}
	p.found = append(p.found, f)
	return &p.found[len(p.found)-1]
}

// ReportColumn notes a finding about a column of a contract, at one of its
// attributes where that is written. What comes from a JSON Schema can be ignored by
// a comment before schema_file.
func (p *Pass) ReportColumn(n *program.Node, c *contract.Column, attr, format string, args ...any) *Finding {
	at, ok := c.Rules[attr]
	if !ok {
		at = c.Range
	}
	f := p.Report(at, n.Address, format, args...)
	if a := p.Attr(n.Contract.Range, "schema_file"); a != nil {
		f.Also = append(f.Also, a.Range)
	}
	return f
}

// Module returns the blocks as they are written.
func (p *Pass) Module() *lang.Module { return p.in.Module }

// Program returns the compiled project.
func (p *Pass) Program() *program.Program { return p.in.Program }

// Today returns the day, YYYY-MM-DD.
func (p *Pass) Today() string { return p.in.Today }

// Nodes returns the nodes that want takes, all for nil, by address.
func (p *Pass) Nodes(want func(*program.Node) bool) []*program.Node {
	var out []*program.Node
	for _, n := range p.in.Program.Nodes {
		if want == nil || want(n) {
			out = append(out, n)
		}
	}
	return out
}

// Contracts returns every version of every contract.
func (p *Pass) Contracts() []*program.Node {
	return p.Nodes(func(n *program.Node) bool { return n.Contract != nil })
}

// Pipelines returns the pipelines.
func (p *Pass) Pipelines() []*program.Node {
	return p.Nodes(func(n *program.Node) bool { return n.Pipeline != nil })
}

// Streams returns the streams of all pipelines.
func (p *Pass) Streams() []*program.Node {
	return p.Nodes(func(n *program.Node) bool { return n.Stream != nil })
}

// Models returns every version of every model.
func (p *Pass) Models() []*program.Node {
	return p.Nodes(func(n *program.Node) bool { return n.Model != nil })
}

// Contract returns the contract at an address, nil where there is none.
func (p *Pass) Contract(a addr.Address) *contract.Contract {
	if n, ok := p.in.Program.Lookup(a); ok && !a.IsZero() {
		return n.Contract
	}
	return nil
}

// Readers returns the models whose queries read a table.
func (p *Pass) Readers(a addr.Address) []*program.Node { return p.readers[a] }

// Query returns what a model's query shows; false where it was not typed.
func (p *Pass) Query(a addr.Address) (compiler.Query, bool) {
	q, ok := p.queries[a]
	return q, ok
}

// Block returns the block whose header stands at a place, nil where the place is
// no header: a column that comes from a JSON Schema has none.
func (p *Pass) Block(at diag.Range) *lang.Block {
	return p.blocks[place{at.Filename, at.Start.Byte}]
}

// Parent returns the block around a block, nil at the top level.
func (p *Pass) Parent(b *lang.Block) *lang.Block { return p.parents[b] }

// Attr returns an attribute of the block at a place, or of the block around it
// where it has none of its own: a version's, then the contract's. Nil for none.
func (p *Pass) Attr(at diag.Range, name string) *lang.Attr {
	b := p.Block(at)
	for ; b != nil; b = p.parents[b] {
		if a := b.Attr(name); a != nil {
			return a
		}
	}
	return nil
}

// At returns where the value of an attribute is written, else the place itself.
func (p *Pass) At(at diag.Range, name string) diag.Range {
	if a := p.Attr(at, name); a != nil {
		return a.ExprRange
	}
	return at
}

// Uses returns the references of the module.
func (p *Pass) Uses() []Use { return p.uses }

func compareFindings(a, b Finding) int {
	return cmp.Or(
		cmp.Compare(placed(a.Range), placed(b.Range)),
		cmp.Compare(a.Range.Filename, b.Range.Filename),
		cmp.Compare(a.Range.Start.Byte, b.Range.Start.Byte),
		cmp.Compare(a.Range.End.Byte, b.Range.End.Byte),
		cmp.Compare(b.Severity, a.Severity),
		cmp.Compare(a.Rule, b.Rule),
		cmp.Compare(a.Message, b.Message),
	)
}

// placed sorts findings without a place last.
func placed(r diag.Range) int {
	if r.IsZero() {
		return 1
	}
	return 0
}
