package executor

import (
	"context"
	"encoding/json"

	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/lang/diag"
	"github.com/headgate-data/headgate/planner/plan"
	"github.com/headgate-data/headgate/planner/state"
)

// Refresh answers the planner's questions by looking at sources and
// destinations; it changes nothing anywhere. It returns a snapshot that shares
// prior's content and has Live set. What cannot be looked at is a warning, and
// its question stays open with the reason.
func Refresh(ctx context.Context, prior *state.Snapshot, qs []plan.Question, env Env) (*state.Snapshot, diag.Diagnostics) {
	var diags diag.Diagnostics
	next := *prior
	next.Live = &state.Live{Files: map[string]state.FilesWaiting{}, Refused: map[string]state.Refused{}, Imports: map[string]state.Importable{},
		Tables: map[string]state.LiveTable{}, Wanted: map[string]state.LiveTable{}}
	var tables []*plan.AskTable
	counters := newCounters(env)
	defer counters.close()
	for _, q := range qs {
		switch q := q.(type) {
		case *plan.AskFiles:
			w, err := look(ctx, q, env)
			if err != nil {
				diags.Add(unanswered(err, diag.SourceFailed, "The source could not be looked at"))
				w.Error = err.Error()
			}
			next.Live.Files[q.Stream.String()] = w
		case *plan.AskPast:
			known, err := past(ctx, q, prior.Environment, env.Store)
			if err != nil {
				diags.Add(unanswered(err, diag.StateFailed, "The history could not be read"))
			}
			next.Live.Past = known
		case *plan.AskTable:
			tables = append(tables, q)
		case *plan.AskRefused:
			r, err := counters.refused(ctx, q)
			if err != nil && !isNoTable(err) {
				diags.Add(unanswered(err, diag.ImpactOpen, "The rows that stand there could not be counted"))
			}
			next.Live.Refused[q.Table.String()] = r
		case *plan.AskImport:
			next.Live.Imports[q.Stream.String()] = examine(ctx, q, env)
		default:
			diags.Add(diag.Bug("executor.Refresh", "a question of the type %T", q))
		}
	}
	diags = append(diags, inspect(ctx, tables, env, next.Live)...)
	return &next, diags
}

// unanswered is the warning that a question stays open because of err.
func unanswered(err error, code diag.Code, summary string) *diag.Diagnostic {
	warned := *diag.FromError(err, code, summary)
	warned.Severity = diag.Warning
	return &warned
}

// look asks one source what it holds beyond the bookmark.
func look(ctx context.Context, q *plan.AskFiles, env Env) (state.FilesWaiting, error) {
	src, cleanup, err := openSource(ctx, q.Source, program.Environment{}, env)
	if err != nil {
		return state.FilesWaiting{}, err
	}
	defer cleanup()
	l, ok := src.(connector.Looker)
	if !ok {
		return state.FilesWaiting{}, nil
	}
	w, err := l.Look(ctx, connector.StreamRequest{Stream: q.SourceStream, Write: q.Write, Cursor: q.Cursor}, json.RawMessage(q.Bookmark))
	return state.FilesWaiting{New: files(w.New), Grown: files(w.Grown), Rewritten: files(w.Rewritten), Gone: w.Gone}, err
}

func files(in []connector.WaitingFile) []state.FileInfo {
	var out []state.FileInfo
	for _, f := range in {
		out = append(out, state.FileInfo{Path: f.Path, Bytes: f.Bytes})
	}
	return out
}

// Discover lists the streams of a source and their columns, for sources.lock.hcl.
func Discover(ctx context.Context, n *program.Node, in program.Environment, env Env) ([]connector.StreamSchema, diag.Diagnostics) {
	var diags diag.Diagnostics
	src, cleanup, err := openSource(ctx, n, in, env)
	if err != nil {
		diags.AddError(err, diag.SourceFailed, "The source could not be read")
		return nil, diags
	}
	defer cleanup()
	streams, err := src.Discover(ctx)
	diags.AddError(err, diag.SourceFailed, "The source could not be read")
	return streams, diags
}

// OpenSource opens a source of a program, to read from it outside of a run.
// done closes it.
func OpenSource(ctx context.Context, n *program.Node, in program.Environment, env Env) (src connector.Source, done func(), err error) {
	return openSource(ctx, n, in, env)
}
