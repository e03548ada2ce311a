package planner_test

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/internal/golden"
	"github.com/headgate-data/headgate/lang/diag"
	"github.com/headgate-data/headgate/planner"
	"github.com/headgate-data/headgate/planner/plan"
	"github.com/headgate-data/headgate/planner/state"
)

// TestPlans runs the archives of testdata/plan. The section "edits" changes the
// shop after it was applied, one command a line:
//
//	set ADDRESS MEMBER[.MEMBER...] JSON    delete ADDRESS    copy ADDRESS TO
//	live STREAM new|grown|rewritten|gone PATH BYTES          fail STEP
//	option target|exclude|replace|run ADDRESS                offline
//	stand ADDRESS MEMBER JSON, wanted ADDRESS MEMBER JSON    look
//	refused TABLE JSON                     (the answer about the rows that stand there)
//	moved|rename FROM TO    removed ADDRESS keep|drop    import ADDRESS TABLE    table ADDRESS JSON
//	unapplied                              (start from an empty state)
func TestPlans(t *testing.T) {
	golden.Dir(t, "testdata/plan/*.txtar", func(t *testing.T, a *golden.Archive) {
		c := newCase(t)
		for _, line := range strings.Split(string(a.Bytes(t, "edits")), "\n") {
			c.edit(strings.TrimSpace(line))
		}
		p, diags := c.build()
		a.Compare(t, "want", []byte(plan.Dump(p)+dumpDiags(diags)))
		if again, _ := c.build(); plan.Dump(again) != plan.Dump(p) {
			t.Error("the same input gave another plan")
		}
		if diags.HasErrors() || c.opts.RunsOnly {
			return
		}
		after := apply(t, p, c.prior, c.fail...)
		c.look(after)
		c.prior, c.opts.Replace = after, nil
		next, _ := c.build()
		if len(c.fail) > 0 {
			a.Compare(t, "want-next", []byte(plan.Dump(next)))
			next, _ = c.buildFrom(apply(t, next, after))
		}
		if next.ChangesDefinition() {
			t.Errorf("after apply the plan is not empty:\n%s", plan.Dump(next))
		}
	})
}

func dumpDiags(diags diag.Diagnostics) string {
	var b strings.Builder
	for _, d := range diags.Sorted() {
		fmt.Fprintf(&b, "%s %s %s %s\n", d.Severity, d.Code, d.Address, d.Detail)
	}
	return b.String()
}

// planCase is the shop, the state after it was applied, and what a case changed.
type planCase struct {
	t     *testing.T
	p     *program.Program
	prior *state.Snapshot
	opts  planner.Options
	fail  []string
}

func newCase(t *testing.T) *planCase {
	t.Helper()
	c := &planCase{t: t, p: shop(t)}
	first, diags := planner.Build(c.p, nil, planner.Options{})
	if err := diags.Err(); err != nil {
		t.Fatal(err)
	}
	c.prior = apply(t, first, &state.Snapshot{})
	c.look(c.prior)
	return c
}

// look answers every question with "nothing waits" and "as it was applied".
func (c *planCase) look(s *state.Snapshot) {
	s.Live = &state.Live{Files: map[string]state.FilesWaiting{}, Tables: map[string]state.LiveTable{}, Wanted: map[string]state.LiveTable{},
		Imports: map[string]state.Importable{}}
	for _, q := range planner.Questions(c.p, s, c.opts) {
		switch q := q.(type) {
		case *plan.AskFiles:
			s.Live.Files[q.Stream.String()] = state.FilesWaiting{}
		case *plan.AskTable:
			into := s.Live.Tables
			if q.Wanted {
				into = s.Live.Wanted
			}
			into[q.Address.String()] = c.stands(q, s)
		}
	}
}

func (c *planCase) build() (*plan.Plan, diag.Diagnostics) { return c.buildFrom(c.prior) }

func (c *planCase) buildFrom(prior *state.Snapshot) (*plan.Plan, diag.Diagnostics) {
	if c.opts.RunsOnly {
		p, diags := planner.ProgramFromState(prior)
		out, more := planner.Build(p, prior, c.opts)
		return out, append(diags, more...)
	}
	return planner.Build(c.p, prior, c.opts)
}

func (c *planCase) edit(line string) {
	word := strings.SplitN(line, " ", 4)
	if word[0] == "table" {
		word = strings.SplitN(line, " ", 3)
	}
	switch word[0] {
	case "", "#":
	case "set":
		c.set(word[1], word[2], word[3])
	case "delete":
		c.remove(word[1])
	case "copy":
		c.copy(word[1], word[2])
	case "unapplied":
		c.prior = &state.Snapshot{}
	case "offline":
		c.prior.Live = nil
	case "look": // again, after the shop was changed
		c.look(c.prior)
	case "stand":
		c.stand(c.prior.Live.Tables, word[1], word[2], word[3])
	case "wanted":
		c.stand(c.prior.Live.Wanted, word[1], word[2], word[3])
	case "lose": // the state never knew it
		delete(c.prior.Nodes, word[1])
	case "publish": // a run of another process brought rows
		c.prior.Nodes[word[1]].Data.Version++
	case "fail":
		c.fail = append(c.fail, word[1])
	case "refused":
		c.refused(word[1], strings.Join(word[2:], " "))
	case "live":
		c.live(word[1], word[2], strings.Fields(word[3]))
	case "option":
		c.option(word[1:])
	case "moved", "rename":
		c.moved(word[0] == "rename", word[1], word[2])
	case "removed":
		c.p.Removals = append(c.p.Removals, program.Removal{From: address(c.t, word[1]), KeepData: word[2] == "keep"})
	case "import":
		schema, table, _ := strings.Cut(word[2], ".")
		c.p.Imports = append(c.p.Imports, program.Import{To: address(c.t, word[1]), Schema: schema, Table: table})
	case "table": // what stands there, as JSON
		var found state.Importable
		if err := json.Unmarshal([]byte(word[2]), &found); err != nil {
			c.t.Fatal(err)
		}
		c.prior.Live.Imports[word[1]] = found
	default:
		c.t.Fatalf("no such edit: %s", line)
	}
}

