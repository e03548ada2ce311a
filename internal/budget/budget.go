// Package budget measures the sources of the module against the limits that
// keep them readable: lengths of files and functions, files in a package, depth
// of folders, and no hidden state. Its test is the check itself.
package budget

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The limits.
const (
	MaxFileLines     = 500
	MaxFunctionLines = 60
	MaxPackageFiles  = 20 // without tests
	MaxDepth         = 4  // folders; internal and testdata do not count
)

// noClock lists the folders whose packages take the time from their caller.
var noClock = []string{"lang", "compiler", "planner"}

// Check returns every breach of the limits below root, as "path:line: text",
// sorted. The error tells of files that cannot be read or parsed.
func Check(root string) ([]string, error) {
	packages := map[string][]*source{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() {
			if path != root && (name == "testdata" || name[0] == '.' || name[0] == '_') {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		src, err := read(root, path)
		if err != nil {
			return err
		}
		packages[filepath.Dir(src.path)] = append(packages[filepath.Dir(src.path)], src)
		return nil
	})
	if err != nil {
		return nil, err
	}
	var found []string
	for dir, files := range packages {
		found = append(found, checkPackage(dir, files)...)
	}
	slices.Sort(found)
	return found, nil
}

// source is one parsed file. path is relative to the root.
type source struct {
	path  string
	lines int
	set   *token.FileSet
	tree  *ast.File
}

func read(root, path string) (*source, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	rel, err := filepath.Rel(root, path)
	if err != nil {
		return nil, err
	}
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, path, text, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	return &source{path: filepath.ToSlash(rel), lines: strings.Count(string(text), "\n"), set: set, tree: tree}, nil
}

func (s *source) isTest() bool { return strings.HasSuffix(s.path, "_test.go") }

func (s *source) at(n ast.Node, format string, args ...any) string {
	return fmt.Sprintf("%s:%d: %s", s.path, s.set.Position(n.Pos()).Line, fmt.Sprintf(format, args...))
}

func checkPackage(dir string, files []*source) []string {
	var found []string
	code := slices.DeleteFunc(slices.Clone(files), (*source).isTest)
	if len(code) > MaxPackageFiles {
		found = append(found, fmt.Sprintf("%s:1: %d files, at most %d", dir, len(code), MaxPackageFiles))
	}
	if n := depth(dir); n > MaxDepth {
		found = append(found, fmt.Sprintf("%s:1: %d folders deep, at most %d", dir, n, MaxDepth))
	}
	for _, s := range files {
		if s.lines > MaxFileLines {
			found = append(found, fmt.Sprintf("%s:1: %d lines, at most %d", s.path, s.lines, MaxFileLines))
		}
	}
	for _, s := range code {
		found = append(found, checkFunctions(s)...)
		found = append(found, checkClock(s)...)
	}
	return append(found, checkState(code)...)
}

func depth(dir string) int {
	n := 0
	for _, part := range strings.Split(filepath.ToSlash(dir), "/") {
		if part != "internal" && part != "." {
			n++
		}
	}
	return n
}

// checkFunctions finds functions that are too long without a reason ("Long:" in
// the doc comment), and init functions.
func checkFunctions(s *source) []string {
	var found []string
	for _, d := range s.tree.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		if f.Name.Name == "init" && f.Recv == nil {
			found = append(found, s.at(f, "func init: pass what is needed instead"))
		}
		lines := s.set.Position(f.End()).Line - s.set.Position(f.Pos()).Line + 1
		if lines > MaxFunctionLines && !strings.Contains(f.Doc.Text(), "Long:") {
			found = append(found, s.at(f, "func %s has %d lines, at most %d (or a reason in its doc comment, after \"Long:\")", f.Name.Name, lines, MaxFunctionLines))
		}
	}
	return found
}

// checkClock finds readings of the clock where the caller must hand the time in.
func checkClock(s *source) []string {
	if !slices.ContainsFunc(noClock, func(dir string) bool { return strings.HasPrefix(s.path, dir+"/") }) {
		return nil
	}
	var found []string
	ast.Inspect(s.tree, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		x, ok := sel.X.(*ast.Ident)
		if ok && x.Name == "time" && x.Obj == nil && slices.Contains([]string{"Now", "Since", "Until"}, sel.Sel.Name) {
			found = append(found, s.at(sel, "time.%s: take the time from the caller", sel.Sel.Name))
		}
		return true
	})
	return found
}
