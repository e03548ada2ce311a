package diag

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
