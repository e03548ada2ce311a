package diag

// The codes of JSON Schemas: of contracts and of `contract check --schema`.
const (
	SchemaUnread   Code = "HG3401" // the file of a schema cannot be read
	SchemaNotJSON  Code = "HG3402" // it is not JSON
	SchemaInvalid  Code = "HG3403" // it is JSON, but no valid schema of its draft
	SchemaDraft    Code = "HG3404" // a draft that headgate does not know
	SchemaRef      Code = "HG3405" // a $ref that leads nowhere
	SchemaPattern  Code = "HG3406" // a regular expression that RE2 does not have
	SchemaColumns  Code = "HG3407" // no columns can be made of it
	SchemaConflict Code = "HG3408" // the contract around it contradicts it
	SchemaLoop     Code = "HG3409" // $refs that go round in a circle
	SchemaExport   Code = "HG3410" // what a contract promises and JSON Schema cannot say
	SchemaNumber   Code = "HG3411" // a number too large to compute with
	SchemaTwice    Code = "HG3412" // a member that stands twice
	SchemaResidue  Code = "HG3413" // part of a schema has no form as a column
)

func jsonSchemaCodes() []Info {
	return []Info{
		{SchemaUnread, "The JSON Schema cannot be read", "A schema_file is a path from the project's root with forward slashes, and may not leave the project. A $ref to another file is read from beside the file that it stands in."},
		{SchemaNotJSON, "The JSON Schema is not valid JSON", "The text breaks the rules of RFC 8259 at the place shown. Comments, trailing commas and single quotes are not JSON."},
		{SchemaInvalid, "This is not a valid JSON Schema", "A keyword has a value that its draft does not allow, such as \"type\": \"int\" in place of \"integer\". The draft is what $schema says; without it, 2020-12 or what --draft says."},
		{SchemaDraft, "headgate does not know this draft of JSON Schema", "Drafts 4, 6, 7, 2019-09 and 2020-12 are known. $schema has to name one of them, or a schema that is given beside it:\n\n    \"$schema\": \"https://json-schema.org/draft/2020-12/schema\""},
		{SchemaRef, "A reference of the JSON Schema leads nowhere", "A $ref may point inside its own document (#/$defs/address), to another file of the project (address.json#/$defs/street), or to the metaschemas of the known drafts. Nothing is ever fetched from a network: put a copy of the file beside the schema. `contract check` also takes --ref URL=FOLDER, which says where the documents below a URL stand."},
		{SchemaPattern, "The pattern is not one that headgate can match", "JSON Schema's patterns are ECMA-262; headgate matches with RE2, in time that grows with the text alone. Look-ahead, look-behind and references back to a group are what RE2 lacks. Write the pattern without them; several patterns can stand in an allOf."},
		{SchemaColumns, "No columns can be made of the JSON Schema", "A contract is about records: its schema has to describe an object with properties. Each property becomes a column of its name, so names cannot be empty, and cannot differ in case alone."},
		{SchemaConflict, "The contract contradicts its JSON Schema", "schema_file brings columns and promises of its own, and the attributes beside it may add to them, but not take away from them."},
		{SchemaLoop, "The references of the JSON Schema go round in a circle", "Following $ref, or allOf and its like, leads back to the same schema without ever stepping into a value: such a schema can be neither kept nor broken."},
		{SchemaExport, "JSON Schema cannot say all that the contract promises", "The exported schema carries the promise as an annotation (x-headgate-...), which other programs pass over. Who validates with the schema alone does not check it."},
		{SchemaNumber, "The number is too large to compute with", "headgate compares numbers exactly, digit by digit. An exponent beyond 9999 would need more memory than a number deserves."},
		{SchemaTwice, "A member stands twice in one object", "JSON leaves open which of the two counts, so one program would read another schema than the next. Delete one of them."},
		{SchemaResidue, "Part of the JSON Schema has no form as a column", "Columns say types, limits and what is required. Alternatives, conditions, dependencies and the like are more than a column can say. A contract with schema_file checks them on the whole record; a contract that is written out as columns goes without."},
	}
}
