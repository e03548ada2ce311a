package diag

// The codes of row expressions.
const (
	RowSyntax          Code = "HG3101" // a form of expression that is not for rows
	RowUnknownColumn   Code = "HG3102"
	RowUnknownFunction Code = "HG3103"
	RowTypes           Code = "HG3104" // operands whose types do not mix
	RowArgument        Code = "HG3105"
	RowResult          Code = "HG3106" // the whole yields another type than its place takes
	RowConstant        Code = "HG3107" // a constant that cannot be computed
	RowPattern         Code = "HG3108"
	RowTooLarge        Code = "HG3109"
	RowNotInSQL        Code = "HG3110"
)

// rowexprCodes are the codes of row expressions, a part of contractCodes.
func rowexprCodes() []Info {
	return []Info{
		{RowSyntax, "This cannot stand in a row expression", "A row expression is evaluated for every record. It is made of literals, templates, row.<column>, value (inside a column's own check), var, local, each and environment, the operators, condition ? a : b, and calls of row functions. For expressions, splats, objects and the functions of configuration are not part of it; a list stands only in contains([...], x) and join(\",\", [...]).\n\n  filter = contains([\"eu\", \"us\"], row.region)"},
		{RowUnknownColumn, "The record has no such column", "A row expression names a column, or a member of a nested column, that the record does not have. Inside a contract those are the contract's columns; in a map they are the source's, as sources.lock.hcl has them (headgate source discover reads them again).\n\n  condition = row.order_totl > 0   # did you mean order_total?"},
		{RowUnknownFunction, "There is no such row function", "Row expressions have functions of their own; docs/reference/expressions.md lists them with their parameters.\n\n  condition = len(row.name) > 0   # write length(row.name)"},
		{RowTypes, "The types of the operands do not mix", "Nothing is converted that could lose a digit or change its meaning: an integer goes with a wider integer or a decimal, a date with a timestamp, and a literal takes the type of what stands beside it. For all else say what you mean with cast.\n\n  condition = row.order_id == \"12\"                    # int64 and string\n  condition = cast(row.order_id, string) == \"12\"      # fine"},
		{RowArgument, "An argument does not fit the function", "The function takes another number of arguments, another type, or a constant at this place. docs/reference/expressions.md describes every function.\n\n  value = round(row.total, row.digits)   # the digits must be a constant"},
		{RowResult, "The row expression yields another type than its place takes", "A condition and a filter yield bool; a column of a map yields the type of the contract's column, or one that widens to it. Where digits may be lost, say so with cast.\n\n  column \"total\" { value = row.net / 3 }                          # float64 for a decimal(12, 2)\n  column \"total\" { value = cast(row.net / 3, decimal(12, 2)) }    # fine, rounded half away from zero"},
		{RowConstant, "A constant cannot be computed", "A constant part of a row expression divides by zero, overflows, has more than 38 digits, or is no text of the type that it is compared with.\n\n  condition = row.day >= \"2024-02-30\"   # not a date"},
		{RowPattern, "The regular expression is not usable", "Patterns are RE2: no look-ahead, no back references. They are constants, so that they are compiled once. In HCL a backslash is written twice.\n\n  condition = regex_match(row.code, \"^[A-Z]{3}-\\\\d+$\")"},
		{RowTooLarge, "The row expression is too large", "A row expression may be nested 200 deep and hold 5,000 operators and calls; as SQL it may take 256 KiB. Split it into several checks or columns."},
		{RowNotInSQL, "The row expression has no exact SQL form", "The destination's SQL cannot do what the expression does in quite the same way, so it is evaluated by headgate alone and not pushed down. Loading and enforcement are not affected. docs/reference/expressions.md says for each function what is in flight only."},
	}
}

