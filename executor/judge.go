package executor

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/enforce"
	"github.com/headgate-data/headgate/lang/diag"
)

// audits adds a stream's audits to the request, and how many rows they may take
// out.
func (p *pipelineRun) audits(ctx context.Context, run *streamRun, req *connector.PublishRequest) error {
	list, err := p.a.setAudits(audited{
		address: run.node.Address, contract: run.contract, write: run.stream.Write, dialect: p.dest.Capabilities().Dialect,
	})
	if err != nil {
		return err
	}
	if run.stream.Write == "replace" {
		orphans, err := p.a.orphanAudits(ctx, p.dest, run.node.Address)
		if err != nil {
			return err
		}
		list = append(list, orphans...)
	}
	keepRaw(list, run.contract)
	run.hasten(list)
	req.Audits[run.address] = list
	req.MayRemove[run.address] = run.mayRemove()
	return nil
}

// badRecords is how many records a contract's tolerance counts.
func badRecords(c *contract.Contract, n enforce.Counts) int64 {
	bad := n.Quarantined + n.Dropped + n.Annotated
	if c.OnViolation == contract.Warn {
		bad += n.Warned
	}
	return bad
}

// tolerated is the number of violations that a contract takes of so many records,
// nil where it sets none.
func tolerated(c *contract.Contract, read int64) *big.Rat {
	text, percent := strings.CutSuffix(strings.TrimSpace(c.Tolerance), "%")
	limit, _ := new(big.Rat).SetString(strings.TrimSpace(text))
	if limit != nil && percent {
		limit.Mul(limit, big.NewRat(read, 100))
	}
	return limit
}

// Tolerates reports whether the records at fault stay within the contract's
// tolerance, which is none where it sets none.
func Tolerates(c *contract.Contract, n enforce.Counts) bool {
	limit := tolerated(c, n.Read)
	if limit == nil {
		limit = new(big.Rat)
	}
	return new(big.Rat).SetInt64(badRecords(c, n)).Cmp(limit) <= 0
}

// mayRemove is how many more rows than were refused so far the tolerance allows
// to be at fault: without one, all but one of those accepted.
func (run *streamRun) mayRemove() int64 {
	if run.contract.Tolerance == "" {
		return max(run.counts.Accepted-1, 0)
	}
	limit := tolerated(run.contract, run.counts.Read)
	if limit == nil {
		return 0
	}
	whole := new(big.Int).Quo(limit.Num(), limit.Denom())
	return max(whole.Int64()-badRecords(run.contract, run.counts), 0)
}

// takeOut moves the rows that audits took out from the accepted to the quarantined
// or dropped ones. The checksum is over what was staged, before that.
func (run *streamRun) takeOut() {
	c := &run.counts
	for _, r := range run.report.Audits {
		if !r.Removed {
			continue
		}
		c.Accepted -= r.Rows
		if r.Quarantined {
			c.Quarantined += r.Rows
		} else {
			c.Dropped += r.Rows
		}
	}
	run.report.Accepted, run.report.Quarantined, run.report.Dropped = c.Accepted, c.Quarantined, c.Dropped
}

// tolerate compares a stream's violations with its contract's tolerance.
func tolerate(run *streamRun) *diag.Diagnostic {
	c, bad := run.counts, badRecords(run.contract, run.counts)
	if run.contract.Tolerance == "" {
		if c.Accepted == 0 && bad > 0 {
			return diag.Errorf(diag.NothingAccepted, "No record that was read kept the contract",
				"%s read %d records and refused %d of them; %s. Nothing was published.", run.address, c.Read, bad, worstRule(run.report)).
				For(run.address).At(run.contract.Range)
		}
		return nil
	}
	if tolerated(run.contract, c.Read) == nil {
		return diag.Bug("executor.tolerate", "tolerance %q", run.contract.Tolerance)
	}
	if Tolerates(run.contract, c) {
		return nil
	}
	return diag.Errorf(diag.OverTolerance, "More records broke the contract than its tolerance allows",
		"%s: %d of %d records (%.2f%%) broke %s, which tolerates %s; %s. Nothing was published.",
		run.address, bad, c.Read, 100*float64(bad)/float64(max(c.Read, 1)), run.stream.Contract, run.contract.Tolerance, worstRule(run.report)).
		For(run.address).At(run.contract.Range)
}

// worstRule tells which rule was broken most often.
func worstRule(r *StreamReport) string {
	rule, count := "", int64(0)
	if len(r.Rules) > 0 {
		rule, count = r.Rules[0].Rule, r.Rules[0].Count
	}
	for _, a := range r.Audits {
		if a.Removed && a.Rows > count {
			rule, count = a.Rule, a.Rows
		}
	}
	if count == 0 {
		return "no rule was broken"
	}
	return fmt.Sprintf("most often %s (%d)", rule, count)
}

