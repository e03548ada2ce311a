package check

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/zeebo/xxh3"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/enforce"
	"github.com/headgate-data/headgate/executor/enforce/scan"
	"github.com/headgate-data/headgate/executor/outcome"
	"github.com/headgate-data/headgate/lang/diag"
)

// set is a promise that no two rows have the same values in some columns. Rows
// with a null among them do not count, as in SQL. It knows values by their 128-bit
// hashes: among a thousand million of them the odds of one false finding are
// below 1 in 10^20.
type set struct {
	rule    string
	column  string // "" for a key
	columns []int  // in the batches
	names   []string
	where   diag.Range
	at      string // where as file:line
	mask    bool
	outcome string // what becomes of a row at fault
	first   map[xxh3.Uint128]place
	count   int64
	found   []outcome.ExampleReport
	scratch []byte
}

// place is where a record was found: the number of its input above, its line in
// the lower 40 bits.
type place uint64

const lineBits = 40

// setsOf returns the contract's promises over all rows.
func setsOf(c *contract.Contract, merge bool) []*set {
	var out []*set
	becomes := map[contract.SetViolations]string{"": "failed", contract.SetQuarantine: "quarantined", contract.SetDrop: "dropped"}[c.SetViolations]
	add := func(rule, column string, where diag.Range, names []string) {
		s := &set{rule: rule, column: column, names: names, where: where, outcome: becomes, at: fmt.Sprintf("%s:%d", where.Filename, where.Start.Line), first: map[xxh3.Uint128]place{}}
		for _, name := range names {
			i := slices.IndexFunc(c.Columns, func(col contract.Column) bool { return col.Name == name })
			s.columns = append(s.columns, i)
			s.mask = s.mask || c.Columns[i].HasTag("pii")
		}
		out = append(out, s)
	}
	if len(c.Key) > 0 && !merge {
		add(contract.RecordKey, "", c.Range, c.Key)
	}
	for i := range c.Columns {
		col := &c.Columns[i]
		isKey := len(c.Key) == 1 && c.Key[0] == col.Name
		if col.Unique && !isKey {
			where := col.Range
			if r, ok := col.Rules[contract.RuleUnique]; ok {
				where = r
			}
			add(contract.ColumnRule(col.Name, contract.RuleUnique), col.Name, where, []string{col.Name})
		}
	}
	return out
}

// look looks for values of the batch's rows that came before.
func (c *checker) look(p piece) error {
	if len(c.sets) == 0 && !c.table.looks() {
		return nil
	}
	held := c.table.held()
	for _, s := range c.sets {
		held += int64(len(s.first))
	}
	input := uint64(len(c.out.Inputs) - 1)
	for row, i := range p.batch.Index {
		at := place(input<<lineBits | uint64(p.records.Line[i])&(1<<lineBits-1))
		twice := false
		for _, s := range c.sets {
			if !s.read(p.batch.Rows, row) {
				continue
			}
			h := xxh3.Hash128(s.scratch)
			before, ok := s.first[h]
			if !ok {
				if held++; held > c.spec.MaxKeys {
					return c.tooMany(p, int(i))
				}
				s.first[h] = at
				continue
			}
			twice = true
			if err := c.again(s, p, row, int(i), before); err != nil {
				return err
			}
			if c.spec.Contract.SetViolations != "" {
				break // the row is taken out, and stands in the way of none
			}
		}
		if twice && c.takeOut() {
			continue
		}
		if held += c.table.add(p.batch.Rows, row); held > c.spec.MaxKeys && c.spec.MaxKeys > 0 {
			return c.tooMany(p, int(i))
		}
	}
	return nil
}

// tooMany says that no more keys may be held in memory.
func (c *checker) tooMany(p piece, record int) error {
	return diag.New(diag.TooManyKeys, "More than %d distinct keys stood in the data up to %s, record %d. Allow more with --max-keys, or leave keys unchecked with --max-keys 0.",
		c.spec.MaxKeys, p.origin, p.records.Line[record])
}

