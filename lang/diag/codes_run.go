package diag

// The codes of enforcement.
const (
	RecordBroke   Code = "HG6001" // a record breaks its contract and on_violation is fail
	BatchTooLarge Code = "HG6002" // a batch is larger than offsets can tell apart
	NoEnforcer    Code = "HG6003" // a contract or map cannot be turned into an enforcer
)

func runCodes() []Info {
	return []Info{
		{RecordBroke, "A record breaks its contract, and the contract says to fail", `The stream's contract has on_violation = "fail" or unknown_columns = "fail", and a record breaks it. Nothing of the run is published, the bookmark stays where it was, and the exit code is 3. The detail names the record's place, the rule, and the value.

Mend the record where it comes from and run again; or let the contract put such records aside:

    on_violation = "quarantine"     # kept with their reasons; the run goes on
    tolerance    = "1%"             # ... as long as there are not more than so many`},
		{BatchTooLarge, "A batch of records is too large to be worked on", `Records are worked on in batches whose text must stay below 2 GiB. Sources hand over far smaller ones by themselves; a batch this large comes from a setting, or from single records of hundreds of megabytes.

    pipeline "orders" {
      batch { rows = 10000 }
    }`},
		{NoEnforcer, "A contract cannot be enforced as it was compiled", `The executor could not make sense of a limit, default, check or map of the compiled contract: a value that is not of its column's type, a pattern that does not compile, a reference to a column that is not there. The compiler finds such mistakes; where it did not, the plan was made by another version of headgate, or was altered. Plan again; if that does not help, please report it.`},
	}
}
