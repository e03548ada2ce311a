package contractcli

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"

	"github.com/headgate-data/headgate/cmd/headgate/internal/revision"
	"github.com/headgate-data/headgate/cmd/headgate/internal/view"
	"github.com/headgate-data/headgate/compiler/contract/usage"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang"
	"github.com/headgate-data/headgate/lang/diag"
)

// againstMode holds the project's contracts to those of an earlier state of it:
// --against.
func againstMode(h Host) checkMode {
	var against, mode, policy string
	return checkMode{
		flags: func(set *pflag.FlagSet) {
			set.StringVar(&against, "against", "", "hold the project's contracts to those of a git revision, another folder or a file: what it published must not break")
			set.StringVar(&mode, "mode", "", "with --against: whom a break counts for, backward, forward, full or none, in place of each contract's own compatibility")
			set.StringVar(&policy, "policy", "strict", "with --against and JSON Schemas: strict or lenient about properties that come and go, as Confluent's registry has it")
		},
		chosen: func() bool { return against != "" },
		work: func(ctx context.Context, args []string) Outcome {
			return h.checkAgainst(ctx, against, mode, policy, args)
		},
	}
}

func (h Host) checkAgainst(ctx context.Context, against, mode, policy string, args []string) Outcome {
	m, fault := modeOf(mode)
	if fault != nil {
		return Outcome{Diags: diag.Diagnostics{fault}}
	}
	if len(args) > 0 {
		return h.checkDocument(ctx, against, m, policy, args)
	}
	base, commit, diags := h.before(ctx, against)
	if diags.HasErrors() {
		return Outcome{Diags: diags}
	}
	now, more := h.CompileTree(ctx, nil)
	var breaks diag.Diagnostics // between versions of the project: they are findings
	for _, d := range more {
		if d.Code == diag.VersionBreaks {
			breaks = append(breaks, d)
		} else {
			diags = append(diags, d)
		}
	}
	if diags.HasErrors() {
		return Outcome{Diags: diags}
	}
	result := usage.Against(base.Nodes, now.Nodes, m)
	if !result.Broken() { // only an earlier version than the last breaks
		diags = append(diags, breaks...)
	}
	v := view.NewComparison(result, against, commit, diags)
	return h.comparison(v, v.Broken || len(breaks) > 0 && m == "", diags)
}

// before compiles what the project is compared with: a path that exists where it is
// written as one, else a git revision, else any path.
func (h Host) before(ctx context.Context, against string) (*program.Program, string, diag.Diagnostics) {
	info, err := os.Stat(h.Path(against))
	isFile := err == nil && !info.IsDir()
	if isFile && revision.WrittenAsPath(against) {
		return h.beforeFile(ctx, against)
	}
	base, err := revision.Find(ctx, h.Root(), against, h.Path)
	switch {
	case err == nil:
		defer base.Close() // read only: nothing can be lost
		p, diags := h.compileBase(ctx, base, against)
		return p, base.Commit, diags
	case isFile:
		return h.beforeFile(ctx, against)
	default:
		return nil, "", diag.Diagnostics{diag.New(diag.AgainstUnread, "%v.", err)}
	}
}

// beforeFile compiles one file.
func (h Host) beforeFile(ctx context.Context, path string) (*program.Program, string, diag.Diagnostics) {
	text, err := os.ReadFile(h.Path(path))
	if err != nil {
		return nil, "", diag.Diagnostics{diag.New(diag.AgainstUnread, "%v.", err)}
	}
	m, diags := lang.LoadText(filepath.ToSlash(path), text)
	if diags.HasErrors() {
		return nil, "", diags
	}
	p, diags := h.CompileModule(ctx, m, h.beside(path))
	return p, "", diags
}

// compileBase compiles an earlier state of the project. Faults in it are no
// business of today's: what compiles is compared.
func (h Host) compileBase(ctx context.Context, tree fs.FS, name string) (*program.Program, diag.Diagnostics) {
	p, diags := h.CompileTree(ctx, tree)
	if !diags.HasErrors() {
		return p, nil
	}
	contracts := 0
	for _, n := range p.Nodes {
		if n.Contract != nil {
			contracts++
		}
	}
	first := diags.Sorted().Err()
	if contracts == 0 {
		return nil, diag.Diagnostics{diag.New(diag.AgainstUnread, "No contract in %s compiles: %s", name, first.Error())}
	}
	d := diag.Warnf(diag.AgainstUnread, "What the contracts are compared with does not compile as a whole", "In %s: %s\nWhat does compile there is compared.", name, first.Error())
	return p, diag.Diagnostics{d}
}
