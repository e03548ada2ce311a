package sqlcheck

import (
	"slices"
	"strings"

	"github.com/headgate-data/headgate/compiler/types"
)

// Column is a column of a table or of a result. Type is Invalid where it could
// not be worked out.
type Column struct {
	Name     string
	Type     types.Type
	Nullable bool
}

// source is one named relation of a FROM clause.
type source struct {
	alias  string
	cols   []Column
	hidden []bool // merged away by USING; still there under its qualifier
	opaque bool   // its columns are not known
}

// scope is what names can mean at one place of a query.
type scope struct {
	sources []*source
	aliases map[string]Column // of the select list, lower case
	up      *scope
}

// resolve finds the column that a reference names: [column] or [relation, column]
// (further names in front are schema and catalog).
func (s *scope) resolve(names []string) (Column, bool) {
	for at := s; at != nil; at = at.up {
		if c, ok := at.here(names); ok {
			return c, true
		}
	}
	return Column{Nullable: true}, false
}

func (s *scope) here(names []string) (Column, bool) {
	last := names[len(names)-1]
	if len(names) == 1 {
		for _, src := range s.sources {
			if i := src.find(last); i >= 0 && !src.isHidden(i) {
				return src.cols[i], true
			}
		}
		c, ok := s.aliases[strings.ToLower(last)]
		return c, ok
	}
	qualifier := names[len(names)-2]
	for _, src := range s.sources {
		if strings.EqualFold(src.alias, qualifier) {
			if i := src.find(last); i >= 0 {
				return src.cols[i], true
			}
		}
	}
	// A struct's field: the type is unknown, and it can be null.
	return Column{Nullable: true}, false
}

func (s *source) find(name string) int {
	return slices.IndexFunc(s.cols, func(c Column) bool { return strings.EqualFold(c.Name, name) })
}

func (s *source) isHidden(i int) bool { return i < len(s.hidden) && s.hidden[i] }

func (s *source) hide(i int) {
	if s.hidden == nil {
		s.hidden = make([]bool, len(s.cols))
	}
	s.hidden[i] = true
}

// loosen makes every column of the sources nullable: the side of an outer join
// that may be missing.
func loosen(list []*source) {
	for _, s := range list {
		for i := range s.cols {
			s.cols[i].Nullable = true
		}
	}
}

// tighten marks the columns that a condition cannot hold for when they are null.
// Only the conjuncts of the condition count.
func (s *scope) tighten(e *expr) {
	if e == nil {
		return
	}
	if e.Type == "CONJUNCTION_AND" {
		for _, x := range e.Children {
			s.tighten(x)
		}
		return
	}
	var strict []*expr // operands that a true condition needs to be not null
	switch {
	case e.Type == "OPERATOR_IS_NOT_NULL":
		strict = e.Children
	case e.Class == "COMPARISON" && e.Type != "COMPARE_NOT_DISTINCT_FROM" && e.Type != "COMPARE_DISTINCT_FROM":
		strict = []*expr{e.Left, e.Right}
	case e.Class == "BETWEEN":
		strict = []*expr{e.Input, e.Lower, e.Upper}
	case e.Type == "COMPARE_IN" && len(e.Children) > 0:
		strict = e.Children[:1]
	case e.Class == "FUNCTION" && likeFunctions[e.Function]:
		strict = e.Children
	case e.Class == "COLUMN_REF":
		strict = []*expr{e}
	}
	for _, x := range strict {
		s.mark(x)
	}
}

// mark notes that the columns an expression depends on strictly are not null.
func (s *scope) mark(e *expr) {
	switch {
	case e == nil:
	case e.Class == "COLUMN_REF":
		for _, src := range s.sources {
			if len(e.Names) > 1 && !strings.EqualFold(src.alias, e.Names[len(e.Names)-2]) {
				continue
			}
			if i := src.find(e.Names[len(e.Names)-1]); i >= 0 && (len(e.Names) > 1 || !src.isHidden(i)) {
				src.cols[i].Nullable = false
				return
			}
		}
	case e.Class == "CAST" && !e.TryCast:
		s.mark(e.Child)
	case e.Class == "FUNCTION" && e.IsOperator && arithmetic[e.Function]:
		for _, x := range e.Children {
			s.mark(x)
		}
	}
}

var likeFunctions = map[string]bool{"~~": true, "~~*": true, "!~~": true, "!~~*": true, "regexp_matches": true, "regexp_full_match": true, "contains": true, "starts_with": true, "prefix": true, "suffix": true}

var arithmetic = map[string]bool{"+": true, "-": true, "*": true, "/": true, "%": true, "//": true}