// The codes of promises about the table as a whole: HG32xx where they are
// compiled, HG64xx where they are audited.
const (
	ReferenceForm   Code = "HG3201"
	ReferenceColumn Code = "HG3202"
	ReferenceType   Code = "HG3203"
	ReferencePlace  Code = "HG3204"
	ExpectSelect    Code = "HG3205"
	ExpectTable     Code = "HG3206"
	RowsBounds      Code = "HG3207"
	FreshnessColumn Code = "HG3208"
	ExpectName      Code = "HG3209"
	ViewKeepsRows   Code = "HG3210"

	RowsWithoutPartner Code = "HG6401"
	ExpectBroken       Code = "HG6402"
	RowCountBroken     Code = "HG6403"
	TableStale         Code = "HG6404"
	ChainTooLong       Code = "HG6405"
)

func promiseCodes() []Info {
	return []Info{
		{ReferenceForm, "references does not name a column of another table", `It takes a column of a stream, a model, a model's version or an external table, without quotes:

    references = pipeline.customers.stream.customers.column.id
    references = model.customers.v2.column.id
    references = external.legacy.customers.column.id`},
		{ReferenceColumn, "references names a column that is not there", "The table exists, but its contract (or the query of the model) has no such column."},
		{ReferenceType, "A column and the one that it references differ in type", "The values are compared for equality, so both columns need the same type. Change one of the contracts, or cast the value in the stream's map or the model's query."},
		{ReferencePlace, "references names a table of another destination", "The audit joins the two tables inside one destination. Load the other table into the same destination, or check the reference in a model."},
		{ExpectSelect, "An expect query must be exactly one SELECT", "The query returns the rows at fault and changes nothing. Statements that change something, several statements, and an empty text are refused before anything runs."},
		{ExpectTable, "An expect query reads this, and nothing else", `The query is part of the contract, which may stand on tables in several destinations; so it reads the one table that every user of the contract has:

    expect "one_row_per_day" {
      query = "select day from this group by day having count(*) > 1"
    }

Use references for values that another table must hold, and a model with a contract for what needs several tables.`},
		{RowsBounds, "rows needs a min or a max that a table can keep", "Give min, max or both, with min not above max."},
		{FreshnessColumn, "freshness needs a column with dates or times", "The column must be one of the contract's, of type date, timestamp or timestamptz."},
		{ExpectName, "A check and an expect query have the same name", "Reports tell rules by name, so each needs its own. Rename one of them, or take the inherited one out with remove."},
		{ViewKeepsRows, "Rows cannot be taken out of a view", "The contract says set_violations = \"quarantine\" or \"drop\", but a view shows whatever its query yields. For this model a broken key, unique or references fails, and nothing is published. Materialize the model as a table, or filter the rows in its query."},
	}
}

func promiseRunCodes() []Info {
	return []Info{
		{RowsWithoutPartner, "Rows refer to something that the other table does not hold", `A column with references has values that the column it names does not hold. The transaction was rolled back: readers see what they saw before, the bookmark stays, and the staged rows are left for a look.

Load the missing rows first and apply again, or let the contract put such rows aside:

    set_violations = "quarantine"     # or "drop"`},
		{ExpectBroken, "An expect query found rows", "The query of an expect block returns the rows at fault, and it returned some for the table with the new rows merged in. The transaction was rolled back: readers see what they saw before. With severity = \"warning\" the rows are reported and the table is published."},
		{RowCountBroken, "The table would have too few or too many rows", "The contract's rows block bounds the number of rows that the table has after the publication. The transaction was rolled back: readers see what they saw before."},
		{TableStale, "The newest row is older than the contract allows", "The greatest value of the column that freshness names lies further back than max_age, counted from the moment of publishing, or the table has none at all. The transaction was rolled back: readers see what they saw before."},
		{ChainTooLong, "Rows without a partner hang on each other in too long a chain", "With set_violations = \"quarantine\" or \"drop\" a row without a partner is taken out, then the rows that refer to it, and so on, for a hundred rounds at most. Nothing was published. Load the rows at the begin of the chain first, or leave set_violations at \"fail\", which names them."},
	}
}

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

