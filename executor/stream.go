package executor

import (
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/connector/checksum"
	"github.com/headgate-data/headgate/executor/enforce"
	"github.com/headgate-data/headgate/lang/diag"
)

// streamRun is one stream within a session. It is used by one goroutine at a
// time: enforceLoop while the session runs, the publisher afterwards.
type streamRun struct {
	*target
	address  string
	source   string            // the source's name of the stream
	enforcer *enforce.Enforcer // counts for all
	forked   *enforce.Enforcer // does the work where one batch at a time is enforced, see fork
	report   *StreamReport
	standing connector.Standing

	counts   enforce.Counts
	checksum connector.Checksum
	rising   []rising // of the columns that must hold no value twice
	began    time.Time
	bytes    int64
	total    int64 // bytes expected, 0 where unknown
	ticked   time.Time
	step     string
	resumed  bool               // rows of a run that was stopped are in staging already
	newCols  []connector.Column // that evolve added in this run
	schema   bool               // the source's schema was compared
}

// streamProgress is a stream's part of what a checkpoint keeps.
type streamProgress struct {
	Counts   enforce.Counts     `json:"counts"`
	Checksum connector.Checksum `json:"checksum"`
	Summary  json.RawMessage    `json:"summary"`
	Evolved  []contract.Column  `json:"evolved,omitempty"`
	Rising   []rising           `json:"rising,omitempty"`
}

// sessionProgress is what a checkpoint keeps beside the bookmark.
type sessionProgress struct {
	Streams map[string]streamProgress `json:"streams"`
	Refused bool                      `json:"refused,omitempty"` // judged and not published: left for a look only
}

func (s *session) progress() (json.RawMessage, error) {
	out := sessionProgress{Streams: map[string]streamProgress{}}
	for _, run := range s.streams {
		sum, err := json.Marshal(run.enforcer.Summary())
		if err != nil {
			return nil, diag.Bug("executor.progress", "%v", err)
		}
		out.Streams[run.address] = streamProgress{Counts: run.counts, Checksum: run.checksum, Summary: sum, Evolved: run.added(), Rising: run.rising}
	}
	return json.Marshal(out)
}

// readable reports whether restore can take up every stream's progress.
func (p *sessionProgress) readable(streams []*streamRun) bool {
	for _, run := range streams {
		var sum enforce.Summary
		if json.Unmarshal(p.Streams[run.address].Summary, &sum) != nil {
			return false
		}
	}
	return true
}

// restore takes up the counts of a killed run.
func (run *streamRun) restore(p streamProgress) error {
	if err := run.enforcer.Restore(p.Summary); err != nil {
		return err
	}
	run.counts, run.checksum = p.Counts, p.Checksum
	for i := range run.rising {
		at := slices.IndexFunc(p.Rising, func(r rising) bool { return r.Column == run.rising[i].Column })
		if at >= 0 {
			run.rising[i] = p.Rising[at]
		} else {
			run.rising[i].Broken = p.Counts.Accepted > 0 // of another version: nobody watched
		}
	}
	for _, c := range p.Evolved {
		run.newCols = append(run.newCols, connector.Column{Name: c.Name, Type: c.Type, Nullable: true})
	}
	run.resumed = p.Counts.Read > 0
	run.report.Resumed, run.report.ResumedRead = true, p.Counts.Read
	return nil
}

// added are the columns that evolve has added in this run.
func (run *streamRun) added() []contract.Column {
	var out []contract.Column
	for _, c := range run.newCols {
		out = append(out, contract.Column{Name: c.Name, Type: c.Type})
	}
	return out
}

// count adds a batch to the stream's sums.
func (run *streamRun) count(b *enforce.Batch) {
	run.counts.Add(b.Counts)
	checksum.Merge(&run.checksum, b.Checksum)
	run.newCols = append(run.newCols, b.NewColumns...)
	for i := range run.rising {
		run.rising[i].see(b.Rows)
	}
}

