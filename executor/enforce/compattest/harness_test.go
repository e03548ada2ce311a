package compattest

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

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
	row = map[string]json.RawMessage{}
	for i, f := range b.Rows.Schema().Fields() {
		row[f.Name] = cell(b.Rows.Column(i), 0)
	}
	return nil, row, nil
}

// cell writes a value of a row as a record carries it.
func cell(a arrow.Array, i int) json.RawMessage {
	if a.IsNull(i) {
		return json.RawMessage("null")
	}
	var v any
	switch x := a.(type) {
	case *array.Float64: // an integer's digits would claim to be exact
		return json.RawMessage(strconv.FormatFloat(x.Value(i), 'e', -1, 64))
	case *array.Binary:
		v = base64.StdEncoding.EncodeToString(x.Value(i))
	case *array.FixedSizeBinary:
		u := fmt.Sprintf("%x", x.Value(i))
		v = u[:8] + "-" + u[8:12] + "-" + u[12:16] + "-" + u[16:20] + "-" + u[20:]
	case *array.Map:
		from, to := x.ValueOffsets(i)
		members := map[string]json.RawMessage{}
		for k := from; k < to; k++ {
			members[x.Keys().ValueStr(int(k))] = cell(x.Items(), int(k))
		}
		v = members
	case *array.List:
		from, to := x.ValueOffsets(i)
		items := []json.RawMessage{}
		for k := from; k < to; k++ {
			items = append(items, cell(x.ListValues(), int(k)))
		}
		v = items
	case *array.Struct:
		members := map[string]json.RawMessage{}
		for k, f := range x.DataType().(*arrow.StructType).Fields() {
			members[f.Name] = cell(x.Field(k), i)
		}
		v = members
	default:
		v = a.GetOneForMarshal(i)
	}
	text, _ := json.Marshal(v)
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

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
