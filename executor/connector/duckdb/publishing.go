package duckdb

import (
	"context"
	"maps"
	"slices"

	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/connector/duckdb/duck"
)

// publishing is one try of a publication, inside its transaction.
type publishing struct {
	conn    *duck.Conn
	staging *staging
	req     connector.PublishRequest
	res     *connector.PublishResult
	rejects *rejectWriter // into the staged rejects
}

// order lists the streams: those that the request names, then the others.
func (p *publishing) order() []string {
	var out []string
	for _, stream := range slices.Concat(p.req.Order, slices.Sorted(maps.Keys(p.staging.tables))) {
		if p.staging.tables[stream] != nil && !slices.Contains(out, stream) {
			out = append(out, stream)
		}
	}
	return out
}

// mergeAndAudit merges every stream into its table, without the rows that audits
// take out before, and audits the tables as they will be.
func (p *publishing) mergeAndAudit(ctx context.Context) error {
	p.res.OverLimit = false
	builds, fresh, removed := map[string]string{}, map[string]string{}, map[string][]connector.AuditResult{}
	for _, stream := range p.order() {
		table, st := p.staging.spec.Streams[stream], p.staging.tables[stream]
		builds[stream] = own(buildName(table.Relation))
		others := auditor{builds: builds}
		diff, newRows, err := publishStream(ctx, p.conn, st, &table, p.req.Distinct[stream], func(staged, target string) (err error) {
			s := settler{conn: p.conn, staged: staged, target: target, table: &table, other: others.other, rejects: p.rejects, stream: stream}
			removed[stream], err = s.run(ctx, p.req.Audits[stream])
			return err
		})
		if err != nil {
			return err
		}
		p.res.Tables[stream], fresh[stream] = diff, newRows
		duck.Trim()
	}
	failed := false
	for _, stream := range p.order() {
		a := auditor{conn: p.conn, this: builds[stream], fresh: fresh[stream], stream: stream, builds: builds}
		found, bad, err := a.run(ctx, p.req.Audits[stream])
		if err != nil {
			return err
		}
		p.res.Audits[stream] = append(removed[stream], found...)
		limit, limited := p.req.MayRemove[stream]
		p.res.OverLimit = p.res.OverLimit || limited && removedRows(removed[stream]) > limit
		failed = failed || bad
	}
	if failed || p.res.OverLimit {
		return errAudit{}
	}
	return nil
}

// run is the run's record, with the rows that audits took out.
func (p *publishing) run() connector.RunRecord {
	run := p.req.Run
	for _, found := range p.res.Audits {
		for _, r := range found {
			switch {
			case r.Removed:
				run.Loaded -= r.Rows
				if r.Quarantined {
					run.Quarantined += r.Rows
				}
			case r.Rows == 0:
				continue
			}
			if run.Status == "success" {
				run.Status = "warning"
			}
		}
	}
	return run
}

func removedRows(found []connector.AuditResult) int64 {
	var n int64
	for _, r := range found {
		if r.Removed {
			n += r.Rows
		}
	}
	return n
}
