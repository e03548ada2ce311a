package cli

import (
	"maps"
	"os"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/headgate-data/headgate/lang"
	"github.com/headgate-data/headgate/lang/diag"
)

// variables are the values that come from outside the project, each under one
// name at most: the stronger source has won already.
type variables struct {
	given map[string]string // --var and HEADGATE_VAR_x, as text
	files map[string]string // --var-file, as HCL expressions
	// sensitive holds the values of the project's sensitive variables, for the
	// resolver alone.
	sensitive map[string]string
}

// resolvable are the values that references to sensitive variables resolve to.
func (v variables) resolvable() map[string]string {
	out := maps.Clone(v.given)
	maps.Copy(out, v.sensitive)
	return out
}

// variables collects what flags, files and the environment say. A variable of
// the environment that the project does not declare is left out: it may belong
// to another project. m is nil where no project is read.
func (a *app) variables(m *lang.Module) (variables, diag.Diagnostics) {
	v := variables{given: map[string]string{}, files: map[string]string{}}
	var diags diag.Diagnostics
	for _, name := range a.flags.varFiles {
		diags = append(diags, a.readVariables(name, v.files)...)
	}
	const prefix = "HEADGATE_VAR_"
	for _, entry := range a.io.Environ {
		name, value, _ := strings.Cut(entry, "=")
		name, isVariable := strings.CutPrefix(name, prefix)
		if _, stronger := v.files[name]; isVariable && !stronger && (m == nil || declared(m, name)) {
			v.given[name] = value
		}
	}
	for _, entry := range a.flags.vars {
		name, value, ok := strings.Cut(entry, "=")
		if !ok || name == "" {
			diags.Add(diag.New(diag.Usage, "--var %q is not NAME=VALUE.", entry))
			continue
		}
		v.given[name] = value
		delete(v.files, name)
	}
	return v, diags
}

func declared(m *lang.Module, name string) bool {
	for _, b := range m.Blocks {
		if b.Type == "variable" && len(b.Labels) == 1 && b.Labels[0] == name {
			return true
		}
	}
	return false
}

// readVariables reads a file of attributes and keeps each expression's text.
func (a *app) readVariables(name string, into map[string]string) diag.Diagnostics {
	var diags diag.Diagnostics
	src, err := os.ReadFile(a.path(name))
	if err != nil {
		diags.Add(diag.New(diag.Usage, "--var-file: %v.", err))
		return diags
	}
	a.files[name] = src
	file, faults := hclsyntax.ParseConfig(src, name, hcl.InitialPos)
	if !faults.HasErrors() {
		attrs, more := file.Body.JustAttributes()
		faults = append(faults, more...)
		for key, attr := range attrs {
			into[key] = string(attr.Expr.Range().SliceBytes(src))
		}
	}
	for _, f := range faults {
		d := diag.New(diag.Usage, "--var-file: %s: %s", f.Summary, f.Detail)
		if f.Subject != nil {
			d.At(lang.Range(*f.Subject))
		}
		diags.Add(d)
	}
	return diags
}
