package compattest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/headgate-data/headgate/compiler"
	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/enforce"
	"github.com/headgate-data/headgate/lang"
)

// compile compiles a contract that is given as the body of its only version.
func compile(body string) (*contract.Contract, error) {
	fsys := fstest.MapFS{"c.gate.hcl": {Data: []byte("contract \"orders\" {\n" + body + "\n}\n")}}
	m, ds := lang.Load(fsys, ".")
	if ds.HasErrors() {
		return nil, ds.Err()
	}
	p, ds := compiler.Compile(context.Background(), m, compiler.Inputs{Today: "2026-06-01", FS: fsys, FolderName: "shop", LookupEnv: func(string) (string, bool) { return "", false }})
	if ds.HasErrors() {
		return nil, ds.Err()
	}
	for _, n := range p.Nodes {
		if n.Contract != nil {
			return n.Contract, nil
		}
	}
	return nil, errors.New("no contract was compiled")
}

// judge is the real enforcer of a contract. on_violation is of no matter to
// compatibility: every violation refuses.
type judge struct{ e *enforce.Enforcer }

func newJudge(c *contract.Contract) (judge, error) {
	strict := *c
	strict.OnViolation = contract.Quarantine
	if strict.UnknownColumns == contract.UnknownFail {
		strict.UnknownColumns = contract.UnknownQuarantine
	}
	e, ds := enforce.New(enforce.Spec{Address: "pipeline.p.stream.s", Contract: &strict})
	if ds.HasErrors() {
		return judge{}, ds.Err()
	}
	return judge{e}, nil
}

// hold holds one record to the contract: the rules that it breaks, or the row that
// became of it.
func (j judge) hold(record string) (rules []string, row map[string]json.RawMessage, err error) {
	b, err := j.e.Enforce(&connector.Records{Stream: "s", Origin: "proof", Data: []byte(record), Start: []int{0}, End: []int{len(record)}, Line: []int64{1}})
	if err != nil {
		return nil, nil, err
	}
	defer b.Release()
	for _, r := range b.Rejects {
		for _, why := range r.Reasons {
			rules = append(rules, why.Rule)
		}
	}
	if len(rules) > 0 || b.Rows.NumRows() != 1 {
		return rules, nil, nil
	}
	text, err := b.Rows.MarshalJSON()
	if err != nil {
		return nil, nil, err
	}
	var rows []map[string]json.RawMessage
	if err := json.Unmarshal(text, &rows); err != nil || len(rows) != 1 {
		return nil, nil, fmt.Errorf("%s: %v", text, err)
	}
	for i, f := range b.Rows.Schema().Fields() {
		if f.Type.ID() == arrow.MAP || holdsMap(f.Type) {
			rows[0][b.Rows.ColumnName(i)] = asObject(rows[0][b.Rows.ColumnName(i)])
		}
	}
	return nil, rows[0], nil
}

func holdsMap(t arrow.DataType) bool {
	switch x := t.(type) {
	case *arrow.MapType:
		return true
	case *arrow.ListType:
		return holdsMap(x.Elem())
	case *arrow.StructType:
		for _, f := range x.Fields() {
			if holdsMap(f.Type) {
				return true
			}
		}
	}
	return false
}

// asObject turns a map's pairs, as Arrow writes them, into an object. Maps inside
// of other values are left out: then there is no row to hold.
func asObject(raw json.RawMessage) json.RawMessage {
	var pairs []struct {
		Key   string          `json:"key"`
		Value json.RawMessage `json:"value"`
	}
	if json.Unmarshal(raw, &pairs) != nil || pairs == nil {
		return raw
	}
	out := map[string]json.RawMessage{}
	for _, p := range pairs {
		out[p.Key] = p.Value
	}
	text, _ := json.Marshal(out)
	return text
}

// readers is what a version promised of its rows, as the enforcer of records that
// are made of rows.
func readers(c *contract.Contract) (judge, error) {
	rows := *c
	rows.Coerce, rows.UnknownColumns = contract.CoerceLossless, contract.UnknownDrop
	rows.Columns = append([]contract.Column{}, c.Columns...)
	for i := range rows.Columns {
		rows.Columns[i].Default = nil
	}
	return newJudge(&rows)
}

// asRecord writes a row as a record.
func asRecord(row map[string]json.RawMessage) string {
	text, _ := json.Marshal(row)
	return string(text)
}

func mustCompile(t testing.TB, body string) *contract.Contract {
	t.Helper()
	c, err := compile(body)
	if err != nil {
		t.Fatalf("%v\n%s", err, body)
	}
	return c
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if strings.EqualFold(x, s) {
			return true
		}
	}
	return false
}
