package executor

import (
	"fmt"
	"slices"
	"strings"

	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/lang/addr"
)

// unit is what a pipeline's or model's bookkeeping in a destination belongs to.
func (a *applier) unit(address addr.Address) connector.Unit {
	return connector.Unit{Project: a.plan.Project, Environment: a.plan.Environment, Pipeline: address.Base().String()}
}

// suffix is what the environment puts behind every published schema.
func (a *applier) suffix() string { return a.plan.Program.Environment.SchemaSuffix }

// streamName is the published name of a stream, under a schema suffix.
func streamName(address addr.Address, s *program.Stream, suffix string) connector.Relation {
	return connector.Relation{Address: address.String(), Schema: s.Schema + suffix, Name: s.Table}
}

// modelNames are the published names of a model version, under a schema suffix:
// name_vN first, then the bare name when the version is the latest. The bare name
// belongs to the model, not to one version of it.
func modelNames(address addr.Address, m *program.Model, suffix string) []connector.Relation {
	out := []connector.Relation{{
		Address: address.String(), Schema: m.Schema + suffix, Name: fmt.Sprintf("%s_v%d", m.Table, m.Version),
	}}
	if m.Latest {
		out = append(out, connector.Relation{Address: address.Base().String(), Schema: m.Schema + suffix, Name: m.Table})
	}
	return out
}

// leftNames are the names that a model version was published under and is not
// any more: its table or schema has another name now.
func (a *applier) leftNames(address addr.Address, prior, now *program.Model) []connector.Relation {
	if prior == nil || (prior.Schema+a.wasSuffix == now.Schema+a.suffix() && prior.Table == now.Table) {
		return nil
	}
	names := modelNames(address, prior, a.wasSuffix)
	if len(names) > 1 && !now.Latest && a.hasLatest(address) {
		names = names[:1]
	}
	return names
}

// bind puts published relations in place of the table names of a model's query:
// by the token ranges that the compiler found, never by printing a tree.
func bind(m *program.Model, suffix string) string {
	refs := slices.Clone(m.Tables)
	slices.SortFunc(refs, func(x, y program.TableRef) int { return x.Start - y.Start })
	var b strings.Builder
	at := 0
	for _, r := range refs {
		schema := r.Schema
		if r.Managed {
			schema += suffix
		}
		b.WriteString(m.SQL[at:r.Start])
		b.WriteString(quoteIdent(schema) + "." + quoteIdent(r.Table))
		at = r.End
	}
	b.WriteString(m.SQL[at:])
	return strings.TrimRight(strings.TrimSpace(b.String()), ";")
}

func quoteIdent(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// streamView is the view that publishes a stream's build.
func (a *applier) streamView(name connector.Relation, table connector.Table) connector.View {
	v := connector.View{Relation: name, Comment: table.Comment}
	v.Build = table.Build
	for _, c := range table.Columns {
		v.Columns = append(v.Columns, c.Name)
	}
	return v
}

// modelViews are the views that publish a model version: over its build, or
// with its query when it is a view itself.
func (a *applier) modelViews(address addr.Address, m *program.Model, build string) []connector.View {
	names := modelNames(address, m, a.suffix())
	var out []connector.View
	for i, name := range names {
		v := connector.View{Relation: name, Comment: m.Description}
		for _, c := range m.Columns {
			v.Columns = append(v.Columns, c.Name)
		}
		switch {
		case m.Materialized == "table":
			// Every name of the model shows the one table, which is named after name_vN.
			v.Build = build
			v.Of = names[0].Name
		case i == 0:
			v.SQL = bind(m, a.suffix())
		default:
			v.SQL = fmt.Sprintf("SELECT * FROM %s.%s", quoteIdent(names[0].Schema), quoteIdent(names[0].Name))
		}
		out = append(out, v)
	}
	return out
}

// dependentViews returns the views among the applied models that read one of
// the given addresses, directly or through other views, producers first. They
// are published anew together with what they read. A view that a later step of
// this plan changes is left to that step: its query as applied may name columns
// and tables that are going away.
func (a *applier) dependentViews(of ...addr.Address) []connector.View {
	a.mu.Lock()
	var models []*program.Node
	for _, n := range a.current {
		d := n.Definition
		if d != nil && d.Model != nil && d.Model.Materialized == "view" && !a.unsettled[d.Address.String()] {
			models = append(models, d)
		}
	}
	a.mu.Unlock()
	return a.viewsOver(models, of...)
}

// viewsOver returns the views among models that read one of the given addresses,
// directly or through other views, producers first.
func (a *applier) viewsOver(models []*program.Node, of ...addr.Address) []connector.View {
	slices.SortFunc(models, func(x, y *program.Node) int { return addr.Compare(x.Address, y.Address) })
	reached := map[addr.Address]bool{}
	for _, o := range of {
		reached[o] = true
	}
	var out []connector.View
	for again := true; again; {
		again = false
		for _, d := range models {
			if reached[d.Address] || !slices.ContainsFunc(d.Model.Tables, func(r program.TableRef) bool { return reached[r.Target] }) {
				continue
			}
			reached[d.Address], again = true, true
			out = append(out, a.modelViews(d.Address, d.Model, "")...)
		}
	}
	return out
}
