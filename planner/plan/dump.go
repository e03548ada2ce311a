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
		for _, r := range s.Reasons {
			fmt.Fprintf(&b, "    because %s: %s\n", r.Code, r.Text)
		}
		if s.Compat != nil {
			fmt.Fprintf(&b, "    compatibility %s: %s\n", s.Compat.Mode, s.Compat.Word)
			for _, c := range s.Compat.Changes {
				fmt.Fprintf(&b, "        %s backward %s, forward %s: %s\n", c.Rule, c.Backward.Verdict, c.Forward.Verdict, c.Sentence())
			}
		}
		for _, n := range s.Notes {
			fmt.Fprintf(&b, "    note %s\n", n)
		}
		if len(s.Needs) > 0 {
			fmt.Fprintf(&b, "    after %s\n", strings.Join(s.Needs, " "))
		}
	}
	return b.String()
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
