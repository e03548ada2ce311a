package lang

import (
	"bytes"
	"cmp"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/headgate-data/headgate/internal/parallel"
	"github.com/headgate-data/headgate/lang/diag"
	"github.com/headgate-data/headgate/lang/schema"
)

// The names of the files that make up a project.
const (
	nativeSuffix = ".gate.hcl"
	jsonSuffix   = ".gate.json"
	LockFile     = "sources.lock.hcl" // in the project folder itself
)

// Load reads the project in the folder dir of fsys, and checks its shape: which
// blocks and attributes stand where. File names in the Module are relative to
// dir. All errors of all files are returned at once; the Module is never nil and
// holds what could be read.
func Load(fsys fs.FS, dir string) (*Module, diag.Diagnostics) {
	l := &loader{module: &Module{Files: map[string][]byte{}}}
	sub, err := fs.Sub(fsys, dir)
	if err != nil {
		l.unreadable(dir, err)
		return l.module, l.diags
	}
	l.fsys = sub
	l.folder(".")
	slices.SortStableFunc(l.files, func(a, b *file) int { return cmp.Compare(a.name, b.name) })
	if len(l.files) == 0 && !l.diags.HasErrors() {
		l.diags.Add(diag.New(diag.NoConfiguration, "Neither this folder nor one below it holds a file whose name ends in %s or %s.", nativeSuffix, jsonSuffix))
	}
	d := &decoder{}
	l.module.Blocks = l.decode(d, schema.Language(), l.files)
	l.module.LeftOut = d.leftOut
	l.diags = append(l.diags, d.diags...)
	l.lock()
	return l.module, l.diags
}

// LoadText reads one file's text as a project of its own. name tells, by its
// ending .json, whether it is HCL's JSON syntax, and stands in ranges. Errors are
// as in Load; the Module is never nil.
func LoadText(name string, src []byte) (*Module, diag.Diagnostics) {
	l := &loader{module: &Module{Files: map[string][]byte{}}}
	f := &file{name: name}
	if len(src) > maxFileSize {
		f.fail(tooLarge(name))
	} else {
		f.parse(src)
	}
	l.take(f)
	d := &decoder{}
	l.module.Blocks = l.decode(d, schema.Language(), []*file{f})
	l.module.LeftOut = d.leftOut
	return l.module, append(l.diags, d.diags...)
}

// file is one file of the project, parsed.
type file struct {
	name   string
	body   rawBody // nil where nothing could be read
	broken bool    // it has syntax errors
	diags  diag.Diagnostics
	src    []byte
}

type loader struct {
	fsys   fs.FS
	module *Module
	files  []*file
	diags  diag.Diagnostics
}

func (l *loader) unreadable(name string, err error) {
	l.diags.Add(diag.New(diag.Unreadable, "%s: %s", name, err.Error()))
}

// folder reads the project's files in one folder and those below. A folder other
// than the project's own that holds a headgate block is another project.
func (l *loader) folder(dir string) {
	entries, err := fs.ReadDir(l.fsys, dir)
	if err != nil {
		l.unreadable(dir, err)
		return
	}
	var files []*file
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		if e.IsDir() || !(strings.HasSuffix(name, nativeSuffix) || strings.HasSuffix(name, jsonSuffix)) {
			continue
		}
		if f := l.read(name); f != nil {
			files = append(files, f)
		}
	}
	parseAll(files)
	if dir != "." && slices.ContainsFunc(files, isProject) {
		return
	}
	for _, f := range files {
		l.take(f)
	}
	l.files = append(l.files, files...)
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			l.folder(path.Join(dir, e.Name()))
		}
	}
}

// isProject reports whether a file holds a headgate block.
func isProject(f *file) bool { return f.body != nil && f.body.holds("headgate") }

// take counts a file in.
func (l *loader) take(f *file) {
	l.module.Files[f.name] = f.src
	if f.broken {
		l.module.Incomplete = true
		l.module.Broken = append(l.module.Broken, f.name)
	}
	l.diags = append(l.diags, f.diags...)
}

// read reads one file; nil where it is a folder behind a link.
func (l *loader) read(name string) *file {
	out := &file{name: name}
	src, err := readFile(l.fsys, name)
	if err != nil {
		if info, statErr := fs.Stat(l.fsys, name); statErr == nil && info.IsDir() {
			return nil
		}
		out.fail(diag.FromError(err, diag.Unreadable, "A file cannot be read"))
		return out
	}
	out.src = src
	return out
}

