package schema_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/headgate-data/headgate/internal/golden"
	"github.com/headgate-data/headgate/lang/schema"
)

func TestReference(t *testing.T) {
	golden.File(t, "../../docs/reference/language.md", []byte(schema.Markdown()))
}

// name is what blocks and attributes may be called.
var name = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// TestDescription holds every block and attribute against what the decoder and
// the reference rely on.
func TestDescription(t *testing.T) {
	kinds := []schema.Kind{schema.Config, schema.Row, schema.Reference, schema.TypeExpr, schema.TypeConstraint, schema.Query, schema.Guard}
	var walk func(b *schema.Block, path string)
	walk = func(b *schema.Block, path string) {
		if b.Doc == "" {
			t.Errorf("%s has no doc", path)
		}
		if b.Later != "" && (len(b.Attrs)+len(b.Blocks)+len(b.Variants) > 0 || !strings.HasSuffix(b.Later, ".")) {
			t.Errorf("%s is not built yet: it needs a sentence and no content", path)
		}
		if len(b.Variants) > 0 && (len(b.Attrs)+len(b.Blocks) > 0 || b.Labels[0] != schema.TypeLabel) {
			t.Errorf("%s has variants and content of its own, or no type label", path)
		}
		seen := map[string]bool{}
		for _, n := range slices.Concat(b.AttrNames(), b.BlockNames()) {
			shared := b.Inline != nil && b.Own(n)
			if (seen[n] && !shared) || !name.MatchString(n) {
				t.Errorf("%s: %q stands twice or is no name", path, n)
			}
			seen[n] = true
		}
		for i := range b.Attrs {
			a := &b.Attrs[i]
			if a.Doc == "" || a.Type == "" || !slices.Contains(kinds, a.Kind) || !strings.HasSuffix(a.Doc, ".") {
				t.Errorf("%s.%s is not described: %+v", path, a.Name, a)
			}
			if a.Required && (a.Default != "" || a.Later != "") {
				t.Errorf("%s.%s is required and has a default", path, a.Name)
			}
			if len(a.Enum) > 0 && strings.HasPrefix(a.Default, `"`) && !slices.Contains(a.Enum, strings.Trim(a.Default, `"`)) {
				t.Errorf("%s.%s: the default is none of its values", path, a.Name)
			}
		}
		for i := range b.Variants {
			v := &b.Variants[i]
			if got, ok := b.Select(v.Variant); !ok || got != v || v.Type != b.Type {
				t.Errorf("%s %q is not found", path, v.Variant)
			}
			walk(v, path+" "+v.Variant)
		}
		for i := range b.Blocks {
			if b.Blocks[i].Type == "" {
				t.Errorf("a block in %s has no type", path)
			}
			walk(&b.Blocks[i], path+"."+b.Blocks[i].Type)
		}
	}
	walk(schema.Language(), "")
	walk(schema.Lock(), "lock")
}

// TestInline looks attributes and blocks up through an inline version.
func TestInline(t *testing.T) {
	contract, _ := schema.Language().Block("contract")
	if _, ok := contract.Attr("key"); !ok || contract.Own("key") {
		t.Error("a contract does not take its version's key")
	}
	if _, ok := contract.Block("column"); !ok || contract.Own("column") || !contract.Own("version") || !contract.Own("owner") {
		t.Error("a contract does not take its version's columns")
	}
}

// TestEveryWordOfTheLanguage checks that each block and attribute that the
// language promises is described, built or not.
func TestEveryWordOfTheLanguage(t *testing.T) {
	root := schema.Language()
	for _, typ := range strings.Fields("headgate variable locals environment source destination contract pipeline model external task notify test mapper import budget policy rule moved removed") {
		if _, ok := root.Block(typ); !ok {
			t.Errorf("there is no block %s", typ)
		}
	}
	pipeline, _ := root.Block("pipeline")
	stream, _ := pipeline.Block("stream")
	mapping, _ := stream.Block("map")
	contract, _ := root.Block("contract")
	column, _ := contract.Block("column")
	source, _ := root.Block("source")
	singer, _ := source.Select("singer")
	model, _ := root.Block("model")
	for block, words := range map[*schema.Block]string{
		pipeline: "from via to schedule timezone max_active_runs owner tags depends_on timeout description publish for_each",
		stream:   "contract table write cursor on_delete grants before after",
		mapping:  "drop only filter",
		contract: "description owner compatibility latest_version deprecated_after extends remove reserved key on_violation unknown_columns coerce tolerance schema_file quarantine_raw for_each",
		column:   "type required description min max min_length max_length pattern enum format unique default references tags",
		singer:   "command config select catalog state initial_state schema timezone env concurrency for_each",
		model:    "destination schema table materialized on_schema_change latest_version query contract deprecated_after depends_on grants before after for_each",
	} {
		for _, word := range strings.Fields(words) {
			if _, ok := block.Attr(word); !ok {
				t.Errorf("%s has no attribute %s", block.Type, word)
			}
		}
	}
}
