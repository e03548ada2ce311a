package diag

// The codes of what is asked about plans and columns.
const (
	NothingToExplain Code = "HG5201"
	NoLineage        Code = "HG5202"
)

func whyCodes() []Info {
	return []Info{
		{NothingToExplain, "There is nothing of this address to explain", "`headgate why` takes an address of the configuration or of the state, as `headgate graph` and `headgate state list` print them; with --plan, one that the saved plan speaks of. A contract or model without a version means its latest one."},
		{NoLineage, "There is no such column to follow", "`headgate lineage` takes a stream, a model or an external, with .column.NAME behind it for one of its columns: model.sales.v2.column.net. Sources, contracts and destinations have no table of their own; a source's columns show at the streams that it fills."},
	}
}
