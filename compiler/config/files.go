package config

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"github.com/headgate-data/headgate/compiler/program"
)

// ProjectPath cleans a path that is relative to the project folder. A path that
// leaves the folder is an error.
func ProjectPath(name string) (string, error) {
	clean := path.Clean(strings.ReplaceAll(name, `\`, "/"))
	if name == "" || !fs.ValidPath(clean) {
		return "", fmt.Errorf("%q is not a path inside the project folder", name)
	}
	return clean, nil
}

// ReadFile reads a file of the project.
func (e *Evaluator) ReadFile(name string) ([]byte, error) {
	clean, err := ProjectPath(name)
	if err != nil {
		return nil, err
	}
	if e.opts.FS == nil {
		return nil, fmt.Errorf("%q cannot be read: there is no project folder", name)
	}
	b, err := fs.ReadFile(e.opts.FS, clean)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%q does not exist in the project folder", clean)
	case err != nil:
		return nil, fmt.Errorf("%q cannot be read: %w", clean, err)
	}
	return b, nil
}

// readText reads a file that must be UTF-8 text.
func (e *Evaluator) readText(name string) (string, error) {
	b, err := e.ReadFile(name)
	if err == nil && !utf8.Valid(b) {
		err = fmt.Errorf("%q is not UTF-8 text", name)
	}
	return string(b), err
}

// projectFunctions returns the functions that look at the project or its process.
func (e *Evaluator) projectFunctions() map[string]function.Function {
	return map[string]function.Function{
		"basename": onText(func(s string) (string, error) { return path.Base(s), nil }),
		"dirname":  onText(func(s string) (string, error) { return path.Dir(s), nil }),
		"file":     onText(e.readText),
		"fileexists": function.New(&function.Spec{
			Params: []function.Parameter{{Name: "path", Type: cty.String}},
			Type:   function.StaticReturnType(cty.Bool),
			Impl:   func(args []cty.Value, _ cty.Type) (cty.Value, error) { return e.fileExists(args[0].AsString()) },
		}),
		"fileset": function.New(&function.Spec{
			Params: []function.Parameter{{Name: "folder", Type: cty.String}, {Name: "pattern", Type: cty.String}},
			Type:   function.StaticReturnType(cty.Set(cty.String)),
			Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
				return e.fileSet(args[0].AsString(), args[1].AsString())
			},
		}),
		"templatefile": function.New(&function.Spec{
			Params: []function.Parameter{{Name: "path", Type: cty.String}, {Name: "values", Type: cty.DynamicPseudoType}},
			Type:   function.StaticReturnType(cty.String),
			Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
				return e.templateFile(args[0].AsString(), args[1])
			},
		}),
		"env": function.New(&function.Spec{
			Params:   []function.Parameter{{Name: "name", Type: cty.String}},
			VarParam: &function.Parameter{Name: "options", Type: cty.DynamicPseudoType},
			Type:     function.StaticReturnType(cty.String),
			Impl:     func(args []cty.Value, _ cty.Type) (cty.Value, error) { return e.env(args) },
		}),
	}
}

func (e *Evaluator) fileExists(name string) (cty.Value, error) {
	clean, err := ProjectPath(name)
	if err != nil || e.opts.FS == nil {
		return cty.False, err
	}
	info, err := fs.Stat(e.opts.FS, clean)
	return cty.BoolVal(err == nil && info.Mode().IsRegular()), nil
}

// fileSet lists the files below folder whose path, relative to it, matches the
// pattern: *, ? and [...] within a name, ** for any number of folders.
func (e *Evaluator) fileSet(folder, pattern string) (cty.Value, error) {
	root, err := ProjectPath(folder)
	if err != nil {
		return cty.NilVal, function.NewArgError(0, err)
	}
	want := strings.Split(pattern, "/")
	for _, w := range want {
		if _, err := path.Match(w, ""); err != nil {
			return cty.NilVal, function.NewArgErrorf(1, "%q is not a pattern: %s", pattern, err)
		}
	}
	if e.opts.FS == nil {
		return cty.SetValEmpty(cty.String), nil
	}
	var found []cty.Value
	err = fs.WalkDir(e.opts.FS, root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		rel := strings.TrimPrefix(strings.TrimPrefix(name, root), "/")
		if root == "." {
			rel = name
		}
		if matchPath(want, strings.Split(rel, "/")) {
			found = append(found, cty.StringVal(rel))
		}
		return nil
	})
	if err != nil {
		return cty.NilVal, fmt.Errorf("%q cannot be listed: %w", root, err)
	}
	if len(found) == 0 {
		return cty.SetValEmpty(cty.String), nil
	}
	return cty.SetVal(found), nil
}

// matchPath matches names against patterns, one by one; the pattern ** takes any
// number of names.
func matchPath(want, names []string) bool {
	for i, w := range want {
		if w == "**" {
			return slices.ContainsFunc(tails(names), func(rest []string) bool { return matchPath(want[i+1:], rest) })
		}
		if i >= len(names) {
			return false
		}
		if ok, err := path.Match(w, names[i]); err != nil || !ok {
			return false
		}
		if i == len(want)-1 {
			return len(names) == len(want)
		}
	}
	return len(names) == 0
}

// tails returns every end of names, the whole first and the empty one last.
func tails(names []string) [][]string {
	out := make([][]string, 0, len(names)+1)
	for i := range len(names) + 1 {
		out = append(out, names[i:])
	}
	return out
}

// templateFile fills in a template; it sees the values given and no other name.
func (e *Evaluator) templateFile(name string, values cty.Value) (cty.Value, error) {
	text, err := e.readText(name)
	if err != nil {
		return cty.NilVal, function.NewArgError(0, err)
	}
	if ty := values.Type(); !ty.IsObjectType() && !ty.IsMapType() {
		return cty.NilVal, function.NewArgErrorf(1, "an object of the template's values is needed")
	}
	expr, diags := hclsyntax.ParseTemplate([]byte(text), name, hcl.InitialPos)
	if diags.HasErrors() {
		return cty.NilVal, function.NewArgErrorf(0, "%s", diags.Error())
	}
	ctx := &hcl.EvalContext{Variables: values.AsValueMap(), Functions: map[string]function.Function{}}
	for n, f := range e.funcs {
		if n != "templatefile" {
			ctx.Functions[n] = f
		}
	}
	v, diags := expr.Value(ctx)
	if diags.HasErrors() {
		return cty.NilVal, function.NewArgErrorf(0, "%s", diags.Error())
	}
	return v, nil
}

// env reads an environment variable. The options are an object: public = true
// lets a plan hold the value as it is.
func (e *Evaluator) env(args []cty.Value) (cty.Value, error) {
	name, public := args[0].AsString(), false
	if len(args) > 2 {
		return cty.NilVal, function.NewArgErrorf(2, "env takes a name and an object of options")
	}
	if len(args) == 2 {
		if !args[1].Type().IsObjectType() {
			return cty.NilVal, function.NewArgErrorf(1, "the options are an object, such as { public = true }")
		}
		for key, v := range args[1].AsValueMap() {
			if key != "public" || v.Type() != cty.Bool || v.IsNull() {
				return cty.NilVal, function.NewArgErrorf(1, "the only option is public = true")
			}
			public = v.True()
		}
	}
	if e.opts.LookupEnv == nil {
		return cty.NilVal, fmt.Errorf("the environment cannot be read here")
	}
	value, ok := e.opts.LookupEnv(name)
	if !ok {
		return cty.NilVal, function.NewArgErrorf(0, "the environment variable %s is not set; set it, or use a variable block with a default", name)
	}
	if !utf8.ValidString(value) {
		return cty.NilVal, function.NewArgErrorf(0, "the environment variable %s is not UTF-8 text", name)
	}
	if e.opts.OnEnv != nil {
		e.opts.OnEnv(name, value, public)
	}
	return cty.StringVal(value), nil
}

// secretFunction returns the one function whose result is marked.
func (e *Evaluator) secretFunction() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "name", Type: cty.String, AllowMarked: true}},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			if args[0].IsMarked() {
				return cty.NilVal, function.NewArgError(0, e.refuse("secret"))
			}
			name := args[0].AsString()
			if strings.TrimPrefix(name, "file:") == "" || strings.ContainsAny(name, "\x00=") && !strings.HasPrefix(name, "file:") {
				return cty.NilVal, function.NewArgErrorf(0, "%q is neither the name of an environment variable nor file:PATH", name)
			}
			return e.Secret(program.Part{Secret: name}), nil
		},
	})
}
