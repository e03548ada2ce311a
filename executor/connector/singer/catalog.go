package singer

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/lang/diag"
)

// catalog is what a tap prints under --discover. What this program does not
// know of it is kept as it is.
type catalog struct {
	whole   map[string]json.RawMessage
	streams []*catalogStream
}

type catalogStream struct {
	whole    map[string]json.RawMessage
	name     string
	metadata []metadata
}

type metadata struct {
	Breadcrumb []string                   `json:"breadcrumb"`
	Metadata   map[string]json.RawMessage `json:"metadata"`
}

// parseCatalog reads a catalog.
func parseCatalog(text []byte) (*catalog, error) {
	c := &catalog{}
	if err := json.Unmarshal(text, &c.whole); err != nil {
		return nil, fmt.Errorf("it is not a JSON object: %w", err)
	}
	var streams []map[string]json.RawMessage
	if err := json.Unmarshal(c.whole["streams"], &streams); err != nil || streams == nil {
		return nil, fmt.Errorf("it has no list of streams")
	}
	for i, whole := range streams {
		s := &catalogStream{whole: whole}
		for _, member := range []string{"tap_stream_id", "stream"} {
			var name string
			if json.Unmarshal(whole[member], &name) == nil && name != "" {
				s.name = name
			}
		}
		if s.name == "" {
			return nil, fmt.Errorf("stream %d of it has no name", i+1)
		}
		if raw := whole["metadata"]; !isNull(raw) {
			if err := json.Unmarshal(raw, &s.metadata); err != nil {
				return nil, fmt.Errorf("stream %q: its metadata is not a list of breadcrumbs", s.name)
			}
		}
		c.streams = append(c.streams, s)
	}
	return c, nil
}

// maxCatalogBytes bounds what a tap may print under --discover.
const maxCatalogBytes = 256 << 20

// discover runs the tap with --discover.
func (s *Source) discover(ctx context.Context) (*catalog, error) {
	p, err := s.start(ctx, nil, "--discover")
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(p.out, maxCatalogBytes))
	if err != nil || len(text) == maxCatalogBytes {
		p.end()
	}
	exit := p.wait()
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case exit != nil:
		return nil, s.fault(diag.TapCatalog, "the tap ended with %s", p.describe())
	case len(text) == maxCatalogBytes:
		return nil, s.fault(diag.TapCatalog, "the tap printed more than %d bytes", maxCatalogBytes)
	}
	c, err := parseCatalog(text)
	if err != nil {
		return nil, s.fault(diag.TapCatalog, "what the tap printed is no catalog: %s", err)
	}
	return c, nil
}

// Discover runs the tap with --discover and returns the streams of its catalog,
// sorted by name.
func (s *Source) Discover(ctx context.Context) ([]connector.StreamSchema, error) {
	c, err := s.discover(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]connector.StreamSchema, 0, len(c.streams))
	for _, st := range c.streams {
		schema, err := st.schema()
		if err != nil {
			return nil, s.fault(diag.TapCatalog, "stream %q: %s", st.name, err)
		}
		out = append(out, schema)
	}
	slices.SortFunc(out, func(a, b connector.StreamSchema) int { return strings.Compare(a.Stream, b.Stream) })
	return out, nil
}

// schema is what the catalog says of a stream.
func (c *catalogStream) schema() (connector.StreamSchema, error) {
	out := connector.StreamSchema{Stream: c.name}
	var err error
	if out.Columns, err = columnsOf(c.whole["schema"]); err != nil {
		return out, err
	}
	own := c.at(nil).Metadata
	for _, raw := range []json.RawMessage{own["table-key-properties"], c.whole["key_properties"]} {
		if names, err := namesOf(raw); err == nil && len(names) > 0 {
			out.Key = names
		}
	}
	for _, raw := range []json.RawMessage{own["replication-key"], own["replication_key"], c.whole["replication_key"]} {
		if out.Cursor == "" {
			out.Cursor = text(raw)
		}
	}
	if names, err := namesOf(own["valid-replication-keys"]); err == nil && out.Cursor == "" && len(names) > 0 {
		out.Cursor = names[0]
	}
	for _, raw := range []json.RawMessage{own["forced-replication-method"], own["replication-method"], c.whole["replication_method"]} {
		if out.Replication == "" {
			out.Replication = strings.ToLower(text(raw))
		}
	}
	return out, nil
}

// text is a JSON string's content, "" for anything else.
func text(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return s
}

// at returns the metadata of a breadcrumb; it is made where there is none.
func (c *catalogStream) at(breadcrumb []string) *metadata {
	for i := range c.metadata {
		if slices.Equal(c.metadata[i].Breadcrumb, breadcrumb) {
			m := &c.metadata[i]
			if m.Metadata == nil {
				m.Metadata = map[string]json.RawMessage{}
			}
			return m
		}
	}
	if breadcrumb == nil {
		breadcrumb = []string{}
	}
	c.metadata = append(c.metadata, metadata{breadcrumb, map[string]json.RawMessage{}})
	return &c.metadata[len(c.metadata)-1]
}