// parseAll parses files that were read, on every core.
func parseAll(files []*file) {
	parallel.Each(len(files), func(i int) {
		if f := files[i]; !f.broken {
			f.parse(f.src)
		}
	})
}

// parse takes the file's bytes and parses them by the ending of its name.
func (f *file) parse(src []byte) {
	f.src = bytes.TrimPrefix(src, []byte("\xef\xbb\xbf"))
	if fault := notText(f.name, f.src); fault != nil {
		f.fail(fault)
		return
	}
	var found diag.Diagnostics
	if strings.HasSuffix(f.name, ".json") {
		f.body, found = parseJSON(f.name, f.src)
	} else if body, ds := parseNative(f.name, f.src); body != nil {
		f.body, found = nativeBody{body, faults(ds)}, ds
	} else {
		found = ds
	}
	for _, d := range found {
		// A repeated attribute loses nothing that others could miss.
		f.broken = f.broken || d.Code != diag.RepeatedAttr
	}
	f.diags = append(f.diags, found...)
}

// faults returns where syntax errors lie, in bytes.
func faults(ds diag.Diagnostics) []int {
	var out []int
	for _, d := range ds {
		if d.Code == diag.Syntax && d.Subject != nil {
			out = append(out, d.Subject.Start.Byte)
		}
	}
	return out
}

func (f *file) fail(d *diag.Diagnostic) {
	f.diags.Add(d)
	f.broken = true
}

// readFile reads a file of at most maxFileSize bytes.
func readFile(fsys fs.FS, name string) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, diag.New(diag.Unreadable, "%s", err.Error())
	}
	defer f.Close()
	src, err := io.ReadAll(io.LimitReader(f, maxFileSize+1))
	if err != nil {
		return nil, diag.New(diag.Unreadable, "%s: %s", name, err.Error())
	}
	if len(src) > maxFileSize {
		return nil, tooLarge(name)
	}
	return src, nil
}

func tooLarge(name string) *diag.Diagnostic {
	return diag.New(diag.TooLarge, "%s holds more than %d MiB. Split it into several files.", name, maxFileSize>>20)
}

// notText returns a diagnostic where src is not UTF-8, at the first byte that is not.
func notText(name string, src []byte) *diag.Diagnostic {
	if utf8.Valid(src) {
		return nil
	}
	pos := diag.Pos{Line: 1, Column: 1}
	for {
		r, n := utf8.DecodeRune(src[pos.Byte:])
		if r == utf8.RuneError && n <= 1 {
			break
		}
		pos.Byte += n
		pos.Column++
		if r == '\n' {
			pos.Line, pos.Column = pos.Line+1, 1
		}
	}
	end := pos
	end.Byte, end.Column = pos.Byte+1, pos.Column+1
	hint := ""
	if bytes.HasPrefix(src, []byte("\xff\xfe")) || bytes.HasPrefix(src, []byte("\xfe\xff")) {
		hint = " It looks like UTF-16."
	}
	return diag.New(diag.NotText, "The byte 0x%02x, number %d of the file, is not UTF-8.%s Save the file as UTF-8.", src[pos.Byte], pos.Byte+1, hint).
		At(diag.Range{Filename: name, Start: pos, End: end})
}

// decode holds the files against a description, as one body.
func (l *loader) decode(d *decoder, spec *schema.Block, files []*file) []*Block {
	var out []*Block
	seen := scope{}
	for _, f := range files {
		if f.body == nil {
			continue
		}
		d.broken = f.broken
		root := &Block{Spec: spec}
		d.body(spec, f.body, root, seen)
		out = append(out, root.Blocks...)
	}
	return out
}

// lock reads sources.lock.hcl, which a project need not have.
func (l *loader) lock() {
	if _, err := fs.Stat(l.fsys, LockFile); err != nil {
		return
	}
	f := l.read(LockFile)
	if f == nil {
		return
	}
	parseAll([]*file{f})
	incomplete, broken := l.module.Incomplete, l.module.Broken
	l.take(f)
	l.module.Incomplete, l.module.Broken = incomplete, broken // it declares no names
	d := &decoder{}
	l.module.Lock = l.decode(d, schema.Lock(), []*file{f})
	l.diags = append(l.diags, d.diags...)
}
