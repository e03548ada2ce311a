package plan

import (
	"fmt"
	"strings"
)

// Dump writes the plan's steps as stable text, for tests and for a look: a line
// for each step, its changes, reasons, notes, alters and needs below it.
func Dump(p *Plan) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s/%s at %d\n", p.Project, p.Environment, p.DefinitionSerial)
	for _, s := range p.Steps {
		fmt.Fprintf(&b, "%s %s: %s\n", s.Action.Symbol(), s.ID, dumpOp(s.Do))
		for _, c := range s.Changes {
			fmt.Fprintf(&b, "    %s %s: %s -> %s", c.Action.Symbol(), c.Path, dumpValue(c.Old), dumpValue(c.New))
			if c.Forces {
				b.WriteString(" # forces replacement")
			}
			b.WriteByte('\n')
		}
		b.WriteString(dumpDrift(s))
		for _, r := range s.Reasons {
			fmt.Fprintf(&b, "    because %s: %s\n", r.Code, r.Text)
		}
		if s.Compat != nil {
			fmt.Fprintf(&b, "    compatibility %s: %s\n", s.Compat.Mode, s.Compat.Word)
			for _, c := range s.Compat.Changes {
				fmt.Fprintf(&b, "        %s backward %s, forward %s: %s\n", c.Rule, c.Backward.Verdict, c.Forward.Verdict, c.Sentence())
			}
		}
		for _, i := range s.Impact {
			b.WriteString(dumpImpact(i))
		}
		for _, n := range s.Notes {
			fmt.Fprintf(&b, "    note %s\n", n)
		}
		for _, r := range s.Downstream {
			fmt.Fprintf(&b, "    reaches %s\n", dumpReach(r))
		}
		if len(s.Needs) > 0 {
			fmt.Fprintf(&b, "    after %s\n", strings.Join(s.Needs, " "))
		}
	}
	for _, u := range p.Unseen {
		fmt.Fprintf(&b, "unseen %s: %s\n", u.Address, u.Why)
	}
	return b.String()
}

// dumpDrift writes a step's drift and what it expects of its table.
func dumpDrift(s *Step) string {
	var b strings.Builder
	if s.Expects != nil {
		b.WriteString("    expects")
		for _, c := range s.Expects.Columns {
			fmt.Fprintf(&b, " %s:%s", c.Name, c.Type)
		}
		if s.Expects.Open {
			b.WriteString(" and others")
		}
		b.WriteByte('\n')
	}
	if s.Drift == nil {
		return b.String()
	}
	for _, c := range s.Drift.Changes {
		fmt.Fprintf(&b, "    drift %s %s: %s -> %s\n", c.Action.Symbol(), c.Path, dumpValue(c.Old), dumpValue(c.New))
	}
	for _, r := range s.Drift.Reasons {
		fmt.Fprintf(&b, "    drift because %s: %s\n", r.Code, r.Text)
	}
	for _, m := range s.Drift.Mends {
		fmt.Fprintf(&b, "    mends %s\n", m)
	}
	return b.String()
}

func dumpReach(r Reach) string {
	out := fmt.Sprintf("%s, %s, %s:", r.Address, r.Then, r.Verdict)
	for _, read := range r.Reads {
		out += " " + strings.Join(read.Columns, ",") + " of " + read.Of.String()
	}
	if len(r.Columns) > 0 {
		out += " as " + strings.Join(r.Columns, ",")
	}
	if r.Rows {
		out += " by rows"
	}
	for _, why := range r.Opaque {
		out += " (opaque: " + why + ")"
	}
	for _, why := range r.Why {
		out += "; " + why
	}
	return out
}

func dumpValue(s *string) string {
	if s == nil {
		return "(none)"
	}
	return strings.ReplaceAll(*s, "\n", `\n`)
}

func dumpOp(o Op) string {
	out := OpKind(o)
	switch op := o.(type) {
	case *PrepareStream:
		if op.Fresh {
			out += " fresh"
		}
		if op.RenamedFrom != "" {
			out += " renamed_from=" + op.RenamedFrom
		}
		for _, a := range op.Alters {
			out += fmt.Sprintf(" [%s %s %s %s]", a.Kind, a.Column, a.From, a.Type)
		}
	case *RunPipeline:
		for _, a := range op.Streams {
			out += " " + a.String()
		}
	case *BuildModel:
		if op.IfInputsChanged {
			out += " if_inputs_changed"
		}
	case *Retire:
		out += " in " + op.To.Address.String()
	case *Release:
		out += " in " + op.To.Address.String()
	case *Adopt:
		out += " " + op.Schema + "." + op.Table
	case *Move:
		for _, m := range op.Moved {
			out += fmt.Sprintf(" [%s -> %s]", m.From, m.To)
		}
		for _, n := range op.Names {
			out += fmt.Sprintf(" named %s as %s.%s", n.Of, n.Schema, n.Table)
		}
		for _, s := range op.Streams {
			out += fmt.Sprintf(" source stream %s -> %s", s.From, s.To)
		}
		if op.In != nil {
			out += " in " + op.In.Address.String()
		}
	}
	return out
}

func dumpImpact(i *Impact) string {
	var b strings.Builder
	fmt.Fprintf(&b, "    impact on %s (%s) by %s: %d of %d rows", i.Table, i.Name, i.Contract, i.Refused.About, i.Rows)
	if i.Sampled > 0 {
		fmt.Fprintf(&b, ", %d to %d, %d sampled", i.Refused.Low, i.Refused.High, i.Sampled)
	}
	if i.Open != "" {
		fmt.Fprintf(&b, ", open: %s", i.Open)
	}
	b.WriteString("\n        asked")
	for _, r := range i.Asked {
		fmt.Fprintf(&b, " %s(%s)", r.Rule, r.Kind)
	}
	for _, r := range i.Rules {
		fmt.Fprintf(&b, "\n        %s(%s) %d", r.Rule, r.Kind, r.About)
	}
	for _, n := range i.NotCounted {
		fmt.Fprintf(&b, "\n        not counted %s: %s", n.Rule, n.Why)
	}
	fmt.Fprintf(&b, "\n        %s: %s\n", i.Fate, i.Then)
	return b.String()
}
