package policy

import (
	"strings"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang/addr"
)

// project is the compiled project as rules see it. schemas/project.schema.json
// describes it. Maps are keyed by the address without its first word: orders,
// orders["eu"], orders.stream.items, orders.v2. What is not set is left out, and
// null in a rule; lists are always there.
type project struct {
	Name         string                 `json:"name"`
	Environment  environment            `json:"environment"`
	Sources      map[string]source      `json:"sources"`
	Destinations map[string]destination `json:"destinations"`
	Contracts    map[string]promise     `json:"contracts"`
	Pipelines    map[string]pipeline    `json:"pipelines"`
	Streams      map[string]stream      `json:"streams"`
	Models       map[string]model       `json:"models"`
	Externals    map[string]external    `json:"externals"`
}

type environment struct {
	Name         string            `json:"name"`
	Default      bool              `json:"default"`
	Protected    bool              `json:"protected"`
	Review       string            `json:"review"`
	SchemaSuffix string            `json:"schema_suffix"`
	Variables    map[string]string `json:"variables"` // JSON of each value that is not sensitive
}

// thing is what everything with an address has.
type thing struct {
	Address   string   `json:"address"`
	Name      string   `json:"name"`
	Key       string   `json:"key,omitempty"` // of for_each
	DependsOn []string `json:"depends_on"`
	UsedBy    []string `json:"used_by"`
}

type source struct {
	thing
	Type        string   `json:"type"`
	Path        string   `json:"path,omitempty"`
	Format      string   `json:"format,omitempty"`
	Compression string   `json:"compression,omitempty"`
	Command     []string `json:"command"`
	Select      []string `json:"select"`
	Schema      string   `json:"schema,omitempty"`
	Timezone    string   `json:"timezone,omitempty"`
}

type destination struct {
	thing
	Type string `json:"type"`
	Path string `json:"path,omitempty"`
}

type promise struct {
	thing
	Version         int               `json:"version"`
	Latest          bool              `json:"latest"`
	Description     string            `json:"description,omitempty"`
	Owner           string            `json:"owner,omitempty"`
	Compatibility   string            `json:"compatibility,omitempty"`
	DeprecatedAfter string            `json:"deprecated_after,omitempty"`
	Columns         map[string]column `json:"columns"`
	Key             []string          `json:"key"`
	Checks          []string          `json:"checks"`
	Expects         []string          `json:"expects"`
	Freshness       string            `json:"freshness,omitempty"` // the greatest age
	OnViolation     string            `json:"on_violation"`
	UnknownColumns  string            `json:"unknown_columns"`
	Coerce          string            `json:"coerce"`
	Tolerance       string            `json:"tolerance,omitempty"`
	QuarantineRaw   string            `json:"quarantine_raw"`
	SchemaFile      string            `json:"schema_file,omitempty"`
}

type column struct {
	Name        string   `json:"name"`
	Type        string   `json:"type"`
	Required    bool     `json:"required"`
	Unique      bool     `json:"unique"`
	Description string   `json:"description,omitempty"`
	Tags        []string `json:"tags"`
	Min         *string  `json:"min,omitempty"`
	Max         *string  `json:"max,omitempty"`
	MinLength   *int     `json:"min_length,omitempty"`
	MaxLength   *int     `json:"max_length,omitempty"`
	Pattern     string   `json:"pattern,omitempty"`
	Enum        []string `json:"enum"`
	Format      string   `json:"format,omitempty"`
	Default     *string  `json:"default,omitempty"`
	References  string   `json:"references,omitempty"`
	Checks      []string `json:"checks"`
}

type pipeline struct {
	thing
	From        string   `json:"from"`
	To          string   `json:"to"`
	Schedule    string   `json:"schedule,omitempty"`
	Timezone    string   `json:"timezone,omitempty"`
	Owner       string   `json:"owner,omitempty"`
	Description string   `json:"description,omitempty"`
	Tags        []string `json:"tags"`
	Timeout     string   `json:"timeout,omitempty"`
	Streams     []string `json:"streams"`
}

