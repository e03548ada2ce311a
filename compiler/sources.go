package compiler

import (
	"crypto/sha256"
	"encoding/hex"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	"github.com/headgate-data/headgate/compiler/config"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/lang"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
)

// each calls f for every instance of every block of a kind, in order.
func (c *compiler) eachOf(kind addr.Kind, f func(e *entry, in instance)) {
	for _, name := range config.SortedKeys(c.entries[kind]) {
		e := c.entries[kind][name]
		for _, in := range e.instance {
			f(e, in)
		}
	}
}

func (c *compiler) sources() {
	c.eachOf(addr.Source, func(e *entry, in instance) {
		s := &program.Source{Type: e.block.Labels[0]}
		b := c.body(e.block, in.each)
		switch s.Type {
		case "file":
			s.File = b.fileSource()
		case "singer":
			s.Singer = b.singerSource()
		default:
			return // reported by lang
		}
		c.addNode(&program.Node{Address: in.addr, Range: e.block.Range, Source: s})
	})
}

func (c *compiler) destinations() {
	c.eachOf(addr.Destination, func(e *entry, in instance) {
		if e.block.Labels[0] != "duckdb" {
			return // reported by lang
		}
		d := &program.Destination{Type: "duckdb", DuckDB: c.body(e.block, in.each).duckdb()}
		c.addNode(&program.Node{Address: in.addr, Range: e.block.Range, Destination: d})
	})
}

var memoryPattern = regexp.MustCompile(`^[0-9]{1,6}(\.[0-9]{1,3})? ?([KMGT]i?)?B$`)

