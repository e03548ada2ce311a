package diag

// The codes of the DuckDB connector.
const (
	DuckDBLocked      Code = "HG7501" // another process holds the database file
	DuckDBOpen        Code = "HG7502" // the file cannot be opened
	DuckDBFailed      Code = "HG7503" // DuckDB refused a statement
	DuckDBOwned       Code = "HG7504" // a published name belongs to someone else
	DuckDBTaken       Code = "HG7505" // a published name is a relation that headgate did not make
	DuckDBReserved    Code = "HG7506" // a name that headgate keeps for itself
	DuckDBFenced      Code = "HG7507" // a newer holder of the lease has written already
	DuckDBMissing     Code = "HG7508" // a table that headgate made is gone
	DuckDBUnbelieved  Code = "HG7509" // a commit succeeded and its bookmark is not there
	DuckDBNotConvert  Code = "HG7510" // a value does not fit a column's new type
	DuckDBNewer       Code = "HG7511" // the bookkeeping was written by a newer headgate
	DuckDBOutOfMemory Code = "HG7512" // the memory limit is too small for the work
)

func connectorCodes() []Info {
	return []Info{
		{DuckDBLocked, "The DuckDB file is in use by another process", "DuckDB lets one process at a time open a database file, for reading too. Headgate waits up to --lock-timeout and then names the process that holds the file. Close that program (a DuckDB shell, a notebook, another headgate), or raise --lock-timeout."},
		{DuckDBOpen, "The DuckDB file cannot be opened", "The path of the destination does not lead to a file that DuckDB can open or create: a folder is missing or not writable, the file is no DuckDB database, or a newer DuckDB wrote it. The detail holds DuckDB's own words."},
		{DuckDBFailed, "DuckDB refused the work", "DuckDB reported an error while headgate wrote or read the destination. Everything of the transaction was rolled back. The detail says what was being done, and DuckDB's own words."},
		{DuckDBOwned, "The published name belongs to someone else", "Each published table or view has one owner: a project, an environment and an address, kept in the table headgate_meta of the destination. Two owners of one name would overwrite each other. Publish under another name or schema (an environment's schema_suffix does that for all of them), or destroy the present owner first.\n\nExample: pipeline.a.stream.orders and pipeline.b.stream.orders both publish raw.orders."},
		{DuckDBTaken, "The published name is taken by something that headgate did not make", "A table or view of that name stands in the destination, and headgate_meta does not know it. Headgate never overwrites what it did not make. Publish under another name, or rename or drop what is there."},
		{DuckDBReserved, "The name is reserved for headgate", "The schema headgate, and names in the default schema that begin with headgate_, hold headgate's own tables. Publish under another name."},
		{DuckDBFenced, "Another run has taken over the work", "Every run carries the number of its lease, and the destination remembers the greatest one that it has seen. A run that was paused and lost its lease meanwhile comes with a lower number and is refused, so that it cannot write over the work of its successor. Nothing was published. Apply again."},
		{DuckDBMissing, "A table that headgate made is gone from the destination", "The table behind a published name does not exist any more: something dropped it, or the file was put back from an older copy. Load it anew: headgate apply --replace ADDRESS."},
		{DuckDBUnbelieved, "A commit succeeded, but what it wrote is not there", "After each commit headgate reads its bookmark back. It was not what had been written, so the commit is not believed and the run stops. Apply again; if it happens again, check the disk and report it."},
		{DuckDBNotConvert, "A value does not fit the column's new type", "A change of a column's type casts the values that stand in the table. At least one of them cannot be cast. Nothing was changed. Choose a type that holds all values, or load the table anew with headgate apply --replace ADDRESS."},
		{DuckDBNewer, "The destination was written by a newer headgate", "The format of headgate's bookkeeping in this database is newer than this program knows. Use that newer version of headgate."},
		{DuckDBOutOfMemory, "DuckDB's memory limit is too small for the work", "DuckDB could not do the work within the destination's memory_limit, although it may spill to disk. Raise it: destination \"duckdb\" \"x\" { memory_limit = \"1GB\" }, or use fewer threads. Large records need much: DuckDB works on 2,048 rows at a time, so that records of a megabyte take some gigabytes, whatever their number."},
	}
}
