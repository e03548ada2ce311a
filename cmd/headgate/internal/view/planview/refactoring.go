package planview

import (
	"fmt"
	"strings"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view/draw"
	"github.com/headgate-data/headgate/planner/plan"
)

// refactored says in words what a moved, removed or import block does to an
// address, "" for everything else.
func refactored(a Action) string {
	switch a.Does {
	case "move":
		return "has moved here from " + a.MovedFrom + a.withElements()
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
		return a.MovedFrom + " has moved to " + a.Address + a.withElements()
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

// fewElements is the number of elements of one block up to which each move is drawn by
// itself.
const fewElements = 2

// listed are the planned actions as they are drawn: moves of the elements of one block
// that say the same stand as one.
func (v Plan) listed() []Action {
	var out []Action
	list := v.planned()
	for i := 0; i < len(list); {
		n := 1
		for i+n < len(list) && list[i].movesLike(list[i+n]) {
			n++
		}
		if n <= fewElements {
			out = append(out, list[i:i+n]...)
			i += n
			continue
		}
		all := list[i]
		for _, a := range list[i : i+n] {
			_, key, _ := element(a.Address)
			all.elements = append(all.elements, key)
		}
		all.Address, _, _ = element(all.Address)
		all.MovedFrom, _, _ = element(all.MovedFrom)
		out = append(out, all)
		i += n
	}
	return out
}

// movesLike reports whether two actions move elements of one block in the same way.
func (a Action) movesLike(b Action) bool {
	if a.Does != "move" || b.Does != "move" {
		return false
	}
	reason := func(a Action) string {
		var out []string
		for _, r := range a.Reasons {
			out = append(out, r.Text)
		}
		return strings.Join(append(out, a.Notes...), "\n")
	}
	fromA, keyA, okA := element(a.MovedFrom)
	fromB, keyB, okB := element(b.MovedFrom)
	toA, newA, okC := element(a.Address)
	toB, newB, okD := element(b.Address)
	return okA && okB && okC && okD && fromA == fromB && toA == toB && keyA == newA && keyB == newB && reason(a) == reason(b)
}

// element parts the address of an element from its key; ok is false for all others.
func element(address string) (block, key string, ok bool) {
	at := strings.IndexByte(address, '[')
	if at < 0 || !strings.HasSuffix(address, "]") {
		return address, "", false
	}
	return address[:at], strings.Trim(address[at+1:len(address)-1], `"`), true
}

// withElements counts the elements of a block that moves as a whole.
func (a Action) withElements() string {
	if len(a.elements) == 0 {
		return ""
	}
	return ", with its " + draw.Plural(int64(len(a.elements)), "element")
}

// someElements names the first elements and the last.
func (a Action) someElements() string {
	const most = 8
	if len(a.elements) <= most {
		return strings.Join(a.elements, ", ")
	}
	return strings.Join(a.elements[:most-1], ", ") + ", … " + a.elements[len(a.elements)-1]
}
