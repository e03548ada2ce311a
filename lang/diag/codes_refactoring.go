package diag

// The codes of moved, removed and import blocks.
const (
	MoveForm          Code = "HG2641"
	MovedConfigured   Code = "HG2642"
	MoveNowhere       Code = "HG2643"
	MoveTwice         Code = "HG2644"
	MoveCycle         Code = "HG2645"
	RemovedConfigured Code = "HG2646"
	ImportTarget      Code = "HG2647"

	MoveTaken     Code = "HG5141"
	ImportUnseen  Code = "HG5142"
	ImportRefused Code = "HG5143"
	ImportColumns Code = "HG5144"
	ImportAppends Code = "HG5145"

	CannotFollow  Code = "HG6181"
	ColumnTaken   Code = "HG6182"
	ImportChanged Code = "HG6183"
)

func refactoringCodes() []Info {
	return []Info{
		{MoveForm, "A moved or removed block cannot mean that", "`from` and `to` are addresses as they are written elsewhere, without quotes, and both name the same kind of thing:\n\n    moved {\n      from = model.fact_order\n      to   = model.fact_orders\n    }\n\nAn address without a version means all versions, a pipeline its streams, too. A column is named behind the contract or the stream that it belongs to: contract.orders.column.total."},
		{MovedConfigured, "What is said to have moved is still there", "A moved block says that nothing has the former address any more. While a block of that address stands in the configuration, there are two things and not one with another name. Take one of the two blocks out."},
		{MoveNowhere, "What it moved to is not there", "A moved block ends, over other moved blocks if need be, at an address that is in the configuration. This one does not: the name is misspelt, or what it moved to was taken out since. Where that is so, a `removed` block says what becomes of its data."},
		{MoveTwice, "Two blocks speak of one address", "One thing can move to one place only, and one place can take one thing. Take out one of the blocks."},
		{MoveCycle, "Moved blocks lead in a circle", "Each address is said to have become another one, round and round. Two things that exchange their names need two applies: first one of them to a third name, then both to their own."},
		{RemovedConfigured, "What is said to be removed is still there", "A removed block says what becomes of something that is no longer in the configuration."},
		{ImportTarget, "An import block cannot mean that", "An import takes a table of the destination over into a stream of the configuration:\n\n    import {\n      to    = pipeline.legacy.stream.orders\n      table = \"raw.orders\"\n    }\n\n`headgate import pipeline.legacy.stream.orders raw.orders` prints a contract, a stream and such a block for a table that exists."},
		{MoveTaken, "The address that it moves to is in the state already", "Both addresses are applied, so one cannot become the other. Most likely the new block was applied before the moved block was written, and has a table of its own by now. Decide which table is to stay: take the moved block out to destroy the former one, or take the new block out, apply, and put both back."},
		{ImportUnseen, "A table to import was not looked at", "An import needs to know the table's columns, so the destination must be looked at: plan without --refresh=false, and see to it that the destination can be opened."},
		{ImportRefused, "The table cannot be imported", "An import takes over a table that is there, that is no view, and that no project of headgate owns."},
		{ImportColumns, "The table's columns do not fit the contract", "Every column of the contract must be in the table, or be optional, and a value of the table's type must become one of the contract's type. What the table has beyond the contract is kept behind it and is not published. Change the contract to what the table holds; `headgate import ADDRESS TABLE` prints one that fits."},
		{ImportAppends, "An import into a stream that appends would double rows", "headgate has no bookmark for a table that it did not fill, so the first run reads the source from its beginning. A stream that merges recognises the records that are there by their key; one that replaces makes the table anew; one that appends would add everything once more. Give the stream write = \"merge\", or say load_again = true in the import block where that is what you want."},
		{CannotFollow, "The destination cannot give its tables to another address", "The connector of this destination keeps no books that a move could change. Take the moved block out, and let the new address be loaded."},
		{ColumnTaken, "The table behind has a column of the new name already", "A column was to be renamed, and the table behind the published name has a column of the new name: one that a contract had before, and whose data was kept. Choose another name, or take the moved block out: then the kept column is published again, and the former one is kept."},
		{ImportChanged, "The table is not what the plan saw", "Between plan and apply the table to import was changed, dropped, or taken over. Nothing was done. Make a new plan."},
	}
}
