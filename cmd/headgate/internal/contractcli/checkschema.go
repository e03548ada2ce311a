package contractcli

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view"
	"github.com/headgate-data/headgate/compiler/contract/jsonschema"
	"github.com/headgate-data/headgate/executor/check"
	"github.com/headgate-data/headgate/executor/outcome"
	"github.com/headgate-data/headgate/lang/diag"
)

// schemaFlags are the flags of checking documents against a JSON Schema, beside
// those that every check has.
type schemaFlags struct {
	schema, draft string
	refs          []string
	assertFormat  bool
	set           *pflag.FlagSet
}

// schemaMode checks documents against a plain JSON Schema: --schema.
func schemaMode(h Host) checkMode {
	var f schemaFlags
	return checkMode{
		flags: func(set *pflag.FlagSet) {
			f.set = set
			set.StringVar(&f.schema, "schema", "", "the JSON Schema: a file; .json data is one document each, .jsonl and standard input one a line")
			set.StringVar(&f.draft, "draft", "", "the draft of a schema that does not name one: "+strings.Join(jsonschema.Drafts(), ", ")+" (the newest where this is left out)")
			set.StringArrayVar(&f.refs, "ref", nil, "URL=FOLDER: references below the URL are read from the folder; may be repeated")
			set.BoolVar(&f.assertFormat, "assert-format", false, "check formats such as date-time and email, which are remarks otherwise")
		},
		chosen: func() bool { return f.schema != "" },
		work:   func(ctx context.Context, args []string) Outcome { return h.checkSchema(ctx, f, args) },
	}
}

func (h Host) checkSchema(ctx context.Context, f schemaFlags, args []string) Outcome {
	common := dataFlags{write: "append"}
	common.input, _ = f.set.GetString("input")
	common.rejects, _ = f.set.GetString("rejects")
	common.examples, _ = f.set.GetInt("max-examples")
	data, diags := h.dataSpec(common, args)
	if f.set.Changed("contract") {
		diags.Add(diag.New(diag.Usage, "--contract and --schema exclude each other."))
	}
	if diags.HasErrors() {
		return Outcome{Diags: diags}
	}
	schema, more := h.compileSchema(f)
	if diags = append(diags, more...); schema == nil {
		return Outcome{Diags: diags}
	}
	spec := check.SchemaSpec{Schema: schema, Name: filepath.ToSlash(f.schema), AssertFormat: f.assertFormat, Inputs: data.Inputs, Root: data.Root, Examples: data.Examples}
	var report *outcome.SchemaCheck
	work := func(w io.Writer) error {
		if w != nil {
			spec.Reject = rejectWriter(w)
		}
		report, more = check.RunSchema(ctx, spec)
		return nil
	}
	diags = append(diags, h.withRejects(common.rejects, work)...)
	if diags = append(diags, more...); report == nil || diags.HasErrors() {
		return Outcome{Diags: diags}
	}
	if report.Read == 0 {
		diags.Add(diag.Warnf(diag.NothingChecked, "There was no record to check", "The data of %s holds no document.", quoted(args)))
	}
	v := view.NewSchemaCheck(report, diags)
	return h.checked(v, report.Verdict, diags, func(w io.Writer, style view.Style) error { return view.WriteSchemaCheck(w, v, style) },
		func(w io.Writer) error { return view.WriteSchemaCheckMarkdown(w, v) })
}

// compileSchema reads the schema and what it refers to.
func (h Host) compileSchema(f schemaFlags) (*jsonschema.Schema, diag.Diagnostics) {
	name := filepath.ToSlash(f.schema)
	if strings.HasPrefix(name, "..") { // references are resolved against it, and a URL cannot begin above its root
		name = filepath.ToSlash(h.Path(f.schema))
	}
	text, err := os.ReadFile(h.Path(f.schema))
	if err != nil {
		return nil, diag.Diagnostics{diag.New(diag.SchemaUnread, "%v.", err)}
	}
	h.KeepFile(name, text)
	folders := map[string]string{}
	for _, r := range f.refs {
		url, folder, ok := strings.Cut(r, "=")
		if !ok || url == "" {
			return nil, diag.Diagnostics{diag.New(diag.Usage, "--ref is URL=FOLDER, not %q.", r)}
		}
		folders[url] = folder
	}
	return jsonschema.Compile(name, text, jsonschema.Options{Draft: f.draft, AssertFormat: f.assertFormat,
		Open: func(file string) ([]byte, error) {
			b, err := os.ReadFile(h.Path(file))
			if err == nil {
				h.KeepFile(file, b)
			}
			return b, err
		},
		Remote: func(url string) (string, bool) { return mapped(folders, url) },
	})
}

// mapped returns the file that stands for a URL: below the longest prefix that
// has a folder.
func mapped(folders map[string]string, url string) (string, bool) {
	best := ""
	for prefix := range folders {
		under := strings.HasPrefix(url, prefix) && (strings.HasSuffix(prefix, "/") || len(url) == len(prefix) || url[len(prefix)] == '/')
		if under && len(prefix) > len(best) {
			best = prefix
		}
	}
	if best == "" {
		return "", false
	}
	return filepath.ToSlash(filepath.Join(folders[best], filepath.FromSlash(strings.TrimPrefix(url, best)))), true
}
