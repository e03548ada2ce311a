package planview

import (
	"fmt"

	"github.com/headgate-data/headgate/planner/plan"
)

// refactored says in words what a moved, removed or import block does to an
// address, "" for everything else.
func refactored(a Action) string {
	switch a.Does {
	case "move":
		return "has moved here from " + a.MovedFrom
	case "adopt":
		return "will be imported"
	case "release":
		return "will be forgotten; what it published stays"
	}
	return ""
}

// title is the line above an action.
func (a Action) title() string {
	if a.Does == "move" {
		return a.MovedFrom + " has moved to " + a.Address
	}
	return a.Address + " " + what(a)
}

// movedFrom is the address that a step gives another one, "" for all other steps.
func movedFrom(s *plan.Step) string {
	if op, ok := s.Do.(*plan.Move); ok {
		return op.From.String()
	}
	return ""
}

// forgotten is the part of the sentence about what is let go.
func (s Summary) forgotten() string {
	if s.Forget == 0 {
		return ""
	}
	return fmt.Sprintf(", %d to forget", s.Forget)
}
