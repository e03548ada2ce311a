package file

import (
	"bytes"
	"context"
	"errors"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/lang/diag"
)

// sampleRecords is how many records Discover looks at.
const sampleRecords = 1000

// header reads the column names at the beginning of a CSV file.
func (s *Source) header(path string) ([]string, error) {
	var columns []string
	err := s.peek(path, func(c cutter, _ *output) bool {
		columns = c.(*csvCutter).columns
		return columns == nil
	})
	return columns, err
}

// peek cuts a file from its beginning and shows each batch until show returns
// false or the file ends. It hands nothing over and moves no mark.
func (s *Source) peek(path string, show func(cutter, *output) bool) error {
	in, err := s.open(path, nil, nil)
	if err != nil {
		return s.failed(path, err)
	}
	defer in.close()
	c, err := s.cutter(path, nil)
	if err != nil {
		return s.failed(path, err)
	}
	win := newWindow(in.text, newPool(minBlockBytes))
	for begin := true; ; begin = false {
		if err := win.more(); err != nil {
			return s.failed(path, err)
		}
		if begin && bytes.HasPrefix(win.text(), []byte("\xef\xbb\xbf")) {
			win.use(3)
		}
		for n := -1; n != 0; {
			out := &output{Records: &connector.Records{}, rows: sampleRecords, maxText: s.spec.MaxRecordBytes}
			text := win.text()
			if n, err = c.cut(out, text, win.eof); err != nil {
				return s.failed(path, err)
			}
			if !out.own {
				out.Data = text
			}
			win.use(n)
			if !show(c, out) {
				return nil
			}
		}
		if win.eof {
			return nil
		}
	}
}

// Discover names the source's one stream, which is called like the source, and
// its columns. A Parquet file states them; of JSON the first records are looked
// at, so a column's type and whether it may be null are what that sample shows;
// the columns of CSV are strings.
func (s *Source) Discover(ctx context.Context) ([]connector.StreamSchema, error) {
	paths, err := s.expand()
	if err != nil {
		return nil, s.fault(diag.FileUnreadable, "%s", err)
	}
	if len(paths) == 0 {
		return nil, s.fault(diag.FileNoMatch, "no file matches %s (below %s), so there is nothing to discover columns in", s.spec.Source.Path, s.spec.Root)
	}
	schema := connector.StreamSchema{Stream: s.streamName()}
	if s.spec.Source.Format == formatParquet {
		if s.spec.Parquet == nil {
			return nil, s.fault(diag.FileParquetNoReader, "%s is a Parquet file, and there is no reader for it", paths[0])
		}
		schema.Columns, err = s.spec.Parquet.Columns(ctx, s.absolute(paths[0]))
		if err != nil {
			return nil, s.failed(paths[0], err)
		}
		return []connector.StreamSchema{schema}, nil
	}
	sample := &sample{seen: map[string]*sampled{}}
	for _, path := range paths {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		err := s.peek(path, func(c cutter, out *output) bool {
			if c, ok := c.(*csvCutter); ok {
				sample.header(c.columns)
			}
			for i := range out.Len() {
				sample.record(out.Data[out.Start[i]:out.End[i]])
			}
			return sample.records < sampleRecords
		})
		if err != nil {
			return nil, err
		}
		if sample.records >= sampleRecords {
			break
		}
	}
	schema.Columns = sample.columns()
	return []connector.StreamSchema{schema}, nil
}

// sample gathers what records show of their columns.
type sample struct {
	records int
	order   []string
	seen    map[string]*sampled
	csv     bool
}

// sampled is what was seen of one column.
type sampled struct {
	present int
	null    bool
	kinds   map[types.Kind]bool
}

func (s *sample) column(name string) *sampled {
	c := s.seen[name]
	if c == nil {
		c = &sampled{kinds: map[types.Kind]bool{}}
		s.seen[name] = c
		s.order = append(s.order, name)
	}
	return c
}

func (s *sample) header(columns []string) {
	s.csv = true
	for _, name := range columns {
		s.column(name)
	}
}

// record looks at one record; one that is no JSON object shows nothing.
func (s *sample) record(text []byte) {
	if s.records >= sampleRecords {
		return
	}
	members, err := objectMembers(text)
	if err != nil {
		return
	}
	s.records++
	for _, m := range members {
		c := s.column(m.name)
		c.present++
		k := valueKind(m.value)
		if k == types.Invalid {
			c.null = true
			continue
		}
		if s.csv {
			k = types.String
		}
		c.kinds[k] = true
	}
}

// columns concludes from what was seen.
func (s *sample) columns() []connector.SourceColumn {
	out := make([]connector.SourceColumn, len(s.order))
	for i, name := range s.order {
		c := s.seen[name]
		out[i] = connector.SourceColumn{Name: name, Type: types.Of(c.kind(s.csv)), Nullable: c.null || c.present < s.records || s.records == 0}
	}
	return out
}

// kind is the narrowest type that holds every value seen.
func (c *sampled) kind(csv bool) types.Kind {
	has := func(k types.Kind) bool { return c.kinds[k] }
	switch {
	case csv:
		return types.String
	case len(c.kinds) == 0:
		return types.Any
	case len(c.kinds) == 1:
		for k := range c.kinds {
			return k
		}
	case len(c.kinds) == 2 && has(types.Int64) && has(types.Float64):
		return types.Float64
	}
	for k := range c.kinds {
		if k != types.String && k != types.Date && k != types.TimestampTZ {
			return types.JSON
		}
	}
	return types.String
}

type member struct {
	name  string
	value jsontext.Value
}

var errNotObject = errors.New("not an object")

// objectMembers splits a JSON object into its members.
func objectMembers(text []byte) ([]member, error) {
	d := jsontext.NewDecoder(bytes.NewReader(text), jsontext.AllowDuplicateNames(true))
	if d.PeekKind() != '{' {
		return nil, errNotObject
	}
	if _, err := d.ReadToken(); err != nil {
		return nil, err
	}
	var out []member
	for d.PeekKind() == '"' {
		name, err := d.ReadToken()
		if err != nil {
			return nil, err
		}
		key := name.String()
		value, err := d.ReadValue()
		if err != nil {
			return nil, err
		}
		out = append(out, member{key, value.Clone()})
	}
	_, err := d.ReadToken()
	return out, err
}

// valueKind is the type that one JSON value shows; Invalid for null.
func valueKind(v jsontext.Value) types.Kind {
	switch v.Kind() {
	case 'n':
		return types.Invalid
	case 't', 'f':
		return types.Bool
	case '0':
		return numberKind(string(v))
	case '"':
		text, err := jsontext.AppendUnquote(nil, v)
		if err != nil {
			return types.String
		}
		return textKind(string(text))
	default:
		return types.JSON
	}
}

func numberKind(text string) types.Kind {
	if _, err := strconv.ParseInt(text, 10, 64); err == nil {
		return types.Int64
	}
	if f, err := strconv.ParseFloat(text, 64); err == nil && !math.IsInf(f, 0) {
		return types.Float64
	}
	return types.JSON
}

// textKind tells dates and instants from other text.
func textKind(text string) types.Kind {
	if len(text) == len(time.DateOnly) {
		if _, err := time.Parse(time.DateOnly, text); err == nil {
			return types.Date
		}
	}
	if len(text) > len(time.DateOnly) && strings.ContainsAny(text[10:11], "Tt ") {
		if _, err := time.Parse(time.RFC3339Nano, text); err == nil {
			return types.TimestampTZ
		}
	}
	return types.String
}
