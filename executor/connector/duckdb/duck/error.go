package duck

import (
	"regexp"
	"strings"

	bind "github.com/duckdb/duckdb-go-bindings"
)

// Error is a fault that DuckDB reports.
type Error struct {
	Type    string // DuckDB's name of its kind: "Binder", "Constraint", "IO", "Interrupt"
	Message string // without the type in front
}

// Error returns "TYPE Error: MESSAGE", as DuckDB prints it.
func (e *Error) Error() string {
	if e.Type == "" {
		return e.Message
	}
	return e.Type + " Error: " + e.Message
}

// errorPrefix matches the kind that DuckDB puts in front of a message.
var errorPrefix = regexp.MustCompile(`^([A-Za-z][A-Za-z ]{0,40}?) ?Error: `)

// errorFromText splits DuckDB's text into type and message.
func errorFromText(text string) *Error {
	if m := errorPrefix.FindStringSubmatch(text); m != nil {
		typ := m[1]
		if typ == "INTERRUPT" {
			typ = "Interrupt"
		}
		return &Error{Type: typ, Message: text[len(m[0]):]}
	}
	if text == "" {
		text = "DuckDB reports a fault without a message"
	}
	return &Error{Message: text}
}

// resultError returns the fault that a result carries.
func resultError(res *bind.Result) *Error {
	e := errorFromText(bind.ResultError(res))
	if bind.ResultErrorType(res) == bind.ErrorTypeInterrupt {
		e.Type = "Interrupt"
	}
	return e
}

// lockHolder matches the process that holds a database's lock.
var lockHolder = regexp.MustCompile(`Conflicting lock is held in (.*?) \(PID (\d+)\)`)

// LockHolder returns the program and process id that hold the database's lock,
// when err tells of that; ok is false for any other error. Both texts are empty
// where the system does not name the holder.
func LockHolder(err error) (program, pid string, ok bool) {
	e, isDuck := err.(*Error)
	if !isDuck || !strings.Contains(e.Message, "Could not set lock on file") {
		return "", "", false
	}
	if m := lockHolder.FindStringSubmatch(e.Message); m != nil {
		return m[1], m[2], true
	}
	return "", "", true
}
