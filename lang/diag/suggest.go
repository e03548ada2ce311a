package diag

import "fmt"

// Nearest returns the candidate that a misspelt name most likely means: the one
// with the fewest typing slips, if those are few for the name's length. Of equals
// the first in order of the alphabet wins.
func Nearest(name string, candidates []string) (string, bool) {
	best, bestSlips := "", max(1, len([]rune(name))/3)+1
	for _, c := range candidates {
		if d := slips(name, c, bestSlips); c != name && (d < bestSlips || (d == bestSlips && best != "" && c < best)) {
			best, bestSlips = c, d
		}
	}
	return best, best != ""
}

// DidYouMean returns ` Did you mean "x"?` for the nearest candidate, or "".
func DidYouMean(name string, candidates []string) string {
	if best, ok := Nearest(name, candidates); ok {
		return fmt.Sprintf(" Did you mean %q?", best)
	}
	return ""
}

// slips counts the insertions, deletions, replacements and swaps of neighbours
// that turn a into b. It may stop early and return any number above limit.
func slips(a, b string, limit int) int {
	x, y := []rune(a), []rune(b)
	if len(x)-len(y) > limit || len(y)-len(x) > limit || len(x) > maxName {
		return limit + 1
	}
	var before []int
	prev := make([]int, len(y)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(x); i++ {
		row := make([]int, len(y)+1)
		row[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			row[j] = min(prev[j]+1, row[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, prev = prev, row
	}
	return prev[len(y)]
}

// maxName bounds the work of comparing two names; longer ones have no neighbours.
const maxName = 200
