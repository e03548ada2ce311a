package budget

import (
	"go/ast"
	"go/token"
	"strings"
)

// checkState finds package-level variables that are more than a table written
// once: those without a first value, and those that code assigns to, changes an
// element of, or takes the address of. Embedded files are filled by the linker.
func checkState(files []*source) []string {
	vars := map[string]*ast.ValueSpec{}
	var found []string
	for _, s := range files {
		for _, d := range s.tree.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.VAR {
				continue
			}
			for _, spec := range g.Specs {
				v := spec.(*ast.ValueSpec)
				for _, name := range v.Names {
					if name.Name == "_" {
						continue
					}
					vars[name.Name] = v
					if len(v.Values) == 0 && !embedded(g, v) {
						found = append(found, s.at(name, "var %s holds state for the whole package: pass it instead", name.Name))
					}
				}
			}
		}
	}
	for _, s := range files {
		found = append(found, changes(s, vars)...)
	}
	return found
}

func embedded(g *ast.GenDecl, v *ast.ValueSpec) bool {
	for _, doc := range []*ast.CommentGroup{g.Doc, v.Doc} {
		if doc == nil {
			continue
		}
		for _, c := range doc.List {
			if strings.HasPrefix(c.Text, "//go:embed ") {
				return true
			}
		}
	}
	return false
}

// changes finds the places of one file that change one of vars.
func changes(s *source, vars map[string]*ast.ValueSpec) []string {
	var found []string
	report := func(target ast.Expr) {
		id := root(target)
		if id == nil || vars[id.Name] == nil {
			return
		}
		// The parser resolves names within a file; a name without an object stands
		// in another file of the package.
		if id.Obj == nil || id.Obj.Decl == vars[id.Name] {
			found = append(found, s.at(target, "var %s is changed here: a package-level variable is a read-only table", id.Name))
		}
	}
	ast.Inspect(s.tree, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, target := range n.Lhs {
				if n.Tok != token.DEFINE {
					report(target)
				}
			}
		case *ast.IncDecStmt:
			report(n.X)
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				report(n.X)
			}
		case *ast.CallExpr:
			if f, ok := n.Fun.(*ast.Ident); ok && (f.Name == "delete" || f.Name == "clear") && len(n.Args) > 0 {
				report(n.Args[0])
			}
		}
		return true
	})
	return found
}

// root returns the variable that an assignable expression begins with, or nil.
func root(e ast.Expr) *ast.Ident {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			return x
		case *ast.SelectorExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		default:
			return nil
		}
	}
}
