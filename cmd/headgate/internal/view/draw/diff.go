package draw

import "strings"

// diffLine is a line of a difference; sign is "+", "-", " ", or "..." where
// unchanged lines are left out.
type diffLine struct{ sign, text string }

// context is how many unchanged lines stand around a change.
const context = 2

// maxDiff is the number of table cells up to which lines are matched; longer
// texts are shown as removed and added.
const maxDiff = 4_000_000

// diffLines compares two texts by their longest common subsequence.
func diffLines(before, after []string) []diffLine {
	var out []diffLine
	if len(before)*len(after) > maxDiff {
		for _, l := range before {
			out = append(out, diffLine{"-", l})
		}
		for _, l := range after {
			out = append(out, diffLine{"+", l})
		}
		return out
	}
	common := commonLengths(before, after)
	i, j := 0, 0
	for i < len(before) || j < len(after) {
		switch {
		case i < len(before) && j < len(after) && before[i] == after[j]:
			out = append(out, diffLine{" ", before[i]})
			i, j = i+1, j+1
		case i < len(before) && (j == len(after) || common[i+1][j] >= common[i][j+1]):
			out = append(out, diffLine{"-", before[i]})
			i++
		default:
			out = append(out, diffLine{"+", after[j]})
			j++
		}
	}
	return shorten(out)
}

// commonLengths[i][j] is the length of the longest common subsequence of
// before[i:] and after[j:].
func commonLengths(before, after []string) [][]int32 {
	table := make([][]int32, len(before)+1)
	for i := range table {
		table[i] = make([]int32, len(after)+1)
	}
	for i := len(before) - 1; i >= 0; i-- {
		for j := len(after) - 1; j >= 0; j-- {
			if before[i] == after[j] {
				table[i][j] = table[i+1][j+1] + 1
			} else {
				table[i][j] = max(table[i+1][j], table[i][j+1])
			}
		}
	}
	return table
}

// shorten leaves out unchanged lines that are far from a change.
func shorten(list []diffLine) []diffLine {
	keep := make([]bool, len(list))
	for i, l := range list {
		if l.sign == " " {
			continue
		}
		for j := max(0, i-context); j <= min(len(list)-1, i+context); j++ {
			keep[j] = true
		}
	}
	var out []diffLine
	for i, l := range list {
		switch {
		case keep[i]:
			out = append(out, l)
		case i == 0 || keep[i-1]:
			out = append(out, diffLine{"...", ""})
		}
	}
	return out
}

// Difference draws two texts line by line.
func (p *Painter) Difference(before, after string) {
	for _, l := range diffLines(lines(before), lines(after)) {
		color := Dim
		switch l.sign {
		case "+":
			color = Green
		case "-":
			color = Red
		}
		p.Line("          %s", p.Style.Paint(color, strings.TrimRight(l.sign+" "+l.text, " ")))
	}
}

func lines(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(strings.TrimRight(s, "\n"), "\n")
}
