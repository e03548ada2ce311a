package contractcli

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/executor"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/infer"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
)

// sampling is what the commands that look at data are told of it by flags.
type sampling struct {
	input  string // the format, "" by the name's ending
	stream string // of a source that has several
	limit  int64  // records, in all
	all    bool
}

// data is one argument: a file or pattern, standard input, or a source.
type data struct {
	arg     string
	address addr.Address // of a source of the project
	source  bool
}

func parseData(args []string) []data {
	var out []data
	for _, arg := range args {
		d := data{arg: arg}
		if a, err := addr.Parse(arg); err == nil && a.Kind == addr.Source {
			d.address, d.source = a, true
		}
		out = append(out, d)
	}
	return out
}

// name is what a contract for the data is called where nobody says it.
func (d data) name() string {
	switch {
	case d.source:
		return d.address.Name
	case d.arg == "-":
		return "records"
	}
	base, _, _ := strings.Cut(filepath.Base(d.arg), ".")
	return identifier(base)
}

// identifier makes a name for a block of any text.
func identifier(text string) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case r == '_', r >= '0' && r <= '9', r >= 'a' && r <= 'z':
			return r
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		case r == '*' || r == '?':
			return -1
		default:
			return '_'
		}
	}, text)
	name = strings.Trim(name, "_")
	if name == "" || name[0] <= '9' {
		name = "data_" + name
	}
	return strings.TrimSuffix(name, "_")
}

// sample reads all data in order and hands the records to take.
func (h Host) sample(ctx context.Context, args []data, s sampling, take func(*connector.Records, int64) error) (faults int64, diags diag.Diagnostics) {
	left := s.limit
	if s.all {
		left = -1
	}
	piped := false // what is read is a copy, whose name says nothing
	counted := func(r *connector.Records, n int64) error {
		if piped {
			r.Origin = stdinName
		}
		if left > 0 {
			left -= n
		}
		return take(r, n)
	}
	for _, d := range args {
		if left == 0 {
			break
		}
		piped = d.arg == "-"
		src, stream, done, more := h.open(ctx, d, s)
		if diags = append(diags, more...); more.HasErrors() {
			continue
		}
		n, more := infer.Read(ctx, src, stream, left, counted)
		done()
		faults += n
		diags = append(diags, more...)
	}
	return faults, diags
}

// open opens one argument for reading. done is nil where there is an error.
func (h Host) open(ctx context.Context, d data, s sampling) (src connector.Source, stream string, done func(), diags diag.Diagnostics) {
	if d.source {
		src, done, diags := h.OpenSource(ctx, d.address)
		if diags.HasErrors() {
			return nil, "", nil, diags
		}
		stream, fault := streamOf(ctx, src, d, s.stream)
		if fault != nil {
			done()
			return nil, "", nil, append(diags, fault)
		}
		return src, stream, done, diags
	}
	file := &program.FileSource{Path: d.arg, Format: s.input, Header: true}
	remove := func() {}
	if d.arg == "-" {
		path, compression, err := spool(h.In)
		if err != nil {
			return nil, "", nil, diag.Diagnostics{diag.New(diag.Usage, "Standard input cannot be read: %v.", err)}
		}
		remove = func() { os.Remove(path) } // a leftover in the folder for such files is no fault of the command's
		file.Path, file.Compression = path, compression
		if file.Format == "" {
			file.Format = "jsonl"
		}
	}
	if strings.Contains(strings.ToLower(filepath.Base(d.arg)), ".tsv") {
		file.Delimiter = "\t"
	}
	node := &program.Source{Type: "file", File: file}
	src, err := h.Registry().Source["file"](ctx, executor.SourceSpec{Address: addr.Of(addr.Source, d.name()).String(), Source: node, Root: h.Root()})
	if err != nil {
		remove()
		diags.AddError(err, diag.SourceFailed, "The source could not be read")
		return nil, "", nil, diags
	}
	return src, d.name(), func() { diags.AddError(src.Close(), diag.SourceFailed, "The source could not be read"); remove() }, nil
}

// streamOf returns the stream to read: the one that was asked for, or the only one.
func streamOf(ctx context.Context, src connector.Source, d data, asked string) (string, *diag.Diagnostic) {
	if asked != "" {
		return asked, nil
	}
	streams, err := src.Discover(ctx)
	if err != nil {
		return "", diag.FromError(err, diag.SourceFailed, "The source could not be read")
	}
	var names []string
	for _, s := range streams {
		names = append(names, s.Stream)
	}
	if len(names) != 1 {
		return "", diag.New(diag.Usage, "%s has the streams %s: say with --stream which one to look at.", d.address, strings.Join(names, ", "))
	}
	return names[0], nil
}

// spool copies a pipe into a file, which can be read from any place, and tells how
// it is compressed.
func spool(in io.Reader) (path, compression string, err error) {
	f, err := os.CreateTemp("", "headgate-input-*")
	if err != nil {
		return "", "", err
	}
	var head bytes.Buffer
	_, err = io.Copy(f, io.TeeReader(io.LimitReader(in, 4), &head))
	if err == nil {
		_, err = io.Copy(f, in)
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return "", "", err
	}
	switch {
	case bytes.HasPrefix(head.Bytes(), []byte{0x1f, 0x8b}):
		compression = "gzip"
	case bytes.Equal(head.Bytes(), []byte{0x28, 0xb5, 0x2f, 0xfd}):
		compression = "zstd"
	default:
		compression = "none"
	}
	return f.Name(), compression, nil
}