// takeOut counts a row whose key or unique value came before as what becomes of
// it; true where it leaves the table.
func (c *checker) takeOut() bool {
	switch c.spec.Contract.SetViolations {
	case contract.SetQuarantine:
		c.counts.Quarantined++
	case contract.SetDrop:
		c.counts.Dropped++
	default:
		c.out.Duplicates++
		return false
	}
	c.counts.Accepted--
	return true
}

// again notes that a row has values that stood in the record at before.
func (c *checker) again(s *set, p piece, row, record int, before place) error {
	message := fmt.Sprintf("stands first at %s:%d", c.out.Inputs[before>>lineBits].Name, before&(1<<lineBits-1))
	if s.count++; len(s.found) < c.spec.Examples {
		s.found = append(s.found, outcome.ExampleReport{Origin: p.origin, Line: p.records.Line[record], Value: s.value(p.batch, row), Message: message})
	}
	if c.spec.Reject == nil {
		return nil
	}
	raw := p.records.Data[p.records.Start[record]:p.records.End[record]]
	return c.spec.Reject(connector.Reject{Origin: p.origin, Line: p.records.Line[record], Raw: c.enforcer.Keep(raw),
		Reasons: []connector.RejectReason{{Column: s.column, Rule: s.rule, Value: s.value(p.batch, row), Message: message, At: s.at}}})
}

// read writes a row's values into the scratch, each ending where no other could;
// it is false where one of them is null.
func (s *set) read(rows arrow.RecordBatch, row int) bool {
	s.scratch = s.scratch[:0]
	for _, i := range s.columns {
		col := rows.Column(i)
		if col.IsNull(row) {
			return false
		}
		s.scratch = appendKey(s.scratch, col, row)
	}
	return true
}

// appendKey appends a value that is not null in a form that equal values share
// and others do not.
func appendKey(b []byte, col arrow.Array, i int) []byte {
	switch a := col.(type) {
	case *array.Int64:
		return binary.LittleEndian.AppendUint64(b, uint64(a.Value(i)))
	case *array.Timestamp:
		return binary.LittleEndian.AppendUint64(b, uint64(a.Value(i)))
	case *array.Time64:
		return binary.LittleEndian.AppendUint64(b, uint64(a.Value(i)))
	case *array.Int32:
		return binary.LittleEndian.AppendUint32(b, uint32(a.Value(i)))
	case *array.Date32:
		return binary.LittleEndian.AppendUint32(b, uint32(a.Value(i)))
	case *array.Decimal128:
		v := a.Value(i)
		return binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(b, uint64(v.HighBits())), v.LowBits())
	case *array.FixedSizeBinary:
		return append(b, a.Value(i)...)
	case *array.String:
		return append(binary.AppendUvarint(b, uint64(a.ValueLen(i))), a.Value(i)...)
	case *array.Binary:
		return append(binary.AppendUvarint(b, uint64(a.ValueLen(i))), a.Value(i)...)
	default: // bool; keys and unique columns are of no nested type
		return append(append(b, col.ValueStr(i)...), 0)
	}
}

// value returns a row's values as JSON text: the value of one column, an object
// of several; masked where personal.
func (s *set) value(b *enforce.Batch, row int) string {
	if s.mask {
		return enforce.Masked
	}
	if len(s.columns) == 1 {
		return enforce.Cut(b.AppendValue(nil, s.columns[0], row))
	}
	text := []byte{'{'}
	for k, i := range s.columns {
		if k > 0 {
			text = append(text, ',')
		}
		text = append(scan.Quote(text, []byte(s.names[k])), ':')
		text = b.AppendValue(text, i, row)
	}
	return enforce.Cut(append(text, '}'))
}

// report is the set's part of the report.
func (s *set) report() outcome.RuleReport {
	out := outcome.RuleReport{Rule: s.rule, Column: s.column, Count: s.count, Severity: string(contract.SeverityError), Outcome: s.outcome, Message: "stands in more than one record", Examples: s.found}
	if !s.where.IsZero() {
		where := s.where
		out.Range = &where
	}
	return out
}

// sortRules sorts as an enforcer's summary does.
func sortRules(rules []outcome.RuleReport) {
	slices.SortStableFunc(rules, func(a, b outcome.RuleReport) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Column, b.Column))
	})
}
