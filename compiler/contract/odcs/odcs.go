// Package odcs reads and writes the Open Data Contract Standard, version 3.
//
// What the standard says and headgate has a word for becomes the word. The rest
// is kept in the contract's extensions and given back: exporting what was
// imported gives the same data. How: a document is written by starting from what
// was kept and then saying each word that the text so far does not say; what is
// kept is the document less all that this brings back. A word that was changed
// since therefore always wins over what was kept of it.
package odcs

import (
	"encoding/json"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/contract/document"
	"github.com/headgate-data/headgate/lang/diag"
)

// Version is the version of the standard that is written.
const Version = "v3.1.0"

// The members of a contract's extensions. A document's own parts are kept with
// the first of its contracts, a property's under Kept of its column.
const (
	Kept       = "odcs"        // of the document, or of a property
	KeptObject = "odcs_schema" // of the object of schema that the contract is
)

// own is the custom property that holds the words that the standard lacks, and
// the engine of rules that only headgate can run.
const own = "headgate"

// unsaid stands in what is kept for a member that is always written and that the
// document does not have. The standard has no empty text in these places.
const unsaid = ""

// The orders in which members are written.
var (
	documentOrder = []string{"apiVersion", "kind", "id", "name", "version", "status", "tenant", "domain", "dataProduct", "tags", "description",
		"contractCreatedTs", "authoritativeDefinitions", "servers", "schema", "support", "price", "team", "roles", "slaDefaultElement", "slaProperties", "customProperties"}
	objectOrder = []string{"id", "name", "physicalName", "logicalType", "physicalType", "businessName", "description", "dataGranularityDescription", "tags",
		"authoritativeDefinitions", "properties", "relationships", "quality", "customProperties"}
	propertyOrder = []string{"id", "name", "physicalName", "businessName", "logicalType", "physicalType", "logicalTypeOptions", "required", "unique",
		"primaryKey", "primaryKeyPosition", "partitioned", "partitionKeyPosition", "description", "tags", "classification", "criticalDataElement", "encryptedName",
		"examples", "transformSourceObjects", "transformLogic", "transformDescription", "authoritativeDefinitions", "items", "properties", "relationships", "quality",
		"customProperties"}
	optionOrder  = []string{"format", "timezone", "defaultTimezone", "minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "pattern", "minItems", "maxItems"}
	qualityOrder = []string{"id", "name", "description", "type", "dimension", "metric", "rule", "arguments", "query", "engine", "implementation", "mustBe",
		"mustNotBe", "mustBeGreaterThan", "mustBeGreaterOrEqualTo", "mustBeLessThan", "mustBeLessOrEqualTo", "mustBeBetween", "mustNotBeBetween",
		"unit", "severity", "businessImpact", "method", "scheduler", "schedule", "tags"}
)

// Export writes one document that holds the contracts as its objects, in their
// order. The document's own words (version, owner, deprecation) are those of the one
// that a document was imported with, else of the first. There is at least one.
func Export(cs []*contract.Contract) ([]byte, diag.Diagnostics) {
	var diags diag.Diagnostics
	root := rootOf(cs)
	for _, c := range cs {
		diags = append(diags, unreadable(c)...)
		if c != root && extension(c.Extensions, Kept) != nil {
			d := diag.New(diag.ExportLoss, "contract.%s brings a document of its own, beside that of contract.%s: its team, servers and the like are left out. Export it by itself.", c.Name, root.Name).At(c.Range)
			d.Severity = diag.Warning
			diags.Add(d)
		}
	}
	text, err := document.YAML(sayDocument(cs), "")
	diags.AddError(err, diag.ExportLoss, "The format cannot say everything")
	return text, diags
}

// Import makes a contract of each object of a document that has properties. name
// is the document's file, for diagnostics.
func Import(name string, src []byte) ([]*contract.Contract, diag.Diagnostics) {
	root, diags := document.Parse(name, src)
	if diags.HasErrors() {
		return nil, diags
	}
	n := &notes{diags: diags, file: name}
	cs := n.document(root)
	if n.diags.HasErrors() {
		return nil, n.diags
	}
	keep(root, cs)
	return cs, n.diags
}

// notes collects what is to be said about a document while it is read. A nil
// *notes says nothing.
type notes struct {
	diags diag.Diagnostics
	file  string
}

func (n *notes) add(code diag.Code, v *document.Value, severity diag.Severity, format string, args ...any) {
	if n == nil {
		return
	}
	at := v.At()
	if at.Filename == "" {
		at = diag.Range{Filename: n.file}
	}
	d := diag.New(code, format, args...).At(at)
	d.Severity = severity
	n.diags.Add(d)
}

// invalid reports what no contract can be made of.
func (n *notes) invalid(v *document.Value, format string, args ...any) {
	n.add(diag.ImportInvalid, v, diag.Error, format, args...)
}

// loose reports what is kept without being enforced.
func (n *notes) loose(v *document.Value, format string, args ...any) {
	n.add(diag.ImportLoose, v, diag.Warning, format, args...)
}

// extension returns a member of a contract's or column's extensions; nil where
// there is none.
func extension(all json.RawMessage, name string) *document.Value {
	if len(all) == 0 {
		return nil
	}
	return document.FromJSON(all).Get(name)
}

// start copies what was kept, or begins a new map.
func start(kept *document.Value) *document.Value {
	if !kept.Is(document.Map) {
		return document.NewMap()
	}
	return kept.Clone()
}
