package diag

// The codes of applying a plan.
const (
	StepPanicked      Code = "HG6101"
	NoConnector       Code = "HG6102"
	RunLost           Code = "HG6103"
	OverTolerance     Code = "HG6104"
	NothingAccepted   Code = "HG6105"
	AuditFailed       Code = "HG6106"
	ChecksumMismatch  Code = "HG6107"
	StepInterrupted   Code = "HG6108"
	StreamSchemaDiff  Code = "HG6109"
	UnmanagedReaders  Code = "HG6110"
	SecretMissing     Code = "HG6111"
	SourceFailed      Code = "HG6112"
	DestinationFailed Code = "HG6113"
	StateFailed       Code = "HG6114"
	CountsOff         Code = "HG6115"
	SourceShared      Code = "HG6116"
)

func executorCodes() []Info {
	return []Info{
		{StepPanicked, "A step ended in a fault of headgate", "headgate itself failed while it carried out the step. Nothing of the step was published. Please report it with the message; applying again is safe."},
		{NoConnector, "This build of headgate has no connector of that type", "The plan names a type of source or destination that the running program does not know. Use the version that made the plan, or a newer one."},
		{RunLost, "The lease on the work was lost", "Another process took over, or this one was paused for longer than its lease. It wrote nothing after that. Apply again; the work goes on from the last checkpoint."},
		{OverTolerance, "More records broke the contract than its tolerance allows", "Nothing was published. The report lists the rules and the first examples. Mend the source, or raise `tolerance` in the contract where the loss is acceptable. The staged rows stay in the destination until the next run, for a look."},
		{NothingAccepted, "No record that was read kept the contract", "Every record was refused, so publishing would only have hidden that. The contract or the map most likely does not fit the source: the first examples in the report say how."},
		{AuditFailed, "The table would have broken a promise of its contract", "A promise over the whole table (unique, key) does not hold for the table with the new rows merged in. The transaction was rolled back: readers see what they saw before."},
		{ChecksumMismatch, "What arrived in staging is not what was accepted", "The checksum over the staged rows differs from the one over the accepted records. Nothing was published. This points at a fault of the machine or of headgate; apply again, and report it if it comes back."},
		{StepInterrupted, "Stopped on request", "The run was stopped by a signal after a checkpoint. Nothing of it is published yet. Apply again: it goes on where it stopped."},
		{StreamSchemaDiff, "The source's schema is not what was expected", "The columns that the source announces differ from the contract, or from sources.lock.hcl. Records are still checked one by one. `headgate source discover` brings the lock up to date."},
		{UnmanagedReaders, "Something that headgate does not manage reads this table", "The table cannot be dropped or made anew without breaking it. Drop or move the relations listed first."},
		{SecretMissing, "A secret has no value", "The environment variable, or the file, that secret() names is not there. Set it where headgate runs; its value is read only at the moment of use and stored nowhere."},
		{SourceFailed, "The source could not be read", "The source ended with an error. What was staged up to its last checkpoint is kept, and the next run goes on from there."},
		{DestinationFailed, "The destination refused the work", "The destination ended a statement with an error. Its transaction was rolled back, and nothing of the step was published."},
		{StateFailed, "The state could not be written", "The work in the destination is done and safe, but the state store did not take the record of it. Mend the store and apply again: the destination's own bookmark prevents loading twice."},
		{CountsOff, "The counts of a run do not add up", "Records read must equal those accepted, quarantined, dropped and filtered. Nothing was published. This is a bug in headgate: please report it."},
		{SourceShared, "Two streams of a pipeline cannot share what they read", "Two streams may read one stream of the source (`from_stream`) as long as both start at the same place and have the same `write`. One of them was loaded before and the other was not: reading for one would double or miss rows of the other. Put the second stream into a pipeline of its own, from the same source, or load both anew with --replace."},
	}
}
