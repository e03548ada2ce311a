package program

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/internal/parallel"
)

// EncodingVersion is the version of the canonical encoding that fingerprints are
// made of. Two fingerprints are comparable only under the same version; a diff
// compares nodes, and fingerprints a stored one anew.
const EncodingVersion = 1

// Fingerprint is the SHA-256, in hex, of a node's whole definition, where it is
// written aside.
func Fingerprint(n *Node) string { return digest("node", definition(n)) }

// DataFingerprint is the SHA-256, in hex, of what a node's data is made by: for a
// model its query as tokens, its inputs and the shape of its result; for a stream
// its source, contract, map and mode of writing. Descriptions, owners, tags,
// schedules, limits on a run, and promises that are audited and change no row are
// no part of it.
func DataFingerprint(n *Node) string { return digest("data", dataDefinition(n)) }

// SetFingerprint is the SHA-256, in hex, of what a contract promises of the table as
// a whole.
func SetFingerprint(c *contract.Contract) string {
	out := contract.Contract{Key: c.Key, Expects: c.Expects, Rows: c.Rows, Freshness: c.Freshness, SetViolations: c.SetViolations}
	for i := range c.Columns {
		if col := &c.Columns[i]; col.Unique || col.References != nil {
			out.Columns = append(out.Columns, contract.Column{Name: col.Name, Unique: col.Unique, References: col.References})
		}
	}
	return digest("promises", strip(Plain(out)))
}

// ProgramDigest is the SHA-256, in hex, of a whole program.
func ProgramDigest(p *Program) string {
	nodes := make([][]byte, len(p.Nodes))
	parallel.Each(len(nodes), func(i int) { nodes[i] = encode(definition(p.Nodes[i])) })
	// What digest would hash, member by member in the order of their names.
	h := sha256.New()
	write := func(texts ...[]byte) {
		for _, t := range texts {
			h.Write(t)
		}
	}
	write([]byte(`{"headgate":`), encode(EncodingVersion), []byte(`,"of":"program","value":{"env_reads":`), encode(Plain(p.EnvReads)),
		[]byte(`,"environment":`), encode(Plain(p.Environment)), []byte(`,"nodes":[`))
	for i, n := range nodes {
		if i > 0 {
			write([]byte(","))
		}
		write(n)
	}
	write([]byte(`],"project":`), encode(p.Project))
	if len(p.Moves)+len(p.Removals)+len(p.Imports) > 0 {
		write([]byte(`,"refactorings":`), encode(strip(Plain([]any{p.Moves, p.Removals, p.Imports}))))
	}
	write([]byte(`,"state":`), encode(Plain(p.State)), []byte("}}"))
	return hex.EncodeToString(h.Sum(nil))
}

// Canonical returns a node's definition as canonical JSON: members sorted by
// name, no white space, no places in files.
func Canonical(n *Node) []byte { return encode(definition(n)) }

// digest hashes a value with its purpose and the version of the encoding.
func digest(purpose string, v any) string {
	h := sha256.New()
	h.Write(encode(map[string]any{"headgate": EncodingVersion, "of": purpose, "value": v}))
	return hex.EncodeToString(h.Sum(nil))
}

// encode writes JSON with sorted members. Values come from Plain, so that only
// maps, lists, strings, numbers and bools are among them.
func encode(v any) []byte {
	b, err := marshal(v)
	if err != nil {
		// Unreachable: Plain yields nothing that JSON lacks.
		return []byte("unencodable: " + err.Error())
	}
	return b
}

// definition is a node without the places where it is written. A JSON Schema
// counts as the values that it holds, not as the text.
func definition(n *Node) any {
	if n.Contract != nil && n.Contract.Schema != nil {
		copied, c, s := *n, *n.Contract, *n.Contract.Schema
		s.Text = canonicalText(s.Text)
		s.Refs = slices.Clone(s.Refs)
		for i := range s.Refs {
			s.Refs[i].Text = canonicalText(s.Refs[i].Text)
		}
		c.Schema, copied.Contract = &s, &c
		n = &copied
	}
	return strip(Plain(n.WithoutLineage()))
}