type stream struct {
	thing
	Pipeline       string   `json:"pipeline"`
	From           string   `json:"from"`
	To             string   `json:"to"`
	FromStream     string   `json:"from_stream"`
	Contract       string   `json:"contract"`
	Schema         string   `json:"schema"`
	Table          string   `json:"table"`
	Write          string   `json:"write"`
	Cursor         string   `json:"cursor,omitempty"`
	Mapped         []string `json:"mapped"`  // columns that the map yields
	Dropped        []string `json:"dropped"` // by the map
	Filter         string   `json:"filter,omitempty"`
	PreventDestroy bool     `json:"prevent_destroy"`
}

type model struct {
	thing
	Version         int               `json:"version"`
	Latest          bool              `json:"latest"`
	Destination     string            `json:"destination"`
	Schema          string            `json:"schema"`
	Table           string            `json:"table"`
	Materialized    string            `json:"materialized"`
	SQL             string            `json:"sql"`
	Contract        string            `json:"contract,omitempty"`
	Reads           []string          `json:"reads"`
	Columns         map[string]column `json:"columns"`
	DeprecatedAfter string            `json:"deprecated_after,omitempty"`
	Owner           string            `json:"owner,omitempty"`
	Description     string            `json:"description,omitempty"`
	Tags            []string          `json:"tags"`
	PreventDestroy  bool              `json:"prevent_destroy"`
}

type external struct {
	thing
	Destination string `json:"destination"`
	Schema      string `json:"schema"`
	Table       string `json:"table"`
	Contract    string `json:"contract"`
}

// newProject makes the view of a program. Secrets stand by name.
func newProject(p *program.Program) project {
	env := p.Environment
	out := project{Name: p.Project,
		Environment: environment{Name: env.Name, Default: env.Default, Protected: env.Protected, Review: env.ReviewLevel(), SchemaSuffix: env.SchemaSuffix, Variables: map[string]string{}},
		Sources:     map[string]source{}, Destinations: map[string]destination{}, Contracts: map[string]promise{},
		Pipelines: map[string]pipeline{}, Streams: map[string]stream{}, Models: map[string]model{}, Externals: map[string]external{}}
	for name, v := range env.Variables {
		out.Environment.Variables[name] = v
	}
	users := usedBy(p)
	for _, n := range p.Nodes {
		t := thing{Address: n.Address.String(), Name: n.Address.Name, Key: n.Address.Key, DependsOn: texts(n.DependsOn), UsedBy: texts(users[n.Address])}
		key := strings.TrimPrefix(t.Address, string(n.Address.Kind)+".")
		switch {
		case n.Source != nil:
			out.Sources[key] = newSource(t, n.Source)
		case n.Destination != nil:
			d := destination{thing: t, Type: n.Destination.Type}
			if n.Destination.DuckDB != nil {
				d.Path = n.Destination.DuckDB.Path.String()
			}
			out.Destinations[key] = d
		case n.Contract != nil:
			out.Contracts[key] = newPromise(t, n.Contract)
		case n.Pipeline != nil:
			out.Pipelines[key] = newPipeline(t, n.Pipeline)
		case n.Stream != nil:
			out.Streams[key] = newStream(t, p, n)
		case n.Model != nil:
			out.Models[key] = newModel(t, n.Model)
		case n.External != nil:
			x := n.External
			out.Externals[key] = external{thing: t, Destination: x.Destination.String(), Schema: x.Schema, Table: x.Table, Contract: x.Contract.String()}
		}
	}
	return out
}

// usedBy turns the dependencies round. A pipeline's own streams are no users of it.
func usedBy(p *program.Program) map[addr.Address][]addr.Address {
	out := map[addr.Address][]addr.Address{}
	for _, n := range p.Nodes {
		for _, d := range n.DependsOn {
			if n.Stream == nil || n.Address.Base() != d {
				out[d] = append(out[d], n.Address)
			}
		}
	}
	return out
}

func newSource(t thing, s *program.Source) source {
	out := source{thing: t, Type: s.Type, Command: []string{}, Select: []string{}}
	if f := s.File; f != nil {
		out.Path, out.Format, out.Compression = f.Path, f.Format, f.Compression
	}
	if tap := s.Singer; tap != nil {
		for _, word := range tap.Command {
			out.Command = append(out.Command, word.String())
		}
		out.Select, out.Schema, out.Timezone = list(tap.Select), tap.Schema, tap.Timezone
	}
	return out
}

