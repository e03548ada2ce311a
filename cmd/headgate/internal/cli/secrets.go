package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/headgate-data/headgate/compiler/program"
)

// redactor strikes out every secret that was resolved from whatever is written.
type redactor struct {
	mu     sync.Mutex
	values [][]byte // longest first, so that a value inside another is not left in pieces
}

// struck stands in the place of a secret.
const struck = "(secret)"

// shortest is the length below which a value is not struck out: it would tear
// ordinary text apart, and protects nothing.
const shortest = 4

// remember adds a value, and the forms in which JSON, with and without HTML
// escapes, and logs write it.
func (r *redactor) remember(value string) {
	if len(value) < shortest {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, v := range []string{value, unquoted(strconv.Quote(value)), unquoted(inJSON(value, true)), unquoted(inJSON(value, false))} {
		if !slices.ContainsFunc(r.values, func(known []byte) bool { return string(known) == v }) {
			r.values = append(r.values, []byte(v))
		}
	}
	slices.SortFunc(r.values, func(a, b []byte) int { return len(b) - len(a) })
}

func unquoted(s string) string { return strings.TrimSuffix(strings.TrimPrefix(s, `"`), `"`) }

// inJSON writes a string as JSON.
func inJSON(value string, escapeHTML bool) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(escapeHTML)
	if err := enc.Encode(value); err != nil {
		return value // cannot be: every string has a JSON form
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func (r *redactor) clean(text []byte) []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, v := range r.values {
		if bytes.Contains(text, v) {
			text = bytes.ReplaceAll(text, v, []byte(struck))
		}
	}
	return text
}

// writer wraps w. Each Write is cleaned by itself: writers above hand over whole
// lines or documents.
func (r *redactor) writer(w io.Writer) io.Writer { return redacting{r, w} }

type redacting struct {
	r *redactor
	w io.Writer
}

// Write writes p without secrets and reports all of p as written.
func (w redacting) Write(p []byte) (int, error) {
	if _, err := w.w.Write(w.r.clean(p)); err != nil {
		return 0, err
	}
	return len(p), nil
}

// resolver gives secrets and sensitive variables at the moment of use, and
// remembers them to strike them out.
func (a *app) resolver(variables map[string]string) program.Resolver {
	return func(p program.Part) (string, error) {
		value, err := a.resolve(p, variables)
		if err == nil {
			a.redact.remember(value)
		}
		return value, err
	}
}

func (a *app) resolve(p program.Part, variables map[string]string) (string, error) {
	switch {
	case p.Var != "":
		if v, ok := variables[p.Var]; ok {
			return v, nil
		}
		return "", fmt.Errorf("the sensitive variable %q has no value: give --var %s=... or set HEADGATE_VAR_%s", p.Var, p.Var, p.Var)
	case strings.HasPrefix(p.Secret, "file:"):
		b, err := os.ReadFile(a.path(strings.TrimPrefix(p.Secret, "file:")))
		if err != nil {
			return "", fmt.Errorf("the secret %q cannot be read: %w", p.Secret, err)
		}
		return strings.TrimRight(string(b), "\r\n"), nil
	case p.Secret != "":
		if v, ok := a.io.LookupEnv(p.Secret); ok {
			return v, nil
		}
		return "", fmt.Errorf("the secret %q is not set: set the environment variable %s", p.Secret, p.Secret)
	default:
		return p.Lit, nil
	}
}
