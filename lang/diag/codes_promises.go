package diag

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
