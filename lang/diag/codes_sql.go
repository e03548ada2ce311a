package diag

// The codes of SQL and models.
const (
	SQLSyntax      Code = "HG4001"
	NotOneSelect   Code = "HG4002"
	UnknownTable   Code = "HG4003"
	SQLBinding     Code = "HG4004"
	LiteralMix     Code = "HG4005"
	ResultMissing  Code = "HG4006"
	ResultType     Code = "HG4007"
	ResultNullable Code = "HG4008"
	ReachesOutside Code = "HG4009"
	ResultExtra    Code = "HG4010"
	ResultUnnamed  Code = "HG4011"
	OtherPlace     Code = "HG4012"
	NativeType     Code = "HG4013"
)

func sqlCodes() []Info {
	return []Info{
		{SQLSyntax, "The SQL does not parse", "DuckDB's parser refuses the text at the place shown."},
		{NotOneSelect, "A model's query must be exactly one SELECT", "A model is the result of one query. Statements that change something, several statements, and an empty text are refused before anything runs."},
		{UnknownTable, "The query reads a table that nothing here makes", "Every table of a model's query must be a pipeline stream's table, another model (its bare name is the latest version, name_v1 that version) or an `external`. Write the name as `schema.table`; add an external block for a table that something else fills."},
		{SQLBinding, "The SQL does not bind", "The query parses, but names a column or function that is not there, or uses one with types that it does not take. Columns of the tables come from their contracts."},
		{LiteralMix, "A text literal meets a value that it cannot be converted to", "DuckDB would take `id + 'abc'` or `amount = 'xyz'` and fail only when it runs. A text literal beside a number, date or boolean must read as one: `day >= '2024-01-01'` is fine."},
		{ResultMissing, "The query lacks a column of its contract", "Every column that the model's contract names must be in the query's result under that name."},
		{ResultType, "A column of the query has another type than its contract", "Cast the expression in the query, or change the contract. A type that widens to the contract's without loss is taken as it is."},
		{ResultNullable, "A required column of the contract can be null in the query", "headgate works out from the query which columns can be null: outer joins, aggregates over no rows, CASE without ELSE and nullable inputs can. Use coalesce, an inner join or a filter, or make the column optional."},
		{ReachesOutside, "The query reaches outside of the destination", "Models are computed from tables alone. Functions that read files or the network are refused."},
		{ResultExtra, "The query has a column that its contract lacks", "Add the column to the contract, or leave it out of the query."},
		{ResultUnnamed, "Two columns of the query have the same name", "Give each column of the result a name of its own with AS."},
		{OtherPlace, "The query reads a table of another destination", "A model is computed inside one destination. Move the data there with a pipeline first."},
		{NativeType, "A column of the query has a type that headgate has no name for", "Cast it to one of the column types of the language, for example an interval to text or to a number of seconds."},
	}
}
