package diag

// The codes of reading and writing other standards' documents.
const (
	DocumentSyntax    Code = "HG3501"
	DocumentLimit     Code = "HG3502"
	DocumentDuplicate Code = "HG3503"
	DocumentValue     Code = "HG3504"
	FormatUnknown     Code = "HG3510"
	FormatVersion     Code = "HG3511"
	ImportInvalid     Code = "HG3512"
	ImportNothing     Code = "HG3513"
	ImportLoose       Code = "HG3514"
	ExportLoss        Code = "HG3522"
)

func formatCodes() []Info {
	return []Info{
		{DocumentSyntax, "The document cannot be read", "It is neither YAML nor JSON. The message names the line; YAML's parser often sees a fault one line after it was made. Frequent causes: a tab in place of spaces, a text with a colon or a # that needs quotes, a list that is indented otherwise than its neighbours."},
		{DocumentLimit, "The document is larger than headgate takes", "A document may have 16 MiB, nesting of 100 and about a million values once its anchors are replaced. That is far beyond what people write; a small file that grows so large through anchors is built to exhaust memory."},
		{DocumentDuplicate, "A key stands twice in one map", "YAML and JSON parsers differ in which of the two they keep, so one reader would see another document than the next. Take one of them out."},
		{DocumentValue, "The document holds what JSON cannot say", "headgate reads the part of YAML that has the meaning of JSON: words as keys, no tags of one's own, no infinite numbers, no anchor that holds itself."},
		{FormatUnknown, "The document's standard cannot be told", "`contract import` knows ODCS by kind: DataContract, dbt by models, sources, seeds or snapshots, and JSON Schema by $schema, type or properties. Name it: --from odcs, dbt or jsonschema."},
		{FormatVersion, "This version of the standard is not read", "ODCS is read from 3.0.0 on. Documents of version 2 name tables and columns in another way; the standard's own site describes how to move them to version 3."},
		{ImportInvalid, "The document is not what its standard asks for", "Something that the standard requires is missing, of the wrong kind, or stands twice, so that no contract can be made of it. The message says what."},
		{ImportNothing, "The document describes no table", "A contract needs columns. In ODCS they are the properties of an object of schema, in dbt the columns of a model, source table, seed or snapshot."},
		{ImportLoose, "Part of the document is kept but not enforced", "headgate has no rule of this meaning, or cannot apply it to the column's type. It stays in the contract's extensions, and `contract export` gives it back."},
		{ExportLoss, "The format cannot say everything", "Part of the contract has no place in this format. What could be kept as a comment or a property is there; the message names the rest."},
	}
}