// tick reports progress, a few times a second at most.
func (run *streamRun) tick(a *applier, bytes int64) {
	run.bytes += bytes
	now := time.Now()
	if now.Sub(run.ticked) < progressEvery {
		return
	}
	run.ticked = now
	a.emit(Event{
		Kind: Progress, Step: run.step, Address: run.address, Read: run.counts.Read, Accepted: run.counts.Accepted,
		Rejected: run.counts.Quarantined + run.counts.Dropped, Bytes: run.bytes, Total: run.total, Seconds: now.Sub(run.began).Seconds(),
	})
}

// compareSchema notes, at the first message of a run, how the columns that the
// source announces differ from what the map and the contract expect of it.
func (run *streamRun) compareSchema(a *applier, v connector.StreamSchema) {
	if run.schema {
		return
	}
	run.schema = true
	announced := map[string]connector.SourceColumn{}
	for _, c := range v.Columns {
		announced[c.Name] = c
	}
	for _, want := range run.expected() {
		got, ok := announced[want.Name]
		switch {
		case !ok && want.Required:
			run.report.SchemaChanges = append(run.report.SchemaChanges, fmt.Sprintf("%s: the source does not announce it, and it is required", want.Name))
		case ok && got.Type.Kind != types.Any && !Fits(got.Type, want.Type):
			run.report.SchemaChanges = append(run.report.SchemaChanges, fmt.Sprintf("%s: the source announces %s, expected is %s", want.Name, got.Type, want.Type))
		}
		delete(announced, want.Name)
	}
	if run.stream.RowSchema != nil {
		var extra []string
		for name, c := range announced {
			extra = append(extra, fmt.Sprintf("%s: the source announces it as %s, sources.lock.hcl does not know it", name, c.Type))
		}
		sort.Strings(extra)
		run.report.SchemaChanges = append(run.report.SchemaChanges, extra...)
	}
	for _, c := range run.report.SchemaChanges {
		a.emit(Event{Kind: Note, Step: run.step, Address: run.address, Text: c})
	}
}

// expected are the members that a source's record should have.
func (run *streamRun) expected() []contract.Column { return ExpectedOf(run.stream, run.contract) }

// ExpectedOf are the members that a record of a stream's source should have: as the
// lock knows them, else the contract's columns that no map yields.
func ExpectedOf(st *program.Stream, c *contract.Contract) []contract.Column {
	if st.RowSchema != nil {
		return st.RowSchema
	}
	m := st.Map
	if m == nil {
		return c.Columns
	}
	if m.Only {
		return nil
	}
	var out []contract.Column
	for _, col := range c.Columns {
		if !slices.ContainsFunc(m.Columns, func(x program.MapColumn) bool { return x.Name == col.Name }) {
			out = append(out, col)
		}
	}
	return out
}

// Fits reports whether values of one type can be read as the other at all.
func Fits(from, to types.Type) bool {
	switch {
	case types.Widens(from, to), from.Kind == types.String, to.Kind == types.JSON:
		return true
	case from.IsNumeric() && to.IsNumeric():
		return true
	default:
		return from.Kind == to.Kind && !from.IsNested()
	}
}

// finish writes the stream's sums into its report.
func (run *streamRun) finish() {
	r, c := run.report, run.counts
	r.Read, r.Accepted, r.Quarantined, r.Dropped = c.Read, c.Accepted, c.Quarantined, c.Dropped
	r.Filtered, r.Annotated, r.Warned = c.Filtered, c.Annotated, c.Warned
	r.Bytes, r.SourceBytes = run.bytes, run.total
	r.Checksum.Accepted = run.checksum
	sum := run.enforcer.Summary()
	r.Rules, r.Unknown = sum.Report()
	for _, c := range run.newCols {
		r.Evolved = append(r.Evolved, c.Name+" "+c.Type.String())
	}
	run.clock()
}

// clock writes how long the stream has taken so far, publication included once
// that is done, and the rate.
func (run *streamRun) clock() {
	r := run.report
	if r.Seconds = time.Since(run.began).Seconds(); r.Seconds > 0 {
		r.RowsPerSecond = float64(run.counts.Read-r.ResumedRead) / r.Seconds
	}
}

