package contractcli

import (
	"context"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/headgate-data/headgate/cmd/headgate/internal/revision"
	"github.com/headgate-data/headgate/cmd/headgate/internal/view"
	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/contract/compat"
	"github.com/headgate-data/headgate/compiler/contract/formats"
	"github.com/headgate-data/headgate/compiler/contract/schemadiff"
	"github.com/headgate-data/headgate/lang"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
)

// document is a contract's file: headgate's own, a JSON Schema, ODCS or dbt.
type document struct {
	name   string
	text   []byte
	beside fs.FS // the files beside it
}

// beside is the folder of a file, which no link leads out of; nil where it cannot be
// opened.
func (h Host) beside(file string) fs.FS {
	root, err := os.OpenRoot(filepath.Dir(h.Path(file)))
	if err != nil {
		return nil
	}
	return root.FS()
}

// checkDocument holds one file to what it was: two JSON Schemas by the rules of
// the registry, everything else as contracts.
func (h Host) checkDocument(ctx context.Context, against string, mode compat.Mode, policy string, args []string) Outcome {
	if len(args) != 1 {
		return Outcome{Diags: diag.Diagnostics{diag.New(diag.Usage, "--against compares one file with its earlier state, or all of the project: name one file or none, not %s.", quoted(args))}}
	}
	if policy != string(schemadiff.Strict) && policy != string(schemadiff.Lenient) {
		return Outcome{Diags: diag.Diagnostics{diag.New(diag.Usage, "--policy is strict or lenient, not %q.", policy)}}
	}
	name, which, _ := strings.Cut(args[0], "#")
	if !foreign(name) && !strings.HasSuffix(name, ".gate.hcl") && !strings.HasSuffix(name, ".gate.json") {
		return Outcome{Diags: diag.Diagnostics{diag.New(diag.Usage, "--against compares contracts and reads no data: %s is none by its name (.gate.hcl, .gate.json, .json, .yaml). Leave it out, or use --contract.", name)}}
	}
	shown, text, diags := h.document(name)
	if diags.HasErrors() {
		return Outcome{Diags: diags}
	}
	newer := document{shown, text, h.beside(name)}
	older, done, fault := h.earlier(ctx, against, name)
	if fault != nil {
		return Outcome{Diags: diag.Diagnostics{fault}}
	}
	defer done()
	if isSchema(older) && isSchema(newer) {
		return h.checkSchemas(older, newer, mode, policy)
	}
	was, more := h.read(ctx, older, which)
	diags = append(diags, more...)
	is, more := h.read(ctx, newer, which)
	if diags = append(diags, more...); diags.HasErrors() {
		return Outcome{Diags: diags}
	}
	if mode == "" {
		mode = compat.Full
		if own := compat.Mode(strings.TrimSuffix(is.Compatibility, "_transitive")); own != "auto" && own != "" {
			mode = own
		}
	}
	v := view.NewDiff(compat.NewReport(was, is, older.name, newer.name, mode), diags)
	return h.comparison(v, v.Broken, diags)
}

// checkSchemas compares two JSON Schemas and judges.
func (h Host) checkSchemas(older, newer document, mode compat.Mode, policy string) Outcome {
	switch mode {
	case "":
		mode = compat.Backward // as the registry does
	case compat.None:
		return Outcome{Diags: diag.Diagnostics{diag.New(diag.Usage, "Two JSON Schemas are compared backward, forward or full.")}}
	}
	v, diags := compareSchemas(older, newer, string(mode), policy)
	if diags.HasErrors() {
		return Outcome{Diags: diags}
	}
	err := h.Document(v, func(w io.Writer, style view.Style) error { return view.WriteSchemaDiff(w, v, style) },
		func(w io.Writer) error { return view.WriteSchemaDiffMarkdown(w, v) })
	diags.AddError(err, diag.Usage, usageSummary)
	if v.Verdict == string(schemadiff.Breaks) {
		return Outcome{Code: Findings, Diags: diags}
	}
	return Outcome{Diags: diags}
}

// earlier reads what a file is compared with: another file, the file of the same
// path in another folder, or the file as it stood in a git revision. done ends the
// use of the files beside it.
func (h Host) earlier(ctx context.Context, against, name string) (d document, done func(), fault *diag.Diagnostic) {
	failed := func(err error) (document, func(), *diag.Diagnostic) {
		return document{}, nil, diag.New(diag.AgainstUnread, "%s is neither a folder that holds %s, nor a file, nor a git revision that has it: %v.", against, name, err)
	}
	at := against
	if info, err := os.Stat(h.Path(against)); err == nil && info.IsDir() {
		at = filepath.Join(against, name)
	}
	text, err := os.ReadFile(h.Path(at))
	if err == nil {
		shown := filepath.ToSlash(at)
		h.KeepFile(shown, text)
		return document{shown, text, h.beside(at)}, func() {}, nil
	}
	tree, bad := revision.Open(ctx, filepath.Dir(h.Path(name)), against)
	if bad != nil {
		return failed(bad)
	}
	text, err = fs.ReadFile(tree, filepath.Base(name))
	if err != nil {
		tree.Close()
		return failed(err)
	}
	shown := against + ":" + filepath.ToSlash(name)
	h.KeepFile(shown, text)
	return document{shown, text, tree}, func() { tree.Close() }, nil
}

// isSchema reports whether a document is taken for a JSON Schema: whatever is JSON
// and not another standard's, since {} and true are schemas too.
func isSchema(d document) bool {
	if !foreign(d.name) || path.Ext(d.name) != ".json" {
		return false
	}
	kind, _ := formats.Tell(d.name, d.text)
	return kind != formats.ODCS && kind != formats.DBT
}

// foreign reports whether a file of that name is in another form than headgate's.
func foreign(name string) bool {
	switch path.Ext(name) {
	case ".json":
		return !strings.HasSuffix(name, ".gate.json")
	case ".yaml", ".yml":
		return true
	}
	return false
}

// read makes a contract of a document: the one of that name (NAME or NAME.vN), or
// the only one.
func (h Host) read(ctx context.Context, d document, which string) (*contract.Contract, diag.Diagnostics) {
	want, ok := splitVersion(which)
	if which == "" {
		want, ok = addr.Address{}, true
	}
	if !ok {
		return nil, diag.Diagnostics{diag.New(diag.NoSuchContract, "%q is no contract: write NAME or NAME.vN.", which)}
	}
	text, made, diags := d.text, d.name, diag.Diagnostics(nil)
	if foreign(d.name) {
		var more diag.Diagnostics
		text, more = formats.Import("", d.name, d.text)
		if diags = append(diags, more...); diags.HasErrors() {
			return nil, diags
		}
		made += ".gate.hcl"
		h.KeepFile(made, text)
	}
	m, more := lang.LoadText(made, text)
	if diags = append(diags, more...); diags.HasErrors() {
		return nil, diags
	}
	p, more := h.CompileModule(ctx, m, d.beside)
	for _, d := range more {
		if d.Code == diag.UnknownReference || d.Code == diag.UnknownName {
			d.Detail += " A file that is named is compiled by itself: name the contract by its address, such as contract.orders, to have it compiled in its project (-C names the project's folder)."
			break
		}
	}
	if diags = append(diags, more...); diags.HasErrors() {
		return nil, diags
	}
	return chosen(p, d.name, want, diags)
}
