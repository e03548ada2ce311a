package document

import (
	"bytes"
	"regexp"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"
)

// YAML writes the tree as YAML, indented by two spaces. Reading it gives the same
// data, under YAML 1.1 and 1.2 alike. comment, which may be empty, stands above
// it, each of its lines behind a #.
func YAML(v *Value, comment string) ([]byte, error) {
	var b bytes.Buffer
	for line := range strings.Lines(comment) {
		b.WriteString(strings.TrimRight("# "+strings.TrimSuffix(line, "\n"), " ") + "\n")
	}
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(toNode(v)); err != nil {
		return nil, err
	}
	if err := enc.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func toNode(v *Value) *yaml.Node {
	switch {
	case v == nil || v.Kind == Null:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}
	case v.Kind == List:
		n := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
		flat := true
		for _, x := range v.Items {
			n.Content = append(n.Content, toNode(x))
			flat = flat && !x.Is(List) && !x.Is(Map) && len(x.Text) < 40
		}
		if flat && len(v.Items) <= 8 {
			n.Style = yaml.FlowStyle
		}
		return n
	case v.Kind == Map:
		n := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
		for _, m := range v.Members {
			n.Content = append(n.Content, text(m.Name), toNode(m.Value))
		}
		if len(v.Members) == 0 {
			n.Style = yaml.FlowStyle
		}
		return n
	case v.Kind == Bool:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: v.Text}
	case v.Kind == Number:
		tag := "!!int"
		if strings.ContainsAny(v.Text, ".eE") || len(v.Text) > 18 {
			tag = "" // a long whole number is none to YAML's parser, and needs no tag
		}
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: v.Text}
	default:
		return text(v.Text)
	}
}

// otherwise is plain text that YAML 1.1 reads as a bool or a number of base 60.
var otherwise = regexp.MustCompile(`^(?i:y|n|yes|no|on|off|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?)$`)

// text makes a string's node: as a block where it has lines, else plain, else
// quoted.
func text(s string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
	switch {
	case asBlock(s):
		n.Style = yaml.LiteralStyle
	case otherwise.MatchString(s) || strings.Contains(s, "\n") || strings.ContainsFunc(s, hidden) || s == "<<" || s == "=":
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}

func hidden(r rune) bool { return r != ' ' && (!unicode.IsPrint(r) || unicode.IsSpace(r)) }

// asBlock reports whether a text of several lines can stand as it is.
func asBlock(s string) bool {
	if !strings.Contains(s, "\n") || strings.TrimSpace(s) == "" {
		return false
	}
	for line := range strings.Lines(s) {
		line = strings.TrimSuffix(line, "\n")
		if strings.ContainsFunc(line, hidden) || strings.HasSuffix(line, " ") {
			return false
		}
	}
	return s[0] != ' ' && s[0] != '\n' && s[0] != '#' && !strings.HasSuffix(s, "\n\n")
}
