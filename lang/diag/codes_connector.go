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

// The codes of the file source.
const (
	FileNoMatch         Code = "HG7001"
	FileUnreadable      Code = "HG7002"
	FileRewritten       Code = "HG7003"
	FileBroken          Code = "HG7004"
	FileUnfinished      Code = "HG7005"
	FileSetting         Code = "HG7006"
	SourceBookmark      Code = "HG7007"
	FileChangedMidLoad  Code = "HG7008"
	FileParquetNoReader Code = "HG7009"
)

// The codes of the Singer source.
const (
	TapStart          Code = "HG7201"
	TapFailed         Code = "HG7202"
	TapLineTooLong    Code = "HG7203"
	TapMessageSkipped Code = "HG7204"
	TapBatch          Code = "HG7205"
	TapCatalog        Code = "HG7206"
	TapStreamMissing  Code = "HG7207"
	TapFileChanged    Code = "HG7208"
	TapConfig         Code = "HG7209"
	TapStateSplit     Code = "HG7210"
	TapSchema         Code = "HG7211"
	TapSelect         Code = "HG7212"
)

// Sourcef makes an error diagnostic of one of the sources' codes. The format is
// the detail; the summary is the code's own.
func Sourcef(code Code, format string, args ...any) *Diagnostic {
	for _, info := range sourceCodes() {
		if info.Code == code {
			return Errorf(code, info.Summary, format, args...)
		}
	}
	return Bug("diag.Sourcef", "code %s is not in the list of the sources' codes", code)
}

// SourceWarnf is Sourcef for a warning.
func SourceWarnf(code Code, format string, args ...any) *Diagnostic {
	d := Sourcef(code, format, args...)
	d.Severity = Warning
	return d
}

func sourceCodes() []Info { return append(fileCodes(), tapCodes()...) }

func fileCodes() []Info {
	return []Info{
		{FileNoMatch, "No file is there to read",
			"The source's path names a file that does not exist (an error), or a pattern that matches none (a warning: nothing is read). Relative paths begin at the project's folder. '*' does not cross a '/', '**' does, and neither matches names that begin with a dot.\n\nExample: path = \"data/events-*.jsonl.gz\"."},
		{FileUnreadable, "A file cannot be read",
			"The operating system refused to open or read the file: the detail holds its reason. What was read before stays at its last checkpoint; the next run goes on there."},
		{FileRewritten, "A file that was read before has been rewritten",
			"Under write = \"append\" a file may only grow: its rows are in the table already, and reading it again would double them. headgate keeps the hash of what it has read, and the file's beginning is no longer the same, or the file is shorter.\n\nWays out: give new data a new file name; put the old content back; load the stream anew with `headgate apply --replace ADDRESS`; or use write = \"merge\" with a key, under which a rewritten file is simply read again."},
		{FileBroken, "A file is not of its format",
			"The file's frame is broken, so that headgate cannot tell where the next record begins: a gzip or zstd stream that ends early, a JSON array that is not closed, a CSV header with a column named twice. Records before the place were read. Mend the file, or set the source's format and compression if they were taken from the file's name and are not what it says."},
		{FileUnfinished, "The last line of a file is unfinished",
			"A JSON Lines file ends in the middle of a record. Somebody is probably still writing it: the rest is left for the next run, which reads the line once it is complete. If the file will never grow, mend its last line."},
		{FileSetting, "A file source's setting cannot be used",
			"The path is not a valid pattern, the delimiter is not one single-byte character, or the format or compression is unknown. Formats: jsonl, json, csv, parquet. Compressions: auto, none, gzip, zstd."},
		{SourceBookmark, "A bookmark cannot be read",
			"The bookmark that was kept for this pipeline is not one that this source wrote, or a newer headgate wrote it. Use the newer program, or load the stream anew with `headgate apply --replace ADDRESS`."},
		{FileChangedMidLoad, "A file changed while its load was interrupted",
			"A load under write = \"replace\" was stopped, and before it was taken up again a file that it had read already was changed or removed. Going on would mix two states of the data. Load the stream anew with `headgate apply --replace ADDRESS`."},
		{FileParquetNoReader, "Parquet cannot be read here",
			"Parquet files are read through DuckDB, and this build or test has none wired in. The headgate program always has."},
	}
}

func tapCodes() []Info {
	return []Info{
		{TapStart, "The tap cannot be started",
			"The command of a source \"singer\" was not found or may not be executed. Programs without a slash are looked up in PATH; a relative path begins at the project's folder, although the process itself runs in a folder of its own."},
		{TapFailed, "The tap ended with an error",
			"The tap's process ended with an exit code other than 0, or was killed. What it sent up to its last STATE is kept, rows behind it are not; the next run starts from that STATE. The last lines that it wrote to stderr are in the detail; all of them are in the log under the source's address."},
		{TapLineTooLong, "A line of the tap is too long",
			"A Singer message is one line. This one is longer than max_line_bytes (default 64 MiB), which protects headgate's memory. If such records are meant, raise the limit: max_line_bytes = 134217728."},
		{TapMessageSkipped, "A message of the tap was skipped",
			"The tap sends a type of message that headgate does not act on. It is skipped, and this warning is given once for each type."},
		{TapBatch, "The tap sent a BATCH message",
			"BATCH messages (records in files beside the stream) are not built yet. Skipping one would lose its records, so the run stops. Most taps have a setting that turns them off (batch_config)."},
		{TapCatalog, "The tap's catalog cannot be had",
			"headgate runs the tap with --discover to learn its streams, and what it printed is not a Singer catalog. A tap that has no discovery mode works with catalog = \"none\" and schema = \"messages\" or \"contract\"."},
		{TapStreamMissing, "The tap does not have a stream",
			"A pipeline asks for a stream that the tap's catalog does not list (an error), or that it never spoke of in a session (a warning). Stream names are those of the tap: `headgate source discover` lists them."},
		{TapFileChanged, "A file of the tap's command has changed since it was planned",
			"The plan and the applied state hold the hash of each local file that a command names, so that what runs is what was reviewed. The file on disk is another one now: run `headgate plan` and `apply` to take it over."},
		{TapConfig, "The tap's config cannot be made",
			"A secret or sensitive variable that the command, the config or the environment refers to has no value now. Set it, and run again."},
		{TapStateSplit, "One stream of the tap cannot start anew by itself",
			"A tap's STATE speaks for all its streams. This one has no member \"bookmarks\" with the stream's own part in it, so headgate cannot take one stream back to its beginning and leave the others. Replace all streams of the pipeline together."},
		{TapSchema, "A SCHEMA message cannot be used",
			"The schema of a SCHEMA message is not a JSON Schema of an object, or its key_properties are not a list of names. The Singer specification asks for {\"type\": \"SCHEMA\", \"stream\": ..., \"schema\": {\"properties\": {...}}, \"key_properties\": [...]}."},
		{TapSelect, "The patterns of select have no effect",
			"select is carried out by the tap, through the catalog that headgate gives it. With catalog = \"none\" the tap never sees it. Set catalog = \"file\", or leave columns out with a map's drop."},
	}
}
