package diag

// The codes of comparing JSON Schemas.
const (
	SchemaDiffBroken Code = "HG3801" // a schema that cannot be read for a comparison
)

func schemaDiffCodes() []Info {
	return []Info{
		{SchemaDiffBroken, "The JSON Schema cannot be compared", `
One of the two schemas is not JSON, holds a keyword with a value of the wrong type, or refers to another
document. The message names the file and the JSON pointer of the place.

References to other documents are not followed: nothing is fetched. Bundle the schema into one file first,
with the other documents under "$defs".
`},
	}
}