func newPromise(t thing, c *contract.Contract) promise {
	out := promise{thing: t, Version: c.Version, Latest: c.Latest, Description: c.Description, Owner: c.Owner, Compatibility: c.Compatibility,
		DeprecatedAfter: c.DeprecatedAfter, Columns: columns(c.Columns), Key: list(c.Key), Checks: checks(c.Checks), Expects: []string{},
		OnViolation: string(c.OnViolation), UnknownColumns: string(c.UnknownColumns), Coerce: string(c.Coerce), Tolerance: c.Tolerance,
		QuarantineRaw: c.KeepsRaw()}
	for _, e := range c.Expects {
		out.Expects = append(out.Expects, e.Name)
	}
	if c.Freshness != nil {
		out.Freshness = c.Freshness.Age()
	}
	if c.Schema != nil {
		out.SchemaFile = c.Schema.File
	}
	return out
}

func columns(in []contract.Column) map[string]column {
	out := map[string]column{}
	for i := range in {
		c := &in[i]
		col := column{Name: c.Name, Type: c.Type.String(), Required: c.Required, Unique: c.Unique, Description: c.Description, Tags: list(c.Tags),
			Min: c.Min, Max: c.Max, MinLength: c.MinLength, MaxLength: c.MaxLength, Pattern: c.Pattern, Enum: list(c.Enum), Format: c.Format,
			Default: c.Default, Checks: checks(c.Checks)}
		if c.References != nil {
			col.References = c.References.String()
		}
		out[c.Name] = col
	}
	return out
}

func checks(in []contract.Check) []string {
	out := []string{}
	for _, c := range in {
		out = append(out, c.Name)
	}
	return out
}

func newPipeline(t thing, p *program.Pipeline) pipeline {
	return pipeline{thing: t, From: p.From.String(), To: p.To.String(), Schedule: p.Schedule, Timezone: p.Timezone, Owner: p.Owner,
		Description: p.Description, Tags: list(p.Tags), Timeout: p.Timeout, Streams: list(p.Streams)}
}

func newStream(t thing, p *program.Program, n *program.Node) stream {
	s := n.Stream
	t.Name = n.Address.Stream
	out := stream{thing: t, Pipeline: n.Address.Base().String(), FromStream: s.From, Contract: s.Contract.String(), Schema: s.Schema, Table: s.Table,
		Write: s.Write, Cursor: s.Cursor, Mapped: []string{}, Dropped: []string{}, PreventDestroy: s.PreventDestroy}
	if out.FromStream == "" {
		out.FromStream = n.Address.Stream
	}
	if owner, ok := p.Lookup(n.Address.Base()); ok && owner.Pipeline != nil {
		out.From, out.To = owner.Pipeline.From.String(), owner.Pipeline.To.String()
	}
	if m := s.Map; m != nil {
		for _, c := range m.Columns {
			out.Mapped = append(out.Mapped, c.Name)
		}
		out.Dropped, out.Filter = list(m.Drop), m.FilterSource
	}
	return out
}

func newModel(t thing, m *program.Model) model {
	out := model{thing: t, Version: m.Version, Latest: m.Latest, Destination: m.Destination.String(), Schema: m.Schema, Table: m.Table,
		Materialized: m.Materialized, SQL: m.SQL, Contract: m.Contract.String(), Reads: []string{}, Columns: columns(m.Columns),
		DeprecatedAfter: m.DeprecatedAfter, Owner: m.Owner, Description: m.Description, Tags: list(m.Tags), PreventDestroy: m.PreventDestroy}
	seen := map[string]bool{}
	for _, r := range m.Tables {
		if text := r.Target.String(); !seen[text] {
			seen[text] = true
			out.Reads = append(out.Reads, text)
		}
	}
	return out
}

func texts(in []addr.Address) []string {
	out := []string{}
	for _, a := range in {
		out = append(out, a.String())
	}
	return out
}

// list makes nil a list that JSON writes as [].
func list(in []string) []string {
	if in == nil {
		return []string{}
	}
	return in
}
