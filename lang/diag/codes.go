package diag

// Info explains one code; `headgate explain CODE` prints it.
type Info struct {
	Code    Code
	Summary string // the summary that diagnostics of this code carry
	Explain string // what it means, why it matters, how to mend it; may hold an example
}

// Codes returns every code that headgate can print, sorted by code. Each area
// keeps its own list beside the constants, in a file codes_<area>.go.
//
//	HG00xx  headgate itself (a bug, usage)
//	HG1xxx  the language: syntax, blocks, attributes
//	HG2xxx  the compiler: names, values, references, graph
//	HG3xxx  contracts and row expressions
//	HG4xxx  SQL and models
//	HG5xxx  plans
//	HG6xxx  runs: apply, enforcement, reports
//	HG7xxx  connectors: files, Singer, DuckDB
//	HG8xxx  the state store
func Codes() []Info {
	var all []Info
	for _, list := range [][]Info{
		coreCodes(), langCodes(), compilerCodes(), rowexprCodes(), sqlCodes(), schemaDiffCodes(),
		planCodes(), runCodes(), connectorCodes(), sourceCodes(), stateCodes(), executorCodes(),
		promiseCodes(), promiseRunCodes(), checkCodes(), jsonSchemaCodes(), formatCodes(), authoringCodes(),
		testCodes(), compatCodes(), policyCodes(), policyPlanCodes(), whyCodes(), lintCodes(), impactCodes(), refactoringCodes(),
	} {
		all = append(all, list...)
	}
	return all
}

// The codes of headgate itself.
const (
	Internal Code = "HG0001" // a state that cannot be; asks for a bug report
	Usage    Code = "HG0002" // flags or arguments of a command are off
)

func coreCodes() []Info {
	return []Info{
		{Internal, "headgate met a state that it holds to be impossible", "This is a bug in headgate, not in your project. Please report it with the message, the command and, if you can share it, the configuration."},
		{Usage, "The command line is not usable", "A flag or an argument is unknown, missing or contradicts another. The command's --help lists what it takes."},
	}
}

// Bug makes the diagnostic for a state that cannot be. where names the place in
// the code.
func Bug(where, format string, args ...any) *Diagnostic {
	d := Errorf(Internal, "headgate met a state that it holds to be impossible", format, args...)
	d.Detail = where + ": " + d.Detail + ". This is a bug in headgate: please report it."
	return d
}