func (b body) duckdb() *program.DuckDBDestination {
	d := &program.DuckDBDestination{}
	var ok bool
	d.Path, ok = b.text("path")
	d.Path = d.Path.Rooted(".") // a relative path is the project's
	if s, literal := d.Path.Literal(); literal && ok {
		if s == "" || strings.HasPrefix(s, ":memory:") {
			b.c.add(diag.New(diag.BadDestination, "path names a file; a database in memory would be gone after each command.").At(b.at("path")))
		} else {
			d.Path = program.Lit(path.Clean(strings.ReplaceAll(s, `\`, "/")))
		}
	}
	if s, ok := b.str("memory_limit"); ok {
		if !memoryPattern.MatchString(s) {
			b.c.add(diag.New(diag.BadDestination, "memory_limit is written as \"256MB\" or \"2GiB\", not %q.", s).At(b.at("memory_limit")))
		}
		d.MemoryLimit = s
	}
	if n, ok := b.whole("threads", 1); ok {
		d.Threads = int(min(n, 1024))
	}
	return d
}

func (b body) fileSource() *program.FileSource {
	f := &program.FileSource{Compression: b.strOr("compression", "auto")}
	if s, ok := b.str("path"); ok {
		if s == "" {
			b.c.add(diag.New(diag.BadSource, "path is empty.").At(b.at("path")))
		}
		f.Path = path.Clean(strings.ReplaceAll(s, `\`, "/"))
	}
	tabs := false
	if f.Format, _ = b.str("format"); !b.has("format") && f.Path != "" {
		f.Format, tabs = formatOf(f.Path)
		if f.Format == "" {
			b.c.add(diag.New(diag.BadSource, "The format cannot be told from %q. Set format to jsonl, json, csv or parquet.", f.Path).At(b.at("path")))
		}
	}
	if f.Format != "csv" {
		for _, name := range []string{"delimiter", "header", "columns", "null_values"} {
			if b.has(name) && f.Format != "" {
				b.c.add(diag.New(diag.BadSource, "%s belongs to csv files, and these are %s.", name, f.Format).At(b.at(name)))
			}
		}
		return f
	}
	b.csv(f, tabs)
	return f
}

func (b body) csv(f *program.FileSource, tabs bool) {
	f.Delimiter = ","
	if tabs {
		f.Delimiter = "\t"
	}
	if s, ok := b.str("delimiter"); ok {
		if utf8.RuneCountInString(s) != 1 || strings.ContainsAny(s, "\"\r\n") {
			b.c.add(diag.New(diag.BadSource, "delimiter is one character, and neither a quote nor a line break.").At(b.at("delimiter")))
		}
		f.Delimiter = s
	}
	f.Header = b.boolean("header", true)
	f.Columns = b.strings("columns")
	f.NullValues = []string{""}
	if b.has("null_values") {
		f.NullValues = b.strings("null_values")
	}
	switch {
	case f.Header && len(f.Columns) > 0:
		b.c.add(diag.New(diag.BadSource, "columns names the columns of a file without a header. Set header = false, or leave columns out.").At(b.at("columns")))
	case !f.Header && len(f.Columns) == 0:
		b.c.add(diag.New(diag.BadSource, "A file without a header needs columns, the names of its columns.").At(b.at("header")))
	}
	for i, name := range f.Columns {
		if slices.Contains(f.Columns[:i], name) {
			b.c.add(diag.New(diag.BadSource, "The column %q stands twice.", name).At(b.at("columns")))
		}
	}
}

// formatOf tells a file's format by the ending of its name; "" where it does not
// tell. Tabs says that the fields of a CSV file stand between tabs.
func formatOf(name string) (format string, tabs bool) {
	low := strings.ToLower(name)
	for _, ending := range []string{".gz", ".zst", ".zstd"} {
		low = strings.TrimSuffix(low, ending)
	}
	switch path.Ext(low) {
	case ".jsonl", ".ndjson":
		return "jsonl", false
	case ".json":
		return "json", false
	case ".csv":
		return "csv", false
	case ".tsv":
		return "csv", true
	case ".parquet":
		return "parquet", false
	}
	return "", false
}

func (b body) singerSource() *program.SingerSource {
	s := &program.SingerSource{
		Catalog: b.strOr("catalog", "file"), State: b.strOr("state", "file"), Schema: b.strOr("schema", "messages"),
		Timezone: b.zone("UTC"), Select: b.strings("select"), Env: b.texts("env"),
	}
	s.Command = b.command()
	s.CommandFiles = b.commandFiles(s.Command)
	if v, ok := b.raw("config"); ok {
		var diags diag.Diagnostics
		s.Config, diags = b.c.eval.Value(v, b.at("config"))
		b.c.diags = append(b.c.diags, diags...)
		if !diags.HasErrors() && s.Config.Map == nil && s.Config != (program.Value{}) {
			b.c.add(diag.New(diag.WrongValue, "config is an object: { key = value }.").At(b.at("config")))
		}
	}
	if s.Config.Map == nil {
		s.Config = program.Value{Map: &map[string]program.Value{}}
	}
	b.settings(*s.Config.Map)
	if v, ok := b.as("initial_state", cty.DynamicPseudoType); ok {
		if raw, err := ctyjson.Marshal(v, v.Type()); err == nil {
			s.InitialState = string(raw)
		}
	}
	s.MaxLineBytes, _ = b.whole("max_line_bytes", 1)
	return s
}

// zone reads the attribute timezone.
func (b body) zone(otherwise string) string {
	name, ok := b.str("timezone")
	if !ok {
		return otherwise
	}
	if _, err := time.LoadLocation(name); err != nil || name == "" || name == "Local" {
		b.c.add(diag.New(diag.BadTimezone, "%q is no IANA name of a time zone.", name).At(b.at("timezone")))
		return otherwise
	}
	return name
}

func (b body) command() []program.Text {
	v, ok := b.raw("command")
	if !ok {
		return nil
	}
	if ty := v.Type(); v.IsMarked() || v.IsNull() || (!ty.IsTupleType() && !ty.IsListType()) || v.LengthInt() == 0 {
		b.c.add(diag.New(diag.WrongValue, "command is a list of strings: the program and its arguments.").At(b.at("command")))
		return nil
	}
	var out []program.Text
	for it := v.ElementIterator(); it.Next(); {
		_, x := it.Element()
		t, diags := b.c.eval.Text(x, b.at("command"))
		b.c.diags = append(b.c.diags, diags...)
		out = append(out, t)
	}
	return out
}

// commandFiles hashes the files of the project that a command names.
func (b body) commandFiles(command []program.Text) []program.FileHash {
	var out []program.FileHash
	for _, t := range command {
		s, literal := t.Rooted(".").Literal()
		clean, err := config.ProjectPath(s)
		if !literal || err != nil || clean == "." {
			continue
		}
		data, err := b.c.eval.ReadFile(clean)
		if err != nil {
			continue // no file of the project: an option, or a program on the PATH
		}
		h := sha256.Sum256(data)
		out = append(out, program.FileHash{Path: clean, SHA256: hex.EncodeToString(h[:])})
	}
	return out
}

// settings checks config against the setting blocks and adds their defaults.
// Without setting blocks config may hold anything.
func (b body) settings(values map[string]program.Value) {
	blocks := b.b.Nested("setting")
	if len(blocks) == 0 {
		return
	}
	known := map[string]bool{}
	for _, s := range blocks {
		key := s.Labels[0]
		known[key] = true
		t := s.Attr("type")
		if t == nil {
			continue
		}
		typ, d := columnType(t.Expr)
		b.c.add(d)
		v, given := values[key]
		at := b.keyRange(key)
		r := b.in(s)
		if def, ok := r.raw("default"); ok && !given {
			var diags diag.Diagnostics
			v, diags = b.c.eval.Value(def, r.at("default"))
			b.c.diags = append(b.c.diags, diags...)
			at = r.at("default")
			values[key] = v
		}
		if d == nil {
			b.setting(key, typ, v, r.boolean("sensitive", false), at)
		}
	}
	for _, key := range config.SortedKeys(values) {
		if !known[key] {
			b.c.add(diag.New(diag.UnknownSetting, "There is no setting %q.%s", key, diag.DidYouMean(key, config.SortedKeys(known))).At(b.keyRange(key)))
		}
	}
}

// setting checks one value; a null one counts as not given.
func (b body) setting(key string, t types.Type, v program.Value, sensitive bool, at diag.Range) {
	var err error
	switch {
	case v == (program.Value{}):
		return
	case v.Text != nil:
		s, literal := v.Text.Literal()
		if !literal {
			return // known only at the moment of use
		}
		if sensitive && s != "" {
			b.c.add(diag.New(diag.SettingType, "%s is sensitive: give it by secret(\"NAME\") or a sensitive variable.", key).At(at))
		}
		if t.IsNumeric() || t.Kind == types.Bool || t.IsNested() {
			err = errText
		} else if t.Kind != types.JSON {
			_, err = rowexpr.Canonical(t, s)
		}
	case v.Num != "":
		if err = errNumber; t.IsNumeric() {
			_, err = rowexpr.Canonical(t, v.Num)
		}
	case v.Bool != nil && t.Kind != types.Bool:
		err = errBool
	case v.List != nil && t.Kind != types.List:
		err = errList
	case v.Map != nil && t.Kind != types.Map && t.Kind != types.Struct:
		err = errMap
	}
	if err != nil && t.Kind != types.JSON {
		b.c.add(diag.New(diag.SettingType, "%s is of type %s: %s.", key, t, err).At(at))
	}
}

// kindError says what a value is where something else is needed.
type kindError string

// Error returns the text.
func (e kindError) Error() string { return string(e) }

const (
	errText   = kindError("a text is given")
	errNumber = kindError("a number is given")
	errBool   = kindError("true or false is given")
	errList   = kindError("a list is given")
	errMap    = kindError("an object is given")
)

// keyRange returns where a key of config is written, as tightly as can be told.
func (b body) keyRange(key string) diag.Range {
	a := b.b.Attr("config")
	if a == nil {
		return b.b.Range
	}
	pairs, bad := hcl.ExprMap(a.Expr)
	if bad.HasErrors() {
		return a.ExprRange
	}
	for _, p := range pairs {
		if k, ok := pairKey(p); ok && k == key {
			return lang.Range(hcl.RangeBetween(p.Key.Range(), p.Value.Range()))
		}
	}
	return a.ExprRange
}
