package schema

import (
	"fmt"
	"strings"
)

// Markdown returns the reference of the whole language as Markdown, written from
// the description. The same program gives the same text.
func Markdown() string {
	var b strings.Builder
	b.WriteString("# The language\n\n")
	b.WriteString("This page is written from the description that headgate itself reads configuration by (`lang/schema`); a test keeps it so.\n\n")
	b.WriteString("What an attribute's value may be: a *config expression* is evaluated when the project is compiled; a *row expression* for every record; " +
		"a *reference* names another block; a *type* is a column type. What is *not built yet* is an error that says so.\n\n")
	root := Language()
	for i := range root.Blocks {
		writeBlock(&b, &root.Blocks[i], "", 2)
	}
	b.WriteString("## sources.lock.hcl\n\n`headgate source discover` writes this file; it is committed and not edited.\n\n")
	lock := Lock()
	for i := range lock.Blocks {
		writeBlock(&b, &lock.Blocks[i], "sources.lock.hcl: ", 3)
	}
	return b.String()
}

// maxHeading is the deepest heading that Markdown has.
const maxHeading = 6

// writeBlock writes a block, its attributes as a table, and the blocks inside it.
// path is where it stands.
func writeBlock(b *strings.Builder, block *Block, path string, level int) {
	title := path + header(block)
	if block.Later == "" || level == 2 {
		fmt.Fprintf(b, "%s `%s`\n\n", strings.Repeat("#", min(level, maxHeading)), title)
	} else {
		fmt.Fprintf(b, "`%s`: ", title)
	}
	b.WriteString(block.Doc)
	if block.Later != "" {
		fmt.Fprintf(b, " *Not built yet.* %s\n\n", block.Later)
		return
	}
	switch {
	case len(block.Variants) > 0:
		b.WriteString(" Types: " + variantList(block) + ".")
	case block.Max == 1 && len(block.Labels) == 0:
		b.WriteString(" At most one.")
	}
	b.WriteString("\n\n")
	for i := range block.Variants {
		writeBlock(b, &block.Variants[i], path, level+1)
	}
	writeAttrs(b, block)
	inside := path + block.Type + " > "
	if block.Variant != "" {
		inside = path + block.Type + " " + quote(block.Variant) + " > "
	}
	for i := range block.Blocks {
		nested := &block.Blocks[i]
		if len(nested.Variants) > 0 && block.Type == "environment" {
			continue // described at the top level
		}
		writeBlock(b, nested, inside, level+1)
	}
	if block.Type == "environment" {
		b.WriteString("Inside stand `source` and `destination` blocks too, as at the top level: in this environment they take the place of those of the same name.\n\n")
	}
}

// header writes a block's type and labels: source "file" "<name>".
func header(block *Block) string {
	out := block.Type
	for i, label := range block.Labels {
		if i == 0 && block.Variant != "" {
			out += " " + quote(block.Variant)
			continue
		}
		out += " " + quote("<"+label+">")
	}
	return out
}

func variantList(block *Block) string {
	var names []string
	for i := range block.Variants {
		names = append(names, "`"+block.Variants[i].Variant+"`")
	}
	return strings.Join(names, ", ")
}

func writeAttrs(b *strings.Builder, block *Block) {
	if len(block.Attrs) == 0 {
		return
	}
	b.WriteString("| attribute | value | default | |\n|---|---|---|---|\n")
	for i := range block.Attrs {
		a := &block.Attrs[i]
		doc := a.Doc
		if len(a.Enum) > 0 {
			doc += " One of " + words(a.Enum) + "."
		}
		if a.Later != "" {
			doc += " *Not built yet.*"
		}
		fallback := ""
		switch {
		case a.Required:
			fallback = "required"
		case a.Default != "":
			fallback = "`" + a.Default + "`"
		}
		fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", a.Name, escape(valueWords(a)), escape(fallback), escape(doc))
	}
	b.WriteString("\n")
}

// valueWords says what an attribute's value is.
func valueWords(a *Attr) string {
	switch a.Kind {
	case Row:
		return "row expression: " + a.Type
	case Query:
		return "SQL"
	}
	return a.Type
}

func words(list []string) string {
	quoted := make([]string, len(list))
	for i, w := range list {
		quoted[i] = "`" + w + "`"
	}
	return strings.Join(quoted, ", ")
}

// escape keeps a text inside its cell of a table.
func escape(s string) string { return strings.ReplaceAll(s, "|", `\|`) }
