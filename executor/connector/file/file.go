// Package file is the source that reads local files: JSON Lines, JSON, CSV and
// Parquet, plain or compressed, named by a pattern.
//
// A file's identity is its path and what was read of it: the bookmark holds, for
// each file, how far it was read and the SHA-256 of the bytes up to there. A file
// that only grew goes on behind them; what a rewritten one means depends on how
// the stream is written (append: an error, merge: it is read again, replace: all
// files are read again).
package file

import (
	"io"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
)

// The formats and compressions of program.FileSource.
const (
	formatJSONL   = "jsonl"
	formatJSON    = "json"
	formatCSV     = "csv"
	formatParquet = "parquet"

	compressionAuto = "auto"
	compressionNone = "none"
	compressionGzip = "gzip"
	compressionZstd = "zstd"
)

// DefaultMaxRecordBytes is how long one record may be unless Spec says otherwise.
const DefaultMaxRecordBytes = 64 << 20

// defaultBlockBytes is how much is read at a time, and so about how large a batch is.
const defaultBlockBytes = 4 << 20

// Spec is what a file source is made from.
type Spec struct {
	Root    string // the project's folder, absolute
	Address string // of the source, in messages
	Source  *program.FileSource
	Parquet ParquetReader // nil: Parquet files are an error
	Log     *slog.Logger  // nil: nothing is logged
	// MaxRecordBytes bounds one record's text, and with it the memory of a read.
	// 0 means DefaultMaxRecordBytes.
	MaxRecordBytes int
	// Whole says that nobody is writing to the files any more: a last line without
	// a line break is a record.
	Whole bool
	// Input, when not nil, is read in place of the files, once; the path is its name
	// in messages. It is decompressed by its first bytes. Parquet cannot be read so.
	Input io.Reader
}

// Source reads files. It satisfies connector.Source, connector.Looker and
// connector.Finisher.
type Source struct {
	spec   Spec
	finish atomic.Bool
}

var (
	_ connector.Source   = (*Source)(nil)
	_ connector.Looker   = (*Source)(nil)
	_ connector.Finisher = (*Source)(nil)
)

// New makes the source. It touches no file; the error is a *diag.Diagnostic
// (diag.FileSetting) for settings that cannot be used.
func New(spec Spec) (connector.Source, error) {
	cfg := *spec.Source
	if cfg.Compression == "" {
		cfg.Compression = compressionAuto
	}
	if cfg.Delimiter == "" {
		cfg.Delimiter = delimiterByName(cfg.Path)
	}
	if cfg.NullValues == nil {
		cfg.NullValues = []string{""}
	}
	if cfg.Format == "" {
		cfg.Format = formatByName(cfg.Path)
	}
	spec.Source = &cfg
	if spec.MaxRecordBytes <= 0 {
		spec.MaxRecordBytes = DefaultMaxRecordBytes
	}
	if spec.Log == nil {
		spec.Log = slog.New(slog.DiscardHandler)
	}
	if err := checkSettings(&cfg); err != nil {
		return nil, err.For(spec.Address)
	}
	if spec.Input != nil && cfg.Format == formatParquet {
		return nil, diag.Sourcef(diag.FileSetting, "a Parquet file is read from its end and cannot come through a pipe: write it to a file first").For(spec.Address)
	}
	return &Source{spec: spec}, nil
}

func checkSettings(cfg *program.FileSource) *diag.Diagnostic {
	formats := []string{formatJSONL, formatJSON, formatCSV, formatParquet}
	if cfg.Format == "" {
		return diag.Sourcef(diag.FileSetting, "the format cannot be told from the name %q: say which of %s it is", cfg.Path, strings.Join(formats, ", "))
	}
	if !slices.Contains(formats, cfg.Format) {
		return diag.Sourcef(diag.FileSetting, "%q is no format that can be read: use one of %s", cfg.Format, strings.Join(formats, ", "))
	}
	compressions := []string{compressionAuto, compressionNone, compressionGzip, compressionZstd}
	if !slices.Contains(compressions, cfg.Compression) {
		return diag.Sourcef(diag.FileSetting, "%q is no compression that can be read: use one of %s", cfg.Compression, strings.Join(compressions, ", "))
	}
	if d := cfg.Delimiter; len(d) != 1 || d[0] >= 0x80 || strings.ContainsAny(d, "\"\r\n\x00") {
		return diag.Sourcef(diag.FileSetting, "the delimiter must be one ASCII character other than a quote or a line break, not %q", d)
	}
	if cfg.Format == formatCSV && !cfg.Header && len(cfg.Columns) == 0 {
		return diag.Sourcef(diag.FileSetting, "a CSV file without a header needs its columns named: columns = [\"id\", ...]")
	}
	if cfg.Path == "" {
		return diag.Sourcef(diag.FileSetting, "the path is empty")
	}
	if err := checkPattern(cfg.Path); err != nil {
		return diag.Sourcef(diag.FileSetting, "the path %q is not a pattern: %s", cfg.Path, err)
	}
	return nil
}

// formatByName takes the format from a path's ending, compression aside; it
// returns "" where the ending tells none.
func formatByName(path string) string {
	switch ending(path) {
	case ".jsonl", ".ndjson":
		return formatJSONL
	case ".json":
		return formatJSON
	case ".csv", ".tsv":
		return formatCSV
	case ".parquet":
		return formatParquet
	}
	return ""
}

// delimiterByName returns what stands between the fields of a CSV file of that
// name.
func delimiterByName(path string) string {
	if ending(path) == ".tsv" {
		return "\t"
	}
	return ","
}

// ending returns a name's ending in lower case, compression aside.
func ending(path string) string {
	name := strings.ToLower(path)
	for _, z := range []string{".gz", ".gzip", ".zst", ".zstd"} {
		name = strings.TrimSuffix(name, z)
	}
	return filepath.Ext(name)
}

// compressionOf returns none, gzip or zstd for a file.
func (s *Source) compressionOf(path string) string {
	if c := s.spec.Source.Compression; c != compressionAuto {
		return c
	}
	name := strings.ToLower(path)
	switch {
	case s.spec.Source.Format == formatParquet:
		return compressionNone
	case strings.HasSuffix(name, ".gz"), strings.HasSuffix(name, ".gzip"):
		return compressionGzip
	case strings.HasSuffix(name, ".zst"), strings.HasSuffix(name, ".zstd"):
		return compressionZstd
	}
	return compressionNone
}

// streamName is what Discover calls the source's one stream: the source's own
// name. Read takes any name, because every file belongs to every stream.
func (s *Source) streamName() string {
	if a, err := addr.Parse(s.spec.Address); err == nil && a.Name != "" {
		return a.Name
	}
	return "file"
}

// absolute returns where a path of the bookmark is on disk.
func (s *Source) absolute(path string) string {
	p := filepath.FromSlash(path)
	if filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(s.spec.Root, p)
}

// fault makes an error diagnostic under the source's address.
func (s *Source) fault(code diag.Code, format string, args ...any) *diag.Diagnostic {
	return diag.Sourcef(code, format, args...).For(s.spec.Address)
}

// warn makes a warning under the source's address.
func (s *Source) warn(code diag.Code, format string, args ...any) *diag.Diagnostic {
	return diag.SourceWarnf(code, format, args...).For(s.spec.Address)
}

// Finish makes Read return nil after its next checkpoint. It may be called from
// any goroutine.
func (s *Source) Finish() { s.finish.Store(true) }

// Close does nothing: Read leaves no file open.
func (s *Source) Close() error { return nil }
