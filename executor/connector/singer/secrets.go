package singer

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/headgate-data/headgate/compiler/program"
)

// struck stands where a secret stood.
const struck = "(secret)"

// secrets remembers every value that was resolved, so that it can be struck out
// of what a tap writes. It may be used from several goroutines.
type secrets struct {
	from     program.Resolver
	mu       sync.Mutex
	values   []string // as they are, as in JSON text, and as in a URL; longest first
	replacer *strings.Replacer
}

func newSecrets(from program.Resolver) *secrets {
	return &secrets{from: from, replacer: strings.NewReplacer()}
}

// resolve is a program.Resolver that remembers.
func (s *secrets) resolve(p program.Part) (string, error) {
	if s.from == nil {
		return "", fmt.Errorf("there is no value for %s", program.Text{p})
	}
	v, err := s.from(p)
	if err == nil {
		s.remember(v)
	}
	return v, err
}

// remember takes a value, and each line of one that has several.
func (s *secrets) remember(value string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, v := range append([]string{value}, strings.Split(value, "\n")...) {
		if strings.TrimSpace(v) == "" {
			continue
		}
		escaped, _ := json.Marshal(v) // '&', '<' and '>' as \u sequences, as some writers do
		for _, form := range []string{v, inside(escaped), inside(quote(v)), url.QueryEscape(v)} {
			if !slices.Contains(s.values, form) {
				s.values = append(s.values, form)
			}
		}
	}
	slices.SortStableFunc(s.values, func(a, b string) int { return len(b) - len(a) })
	pairs := make([]string, 0, 2*len(s.values))
	for _, v := range s.values {
		pairs = append(pairs, v, struck)
	}
	s.replacer = strings.NewReplacer(pairs...)
}

// inside is a JSON string's text without its quotes.
func inside(quoted []byte) string { return string(quoted[1 : len(quoted)-1]) }

// strike puts struck in the place of every secret in text.
func (s *secrets) strike(text string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.replacer.Replace(text)
}