// moved adds a moved block; with rename it gives everything in the program its new
// address first.
func (c *planCase) moved(rename bool, from, to string) {
	c.t.Helper()
	column := func(s string) (string, string) {
		a, name, _ := strings.Cut(s, ".column.")
		return a, name
	}
	var m program.Move
	f, fc := column(from)
	t, tc := column(to)
	m.From, m.FromColumn, m.To, m.ToColumn = address(c.t, f), fc, address(c.t, t), tc
	c.p.Moves = append(c.p.Moves, m)
	program.SortMoves(c.p.Moves)
	if !rename {
		return
	}
	var moved []state.Moved
	for _, n := range c.p.Nodes {
		if m.Covers(n.Address) {
			moved = append(moved, state.Moved{From: n.Address, To: m.Apply(n.Address)})
		}
	}
	r := state.NewRenaming(moved, nil)
	for i, n := range c.p.Nodes {
		next, _ := r.Node(&state.Node{Definition: n})
		c.p.Nodes[i] = next.Definition
	}
	sortProgram(c.p)
	for key, f := range c.prior.Live.Files { // the questions speak of the new addresses
		if a := address(c.t, key); r.Address(a) != a {
			c.prior.Live.Files[r.Address(a).String()] = f
		}
	}
}

func (c *planCase) option(word []string) {
	var list = &c.opts.Run
	switch word[0] {
	case "target":
		list = &c.opts.Targets
	case "exclude":
		list = &c.opts.Excludes
	case "replace":
		list = &c.opts.Replace
	default:
		c.opts.RunsOnly = true
	}
	if len(word) > 1 {
		*list = append(*list, address(c.t, word[1]))
	}
}

func (c *planCase) live(stream, how string, file []string) {
	f := c.prior.Live.Files[stream]
	info := state.FileInfo{Path: file[0]}
	if len(file) > 1 {
		info.Bytes, _ = strconv.ParseInt(file[1], 10, 64)
	}
	switch how {
	case "new":
		f.New = append(f.New, info)
	case "grown":
		f.Grown = append(f.Grown, info)
	case "rewritten":
		f.Rewritten = append(f.Rewritten, info)
	case "gone":
		f.Gone = append(f.Gone, info.Path)
	case "error":
		f.Error = info.Path
	}
	c.prior.Live.Files[stream] = f
}

// set changes a member of a node through its JSON.
func (c *planCase) set(address, path, value string) {
	c.t.Helper()
	n := c.find(address)
	b, err := json.Marshal(n)
	if err != nil {
		c.t.Fatal(err)
	}
	var tree any
	if err := json.Unmarshal(b, &tree); err != nil {
		c.t.Fatal(err)
	}
	var v any
	if err := json.Unmarshal([]byte(value), &v); err != nil {
		c.t.Fatalf("%s: %v", value, err)
	}
	setMember(tree, strings.Split(path, "."), v)
	if b, err = json.Marshal(tree); err != nil {
		c.t.Fatal(err)
	}
	changed := &program.Node{}
	if err := json.Unmarshal(b, changed); err != nil {
		c.t.Fatal(err)
	}
	*n = *changed
	if n.Environment != nil {
		c.p.Environment = *n.Environment
	}
	sortProgram(c.p)
}

func setMember(tree any, path []string, v any) {
	switch x := tree.(type) {
	case map[string]any:
		if len(path) == 1 {
			x[path[0]] = v
			return
		}
		if x[path[0]] == nil {
			x[path[0]] = map[string]any{}
		}
		setMember(x[path[0]], path[1:], v)
	case []any:
		i, _ := strconv.Atoi(path[0])
		if len(path) == 1 {
			x[i] = v
			return
		}
		setMember(x[i], path[1:], v)
	}
}

func (c *planCase) find(address string) *program.Node {
	c.t.Helper()
	for _, n := range c.p.Nodes {
		if n.Address.String() == address {
			return n
		}
	}
	c.t.Fatalf("there is no %s", address)
	return nil
}

func (c *planCase) remove(address string) {
	n := c.find(address)
	for i := range c.p.Nodes {
		if c.p.Nodes[i] == n {
			c.p.Nodes = append(c.p.Nodes[:i], c.p.Nodes[i+1:]...)
			return
		}
	}
}

func (c *planCase) copy(from, to string) {
	copied := *c.find(from)
	copied.Address = address(c.t, to)
	c.p.Nodes = append(c.p.Nodes, &copied)
	sortProgram(c.p)
	c.set(to, "range.filename", `"other.gate.hcl"`)
}

// TestTheShopIsAppliedWhole looks at what every case starts from.
func TestTheShopIsAppliedWhole(t *testing.T) {
	c := newCase(t)
	if len(c.prior.Nodes) != len(c.p.Nodes) {
		t.Errorf("%d nodes were applied, the program has %d", len(c.prior.Nodes), len(c.p.Nodes))
	}
	fromState, diags := planner.ProgramFromState(c.prior)
	if len(diags) > 0 {
		t.Error(dumpDiags(diags))
	}
	want, _ := json.MarshalIndent(c.p.Nodes, "", " ")
	got, _ := json.MarshalIndent(fromState.Nodes, "", " ")
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("the program put together from the state differs (-want +got):\n%s", d)
	}
}