// The codes of contracts that change.
const (
	VersionBreaks   Code = "HG3601"
	PublishedBreaks Code = "HG3602"
	AgainstUnread   Code = "HG3603"
	VersionGone     Code = "HG3604"
)

func compatCodes() []Info {
	return []Info{
		{VersionBreaks, "A version of a contract breaks the promise of compatibility",
			"The contract says compatibility = \"backward\", \"forward\" or \"full\", so each version must keep what the one before it promised to those who write (backward) or read (forward); with _transitive, what every earlier one promised. The message names the rule, the column and a record that shows the break. Take the change back or soften it, or let the contract say compatibility = \"auto\" again, under which a new version may break what an old one promised: that is what versions are for."},
		{PublishedBreaks, "A published version of a contract would change so that it breaks somebody",
			"A version that was applied is a promise to those who use it: under auto, a contract used by a stream protects the writers of its records, one used by a model the readers of its table. Leave the published version as it is and put the change into a new one (`headgate contract bump` writes it), so that each user moves when it is ready. compatibility = \"none\" lets the change through; the plan shows it all the same."},
		{AgainstUnread, "What the contracts are to be compared with cannot be read",
			"contract check --against takes a git revision of the project (main, v1.2, HEAD~3), a folder that holds another copy of it, or a file. A revision needs git and a repository around the project; nothing is checked out. Where a revision and a folder have one name, ./NAME is the folder."},
		{VersionGone, "A published version of a contract is gone although something uses it",
			"The version stands in what the contracts are compared with, something there used it, and it is no longer in the project. Keep the version until its last user has moved, with deprecated_after to tell them."},
	}
}

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

// The codes of `contract check` and of naming one contract on a command line.
const (
	NoSuchContract Code = "HG6201" // a name of a contract on the command line finds none, or several
	CheckInput     Code = "HG6202" // what to check cannot be told or read
	NothingChecked Code = "HG6203" // there was not one record
	TooManyKeys    Code = "HG6204" // more distinct keys than are held in memory
	CheckOutput    Code = "HG6205" // --rejects cannot be written
)

func checkCodes() []Info {
	return []Info{
		{NoSuchContract, "The contract that is meant cannot be told", `A contract is named on the command line by its address in the project, or by the file that it stands in:

    contract.orders              the latest version of the project's contract
    contract.orders.v2           that version
    orders.gate.hcl              the one contract of a file, its latest version
    orders.gate.hcl#orders       that contract of the file
    orders.gate.hcl#orders.v2    that version of it

A file is read by itself: it needs no project around it, and sees none of the project's variables and locals. Name the contract by its address, with -C for the project's folder, where it needs them.`},
		{CheckInput, "What is to be checked cannot be read", "The data's format cannot be told from the file's ending, or a format is asked for that cannot be read from there. Say the format with --input jsonl, json, csv or parquet. Standard input is JSON Lines unless --input says otherwise, plain or compressed with gzip or zstd; a Parquet file is read from its end and cannot come through a pipe."},
		{NothingChecked, "There was no record to check", "The data holds not one record, so nothing was found wanting and nothing was proved. The exit code is 0: an empty file is a valid one. Give the contract a tolerance, or count the records in the JSON output, where emptiness is a fault."},
		{TooManyKeys, "There are more distinct keys than are held in memory", "`contract check` holds the hash and the place of every distinct value of a key and of a unique column in memory, about 40 bytes each, so that it can name the later one of two exactly. The data has more than --max-keys allows. Allow more where the memory is there, or leave the promises over the whole data unchecked with --max-keys 0."},
		{CheckOutput, "The rejected records cannot be written", "The file of --rejects could not be made or written to. Nothing else depends on it: mend the path or the disk and check again."},
	}
}

// The codes of test blocks.
const (
	TestRule    Code = "HG3700" // violates names no rule of the contract
	TestRow     Code = "HG3701" // row or rows is no record
	TestEmpty   Code = "HG3702" // a test without a case
	TestNoMatch Code = "HG3703" // --run takes no test
)

