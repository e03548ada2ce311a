package plan

import (
	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang/addr"
)

// Question asks the executor for something about the outside that the planner
// needs; the answer goes into state.Snapshot.Live. The set is closed: the types
// of this file. A question that was not asked, or not answered, stays open, and
// the plan says so where it matters.
type Question interface{ question() }

// AskFiles asks which files a stream's source holds beyond its bookmark. The
// answer is Live.Files under the stream's address.
type AskFiles struct {
	Stream       addr.Address  // the pipeline stream that asks
	Source       *program.Node // its source
	Destination  *program.Node // where the bookmark is
	Pipeline     addr.Address
	SourceStream string // the source's name of the stream
	Cursor       string // the stream's cursor column, "" where none
	Write        string // append, replace or merge
	Bookmark     []byte // the state's mirror of the bookmark, nil where there is none
}

// AskPast asks what the last successful runs of steps did. The answer is Live.Past
// under the steps' ids.
type AskPast struct {
	Steps []string // ids, sorted
	Runs  int      // of each, at most
}

func (*AskFiles) question() {}
func (*AskPast) question()  {}

// AskTable asks what stands under the names of a stream or model version. The
// answer is Live.Tables, or with Wanted Live.Wanted, under Address.
type AskTable struct {
	Address     addr.Address
	Destination *program.Node // in which the names are, or are to be
	Wanted      bool          // the names are not published yet; else they are as last applied
	Names       []PublishedName
}

// PublishedName is a name in a destination.
type PublishedName struct {
	Owner  addr.Address // the address without its version for a model's bare name
	Schema string       // suffix included
	Name   string
}

func (*AskTable) question() {}

// AskRefused asks how many rows that stand in a table the version of a contract
// that the plan puts on it would refuse. Only the rules that are new or tighter
// are asked about: the others held when the rows came in. The answer is
// Live.Refused under the table's address.
type AskRefused struct {
	Table       addr.Address       // a stream, a model version or an external
	Destination *program.Node      // where the table stands, as last applied
	Schema      string             // as published, suffix included
	Name        string             // as published
	Contract    addr.Address       // the version that the plan puts on the table
	Promises    *contract.Contract // that version
	Rules       []AskedRule        // at least one
	Personal    []string           // columns whose values are never shown, sorted
	Others      []OtherTable       // the tables that asked references lead to, by address
}

func (*AskRefused) question() {}

// AskedRule is a rule that is new on a table, or tighter than it was.
type AskedRule struct {
	Rule    string   `json:"rule"` // as a violation cites it
	Kind    RuleKind `json:"kind"`
	Column  string   `json:"column,omitempty"` // "" for a rule of the row or the table
	Warning bool     `json:"warning,omitempty"`
}

// RuleKind says what a rule is about.
type RuleKind string

// The kinds of rules. Those from KeyRule on are promises over the whole table.
const (
	TypeRule       RuleKind = "type"     // the value is of the column's type
	RequiredRule   RuleKind = "required" // there is a value; the columns of a key have one
	LimitRule      RuleKind = "limit"
	CheckRule      RuleKind = "check"
	ShapeRule      RuleKind = "shape" // what a JSON Schema says and a table does not keep
	KeyRule        RuleKind = "key"
	UniqueRule     RuleKind = "unique"
	ReferencesRule RuleKind = "references"
	ExpectRule     RuleKind = "expect"
	RowsRule       RuleKind = "rows"
	FreshnessRule  RuleKind = "freshness"
)

// OverTable reports whether single rows do not decide the rule.
func (k RuleKind) OverTable() bool {
	switch k {
	case KeyRule, UniqueRule, ReferencesRule, ExpectRule, RowsRule, FreshnessRule:
		return true
	default:
		return false
	}
}

// OtherTable is the published name of a table that a reference leads to; Name is
// "" where it was never applied.
type OtherTable struct {
	Address addr.Address
	Schema  string
	Name    string
}