// canonicalText writes a JSON text with sorted members and without white space;
// what is not JSON stays as it is.
func canonicalText(text string) string {
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return text
	}
	return string(encode(v))
}

// places are the members that say where something is written.
var places = map[string]bool{"range": true, "filter_range": true, "sql_range": true, "rules": true}

// usersOwn are the members whose own members have names that users choose.
var usersOwn = map[string]bool{"config": true, "env": true, "variables": true, "extensions": true}

// strip leaves places out of every object below v.
func strip(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, m := range v {
			switch {
			case places[name]:
				delete(v, name)
			case !usersOwn[name]:
				strip(m)
			}
		}
	case []any:
		for i := range v {
			strip(v[i])
		}
	}
	return v
}

// dataDefinition is the part of a node that its data is made by: a copy without
// words for people and without how and when a run is made.
func dataDefinition(n *Node) any {
	d := *n
	d.DependsOn = nil
	switch {
	case n.Source != nil && n.Source.Singer != nil:
		singer := *n.Source.Singer
		singer.MaxLineBytes = 0
		d.Source = &Source{Type: n.Source.Type, Singer: &singer}
	case n.Destination != nil && n.Destination.DuckDB != nil:
		d.Destination = &Destination{Type: n.Destination.Type, DuckDB: &DuckDBDestination{Path: n.Destination.DuckDB.Path}}
	case n.Contract != nil:
		d.Contract = dataContract(n.Contract)
	case n.Pipeline != nil:
		d.Pipeline = &Pipeline{From: n.Pipeline.From, To: n.Pipeline.To}
	case n.Stream != nil:
		s := *n.Stream
		s.RowSchema, s.PreventDestroy, s.Map = nil, false, dataMap(s.Map)
		d.Stream = &s
	case n.Model != nil:
		return dataModel(&d)
	}
	return definition(&d)
}

func dataContract(c *contract.Contract) *contract.Contract {
	out := contract.Contract{Name: c.Name, Version: c.Version, Key: c.Key, Checks: dataChecks(c.Checks),
		OnViolation: c.OnViolation, UnknownColumns: c.UnknownColumns, Coerce: c.Coerce, SetViolations: c.SetViolations}
	if c.Schema != nil {
		out.Schema = &contract.Schema{Draft: c.Schema.Draft} // its columns say the rest
		if len(c.Schema.Residue) > 0 {
			out.Schema = c.Schema
		}
	}
	for _, col := range c.Columns {
		col.Description, col.Tags, col.Extensions, col.Property, col.Checks = "", nil, nil, "", dataChecks(col.Checks)
		if c.SetViolations == "" {
			col.References = nil // it is audited, and takes no row out
		}
		out.Columns = append(out.Columns, col)
	}
	return &out
}

func dataChecks(checks []contract.Check) []contract.Check {
	var out []contract.Check
	for _, c := range checks {
		if c.Severity != contract.SeverityWarning { // a warning refuses nothing
			c.Message, c.Source = "", ""
			out = append(out, c)
		}
	}
	return out
}

func dataMap(m *Map) *Map {
	if m == nil {
		return nil
	}
	out := *m
	out.FilterSource, out.Columns = "", nil
	for _, col := range m.Columns {
		col.Source, col.PII = "", false
		out.Columns = append(out.Columns, col)
	}
	return &out
}

// dataModel takes the query as tokens. Where a table's name stands in the text
// moves with comments; what it means does not.
func dataModel(n *Node) any {
	m := *n.Model
	m.Latest, m.DeprecatedAfter, m.Owner, m.Description, m.Tags, m.PreventDestroy = false, "", "", "", nil, false
	tokens := SQLTokens(m.SQL)
	for len(tokens) > 0 && tokens[len(tokens)-1].Text == ";" {
		tokens = tokens[:len(tokens)-1] // at the end it changes nothing
	}
	words := make([]string, len(tokens))
	for i, t := range tokens {
		words[i] = t.Text
	}
	m.SQL = strings.Join(words, "\n")
	m.Tables = slices.Clone(m.Tables)
	for i := range m.Tables {
		m.Tables[i].Start, m.Tables[i].End = 0, 0
	}
	n.Model = &m
	return definition(n)
}