func testCodes() []Info {
	return []Info{
		{TestRule, "The contract has no such rule", `A name in violates is none of the contract's rules. A rule of a column is the column's name and the rule's: total.min, total.max, name.min_length, name.max_length, name.pattern, name.enum, name.format, name.unique, total.type, and total.required where the column is required. A check over the row has its own name, a check in a column the column's name in front. The rules of the record are json, key where the contract has one, and unknown_column where unknown_columns is "fail" or "quarantine".

    reject {
      row      = { id = 1, total = -1 }
      violates = ["total.min"]
    }

In an accept block only checks of severity "warning" can be named, because a record that breaks another rule is not accepted.`},
		{TestRow, "This is no record to test with", `A case has row, which is an object or the raw text of a record, or rows, a list of such. Values are written as the source sends them; the contract's own coercion applies.

    accept {
      row = { id = 1, total = "12.50", placed_at = "2024-05-06T07:08:09Z" }
    }
    reject {
      row      = "{\"id\": 1e400}"
      violates = ["id.type"]
    }
    reject {
      rows     = [{ id = 1 }, { id = 1 }]
      violates = ["key"]
    }`},
		{TestEmpty, "The test holds no case", "A test says nothing unless it holds at least one accept or reject block."},
		{TestNoMatch, "No test has such a name", "The pattern of --run is a regular expression that is looked for in the names of the project's tests, and none of them holds it. Without --run all tests are run."},
	}
}

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

// The codes of writing contracts: contract infer, update and bump.
const (
	NothingToInfer Code = "HG3550" // no record, or no column
	NotEditable    Code = "HG3551" // the text of a contract cannot be changed in place
	FileThere      Code = "HG3552" // the file to be written exists
	NotMended      Code = "HG3553" // data breaks a promise that only a person can change (a warning)
	RecordsLeftOut Code = "HG3554" // records that no contract takes (a warning)
	MemberLeftOut  Code = "HG3555" // a member that cannot be a column (a warning)
	BadDifference  Code = "HG3556" // bump was asked for a change that cannot be made
)

func authoringCodes() []Info {
	return []Info{
		{NothingToInfer, "There is nothing to infer a contract from", `The data holds no record that a contract could take: it is empty, or every piece of it is broken. The detail names the first fault. Look at the file, and at its format: a name's ending says how it is read, and --input FORMAT says it where the name does not.`},
		{NotEditable, "The contract cannot be changed in place", "headgate contract update and headgate contract bump change the text of a contract where it stands, and keep everything else in the file as it is. They can do so in *.gate.hcl files only, and only where the block can be found by its labels. Make the change by hand, or write the contract in HCL."},
		{FileThere, "A file would be overwritten", "headgate contract infer -o FILE writes a new file and never replaces one, because somebody may have worked on it. Name another file, remove the old one, or change the contract that is there with `headgate contract update`."},
		{NotMended, "The data breaks a promise that only a person can change", `headgate contract update widens types, limits and enums. A check, a key or a name that is reserved says something about what the records mean, so it stays as it is, and so do the records that break it:

    headgate contract check data/*.jsonl --contract contract.orders   # which records, and why`},
		{RecordsLeftOut, "Some records are none that a contract could take", "A record is a JSON object in which no member stands twice. What is none is quarantined by every contract, under the rule json, so it was left out of the sample. The detail names the first one."},
		{MemberLeftOut, "A member of the records cannot be a column", `Names of columns must differ in more than case, because a database takes Id and ID for one name; they must not be empty, and not begin with _headgate. Give the member another name in the stream's map:

    map {
      column "id_2" {
        value = row.ID
      }
    }`},
		{BadDifference, "The next version cannot be written like that", "headgate contract bump writes a version that extends the latest one. A column that it is to remove must be there, one that it is to add must not, and a contract to take the difference from must be another one. The detail says what stood in the way."},
	}
}
