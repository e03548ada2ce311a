package contractcli

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view"
	"github.com/headgate-data/headgate/executor/check"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/outcome"
	"github.com/headgate-data/headgate/lang/diag"
)

// stdinName is what standard input is called in places.
const stdinName = "stdin"

// dataFlags are the flags of checking data against a contract.
type dataFlags struct {
	contract, input, write, rejects string
	examples                        int
	maxKeys                         int64
}

// dataMode checks data against a contract: --contract.
func dataMode(h Host) checkMode {
	var f dataFlags
	return checkMode{
		flags: func(set *pflag.FlagSet) {
			set.StringVar(&f.contract, "contract", "", "the contract: an address of the project (contract.orders.v2), or FILE, FILE#orders, FILE#orders.v2")
			set.StringVar(&f.input, "input", "", "what the data is, whatever its name: jsonl, json, csv or parquet")
			set.StringVar(&f.write, "write", "append", "append or merge: under merge a key that comes again is a newer state of its row")
			set.StringVar(&f.rejects, "rejects", "", "write each record at fault to this file, with its reasons and place, as JSON Lines")
			set.IntVar(&f.examples, "max-examples", 5, "how many examples of each broken rule to show")
			set.Int64Var(&f.maxKeys, "max-keys", 25_000_000, "how many distinct keys and unique values to hold in memory; 0: do not look for those that come twice")
		},
		chosen: func() bool { return f.contract != "" },
		work:   func(ctx context.Context, args []string) Outcome { return h.checkData(ctx, f, args) },
	}
}

func (h Host) checkData(ctx context.Context, f dataFlags, args []string) Outcome {
	spec, diags := h.dataSpec(f, args)
	if diags.HasErrors() {
		return Outcome{Diags: diags}
	}
	c, more := h.contractAt(ctx, f.contract)
	if diags = append(diags, more...); diags.HasErrors() {
		return Outcome{Diags: diags}
	}
	spec.Contract = c
	var warned diag.Diagnostics
	spec.Diagnose = warned.Add // from one goroutine, that of the source
	var report *outcome.Check
	work := func(w io.Writer) error {
		if w != nil {
			spec.Reject = rejectWriter(w)
		}
		report, more = check.Run(ctx, spec)
		return nil
	}
	diags = append(diags, h.withRejects(f.rejects, work)...)
	diags = append(append(diags, warned...), more...)
	if report == nil || diags.HasErrors() {
		return Outcome{Diags: diags}
	}
	if report.Read == 0 {
		diags.Add(diag.Warnf(diag.NothingChecked, "There was no record to check", "The data of %s holds no record.", quoted(args)))
	}
	v := view.NewCheck(report, diags)
	return h.checked(v, report.Verdict, diags, func(w io.Writer, style view.Style) error { return view.WriteCheck(w, v, style) },
		func(w io.Writer) error { return view.WriteCheckMarkdown(w, v) })
}

// checked writes what a check of data found and ends the command.
func (h Host) checked(v any, verdict outcome.Verdict, diags diag.Diagnostics, text func(io.Writer, view.Style) error, markdown func(io.Writer) error) Outcome {
	diags.AddError(h.Document(v, text, markdown), diag.Usage, "The output cannot be written")
	if verdict == outcome.Broken && !diags.HasErrors() {
		return Outcome{Code: Findings, Diags: diags}
	}
	return Outcome{Diags: diags}
}

// dataSpec turns flags and arguments into what is to be checked.
func (h Host) dataSpec(f dataFlags, args []string) (check.Spec, diag.Diagnostics) {
	spec := check.Spec{Registry: h.Registry(), Root: h.Root(), Examples: f.examples, MaxKeys: f.maxKeys, Merge: f.write == "merge", Now: h.Now()}
	var diags diag.Diagnostics
	log, fault := h.Log()
	diags.Add(fault)
	spec.Log = log
	if len(args) == 0 {
		diags.Add(diag.New(diag.Usage, "Name the data to check: files, patterns, or - for standard input."))
	}
	if f.write != "append" && f.write != "merge" {
		diags.Add(diag.New(diag.Usage, "--write is append or merge, not %q.", f.write))
	}
	if f.examples < 0 || f.maxKeys < 0 {
		diags.Add(diag.New(diag.Usage, "--max-examples and --max-keys are not negative."))
	}
	piped := false
	for _, arg := range args {
		if h.isAmong(f.rejects, arg) {
			diags.Add(diag.New(diag.Usage, "--rejects names %s, which is among the data to check: it would be written over.", f.rejects))
		}
		in := check.Input{Path: filepath.ToSlash(arg), Format: f.input}
		if arg == "-" {
			if piped {
				diags.Add(diag.New(diag.Usage, "Standard input is named twice."))
			}
			piped = true
			in.Path, in.Reader = stdinName, h.In
			if in.Format == "" {
				in.Format = "jsonl"
			}
		}
		spec.Inputs = append(spec.Inputs, in)
	}
	return spec, diags
}

// isAmong reports whether a file is one of those that an argument names.
func (h Host) isAmong(file, arg string) bool {
	info, err := os.Stat(h.Path(file))
	if file == "" || err != nil {
		return false
	}
	found, err := filepath.Glob(h.Path(arg))
	if before, _, deep := strings.Cut(arg, "**"); err == nil && deep {
		fits, err := filepath.Match(filepath.Base(arg), filepath.Base(file))
		rel, outside := filepath.Rel(h.Path(filepath.FromSlash(before)), h.Path(file))
		return err == nil && fits && outside == nil && !strings.HasPrefix(rel, "..")
	}
	for _, path := range append(found, h.Path(arg)) {
		if other, err := os.Stat(path); err == nil && os.SameFile(info, other) {
			return true
		}
	}
	return false
}

// withRejects does work with the file of --rejects open, or with nil where there
// is none.
func (h Host) withRejects(path string, work func(io.Writer) error) (diags diag.Diagnostics) {
	if path == "" {
		diags.AddError(work(nil), diag.CheckOutput, "The rejected records cannot be written")
		return diags
	}
	err := h.WriteFile(path, func(w io.Writer) error {
		b := bufio.NewWriterSize(w, 256<<10)
		if err := work(b); err != nil {
			return err
		}
		return b.Flush()
	})
	if err != nil {
		diags.Add(diag.New(diag.CheckOutput, "--rejects: %v.", err))
	}
	return diags
}

// reject is a line of --rejects.
type reject struct {
	Origin    string                   `json:"origin"`
	Line      int64                    `json:"line"`
	Annotated bool                     `json:"annotated,omitempty"`
	Reasons   []connector.RejectReason `json:"reasons"`
	Raw       json.RawMessage          `json:"raw,omitempty"`      // the record, where it is JSON
	RawText   *string                  `json:"raw_text,omitempty"` // what was found, where it is not
}

// rejectWriter returns what writes rejects as JSON Lines.
func rejectWriter(w io.Writer) func(connector.Reject) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return func(r connector.Reject) error {
		line := reject{Origin: r.Origin, Line: r.Line, Annotated: r.Annotated, Reasons: r.Reasons}
		switch {
		case r.Raw == nil:
		case json.Valid(r.Raw):
			line.Raw = r.Raw
		default:
			text := string(r.Raw)
			line.RawText = &text
		}
		return enc.Encode(line)
	}
}

func quoted(args []string) string {
	out := ""
	for i, a := range args {
		if i > 0 {
			out += ", "
		}
		out += fmt.Sprintf("%q", a)
	}
	return out
}