// rising watches whether a column's values rise strictly from row to row over a
// whole session, as numbers that are given out one after the other do. Then no two
// of the session's rows have the same, and the audit need only look whether other
// rows stand among them.
type rising struct {
	Column string `json:"column"`
	Seen   bool   `json:"seen"`   // a row was
	Broken bool   `json:"broken"` // they do not, or the column is of another type than these
	Text   bool   `json:"text"`
	// The first and the last value, as a number or as Text.
	First     int64  `json:"first,omitempty"`
	Last      int64  `json:"last,omitempty"`
	FirstText string `json:"first_text,omitempty"`
	LastText  string `json:"last_text,omitempty"`
}

// longestRising is how long a text may be that is watched, in bytes: checkpoints
// hold two of them.
const longestRising = 256

// watched are the columns of a contract that must hold no value twice.
func watched(c *contract.Contract) []rising {
	var out []rising
	if len(c.Key) == 1 {
		out = append(out, rising{Column: c.Key[0]})
	}
	for i := range c.Columns {
		if col := &c.Columns[i]; col.Unique && !(len(c.Key) == 1 && c.Key[0] == col.Name) {
			out = append(out, rising{Column: col.Name})
		}
	}
	return out
}

// see takes the next accepted rows in.
func (r *rising) see(rows arrow.RecordBatch) {
	if r.Broken || rows == nil || rows.NumRows() == 0 {
		return
	}
	at := rows.Schema().FieldIndices(r.Column)
	if len(at) != 1 || rows.Column(at[0]).NullN() > 0 {
		r.Broken = true
		return
	}
	switch a := rows.Column(at[0]).(type) {
	case *array.Int64:
		seeNumbers(r, a.Int64Values())
	case *array.Int32:
		seeNumbers(r, a.Int32Values())
	case *array.String:
		r.seeTexts(a)
	default:
		r.Broken = true
	}
}

func seeNumbers[T int32 | int64](r *rising, values []T) {
	if !r.Seen {
		r.Seen, r.First, r.Last = true, int64(values[0]), int64(values[0])
		values = values[1:]
	}
	last := r.Last
	for _, v := range values {
		if int64(v) <= last {
			r.Broken = true
			return
		}
		last = int64(v)
	}
	r.Last = last
}

func (r *rising) seeTexts(a *array.String) {
	from := 0
	if !r.Seen {
		r.Seen, r.Text, from = true, true, 1
		r.FirstText = strings.Clone(a.Value(0))
		r.LastText = r.FirstText
	}
	last := r.LastText
	for i := from; i < a.Len(); i++ {
		v := a.Value(i)
		if v <= last {
			r.Broken = true
			return
		}
		last = v
	}
	r.LastText = strings.Clone(last) // the array's memory is used again
	r.Broken = len(r.FirstText) > longestRising || len(r.LastText) > longestRising
}

// unless is the SQL of Audit.Unless, "" where the values do not rise: what stands at
// or behind the first new value must be the new rows alone.
func (r *rising) unless() string {
	if r.Broken || !r.Seen || strings.ContainsRune(r.FirstText, 0) {
		return ""
	}
	first := strconv.FormatInt(r.First, 10)
	if r.Text {
		first = "'" + strings.ReplaceAll(r.FirstText, "'", "''") + "'"
	}
	return "SELECT 1 WHERE (SELECT count(*) FROM {this} WHERE " + quoteIdent(r.Column) + " >= " + first + ") <> (SELECT count(*) FROM {new})"
}

// distinct reports whether the session's rows were seen to have no key twice.
func (run *streamRun) distinct() bool {
	key := run.contract.Key
	for i := range run.rising {
		if r := &run.rising[i]; len(key) == 1 && r.Column == key[0] {
			return r.Seen && !r.Broken
		}
	}
	return false
}

// hasten tells audits of values that must not stand twice what was seen of the
// session's rows.
func (run *streamRun) hasten(audits []connector.Audit) {
	for i := range audits {
		set := audits[i].Set
		if set == nil || len(set.Unique) != 1 {
			continue
		}
		for k := range run.rising {
			if run.rising[k].Column == set.Unique[0] {
				audits[i].Unless = run.rising[k].unless()
			}
		}
	}
}