// catalog discovers and checks that every requested stream is there.
func (r *session) catalog(ctx context.Context) (*catalog, error) {
	c, err := r.discover(ctx)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(c.streams))
	for i, s := range c.streams {
		names[i] = s.name
	}
	slices.Sort(names)
	for _, st := range r.order {
		if !slices.Contains(names, st.req.Stream) {
			return nil, r.fault(diag.TapStreamMissing, "the tap's catalog has no stream %q; it has %s", st.req.Stream, strings.Join(names, ", "))
		}
	}
	return c, nil
}

// tellCatalog gives the catalog's schemas to the handler.
func (r *session) tellCatalog(c *catalog) error {
	for _, s := range c.streams {
		st := r.streams[s.name]
		if st == nil {
			continue
		}
		schema, err := s.schema()
		if err != nil {
			return r.fault(diag.TapCatalog, "stream %q: %s", s.name, err)
		}
		st.keys = schema.Key
		if err := r.h.Schema(schema); err != nil {
			return err
		}
	}
	return nil
}

// selection is the catalog with what was asked for selected in it: the requested
// streams, of them the columns that the source's patterns leave, and incremental
// replication where a stream has a cursor.
func (r *session) selection(c *catalog) ([]byte, error) {
	streams := make([]map[string]json.RawMessage, len(c.streams))
	for i, s := range c.streams {
		st := r.streams[s.name]
		if err := s.choose(st, r.spec.Source.Select); err != nil {
			return nil, r.fault(diag.TapCatalog, "stream %q: %s", s.name, err)
		}
		raw, err := json.Marshal(s.metadata)
		if err != nil {
			return nil, diag.Bug("singer.selection", "%s", err)
		}
		s.whole["metadata"] = raw
		streams[i] = s.whole
	}
	raw, err := json.Marshal(streams)
	if err != nil {
		return nil, diag.Bug("singer.selection", "%s", err)
	}
	c.whole["streams"] = raw
	return json.Marshal(c.whole)
}

// choose writes a stream's selection into its metadata, and into the places
// where older taps look for it. st is nil for a stream that nobody asked for.
func (c *catalogStream) choose(st *stream, patterns []string) error {
	c.at(nil).Metadata["selected"] = boolean(st != nil)
	c.whole["selected"] = boolean(st != nil)
	var schema map[string]json.RawMessage
	if json.Unmarshal(c.whole["schema"], &schema) == nil && schema != nil {
		schema["selected"] = boolean(st != nil)
		raw, err := json.Marshal(schema)
		if err != nil {
			return err
		}
		c.whole["schema"] = raw
	}
	if st == nil {
		return nil
	}
	columns, err := columnsOf(c.whole["schema"])
	if err != nil {
		return err
	}
	described, err := c.schema()
	if err != nil {
		return err
	}
	for _, column := range columns {
		m := c.at([]string{"properties", column.Name})
		switch text(m.Metadata["inclusion"]) {
		case "automatic":
			m.Metadata["selected"] = boolean(true)
		case "unsupported":
			m.Metadata["selected"] = boolean(false)
		default:
			always := slices.Contains(described.Key, column.Name) || column.Name == st.req.Cursor
			m.Metadata["selected"] = boolean(always || selected(patterns, c.name, column.Name))
		}
	}
	known := slices.ContainsFunc(columns, func(col connector.SourceColumn) bool { return col.Name == st.req.Cursor })
	if st.req.Cursor != "" && known {
		c.replicate(st.req.Cursor)
	}
	return nil
}

// replicate asks for incremental replication by a column, unless the tap has a
// method of its own.
func (c *catalogStream) replicate(cursor string) {
	own := c.at(nil)
	if !isNull(own.Metadata["forced-replication-method"]) {
		return
	}
	own.Metadata["replication-method"], own.Metadata["replication-key"] = quote("INCREMENTAL"), quote(cursor)
	c.whole["replication_method"], c.whole["replication_key"] = quote("INCREMENTAL"), quote(cursor)
}

// selected says whether patterns like "orders.*" and "!orders.internal_*" leave
// a column. An exclusion wins; where no pattern speaks for the stream, all
// columns are in.
func selected(patterns []string, stream, column string) bool {
	in, asked := false, false
	for _, p := range patterns {
		p, exclude := strings.CutPrefix(p, "!")
		streamPattern, columnPattern, ok := strings.Cut(p, ".")
		if !ok {
			columnPattern = "*"
		}
		if match, _ := path.Match(streamPattern, stream); !match {
			continue
		}
		match, _ := path.Match(columnPattern, column)
		if exclude && match {
			return false
		}
		asked = asked || !exclude
		in = in || !exclude && match
	}
	return in || !asked
}

func boolean(b bool) json.RawMessage {
	if b {
		return json.RawMessage("true")
	}
	return json.RawMessage("false")
}

func quote(s string) json.RawMessage {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.Encode(s) // a string always encodes
	return bytes.TrimSpace(b.Bytes())
}