// foundRows reports whether an audit found rows at fault.
func foundRows(r connector.AuditResult) bool { return r.Rows > 0 }

// auditFailure tells which promises over the table do not hold.
func (p *pipelineRun) auditFailure(res connector.PublishResult) error {
	p.a.setBroke()
	var errs []error
	for _, run := range p.streams {
		errs = append(errs, brokenPromises(res.Audits[run.address], run.contract, run.address, run.name))
		if res.OverLimit {
			if d := tolerate(run); d != nil {
				errs = append(errs, d)
			}
		}
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return diag.Bug("executor.auditFailure", "%s was not published, and no audit says why", p.node.Address)
}

// brokenPromises is a diagnostic for each audit that stopped a publication.
func brokenPromises(audits []connector.AuditResult, c *contract.Contract, address string, name connector.Relation) error {
	var errs []error
	for _, r := range audits {
		if r.Rows > 0 && r.Severity == string(contract.SeverityError) && !r.Removed {
			errs = append(errs, auditDiag(r, c, address, name))
		}
	}
	return errors.Join(errs...)
}

// auditDiag tells what an audit found, at the place where its rule is written.
func auditDiag(r connector.AuditResult, c *contract.Contract, address string, name connector.Relation) *diag.Diagnostic {
	where, examples := relationName(name), strings.Join(r.Examples, ", ")
	var d *diag.Diagnostic
	switch r.Kind {
	case connector.AuditReferences:
		col, _ := c.Column(r.Column)
		d = diag.New(diag.RowsWithoutPartner, "%s breaks %s: %s without a partner in %s. For example: %s. Nothing was published.",
			where, r.Rule, rowCount(r.Rows), col.References, examples)
	case connector.AuditExpect:
		message := ""
		if i := slices.IndexFunc(c.Expects, func(e contract.Expect) bool { return e.Name == r.Rule }); i >= 0 && c.Expects[i].Message != "" {
			message = ": " + c.Expects[i].Message
		}
		d = diag.New(diag.ExpectBroken, "%s breaks %s%s. The query yields %s, for example: %s. Nothing was published.", where, r.Rule, message, rowCount(r.Rows), examples)
	case connector.AuditRows:
		d = diag.New(diag.RowCountBroken, "%s would not have %s: %s. Nothing was published.", where, Bounds(c.Rows), examples)
	case connector.AuditFreshness:
		d = diag.New(diag.TableStale, "The newest %s in %s is older than %s, or there is none: %s. Nothing was published.", r.Column, where, c.Freshness.Age(), examples)
	case connector.AuditUnique:
		what := "values stand"
		if r.Rows == 1 {
			what = "value stands"
		}
		d = diag.New(diag.AuditFailed, "%s breaks %s: %d %s in more than one row. For example: %s. Nothing was published.", where, r.Rule, r.Rows, what, examples)
	default:
		if examples != "" {
			examples = " For example: " + examples + "."
		}
		d = diag.New(diag.AuditFailed, "%s breaks %s in %s.%s Nothing was published.", where, r.Rule, rowCount(r.Rows), examples)
	}
	if at := ruleRange(c, r); !at.IsZero() {
		d.At(at)
	}
	return d.For(address)
}

func rowCount(n int64) string {
	if n == 1 {
		return "1 row"
	}
	return fmt.Sprintf("%d rows", n)
}

// Bounds says in words how many rows a table must have.
func Bounds(r *contract.Rows) string {
	switch {
	case r.Max == nil:
		return fmt.Sprintf("at least %s", rowCount(*r.Min))
	case r.Min == nil:
		return fmt.Sprintf("at most %s", rowCount(*r.Max))
	default:
		return fmt.Sprintf("from %d to %s", *r.Min, rowCount(*r.Max))
	}
}

// ruleRange is where the promise that an audit found broken is written.
func ruleRange(c *contract.Contract, r connector.AuditResult) diag.Range {
	switch r.Kind {
	case connector.AuditExpect:
		for _, e := range c.Expects {
			if e.Name == r.Rule {
				return e.Range
			}
		}
	case connector.AuditRows:
		return c.Rows.Range
	case connector.AuditFreshness:
		return c.Freshness.Range
	}
	if col, ok := c.Column(r.Column); ok {
		_, rule, _ := strings.Cut(r.Rule, col.Name+".")
		if at, ok := col.Rules[rule]; ok {
			return at
		}
		return col.Range
	}
	return c.Range
}
