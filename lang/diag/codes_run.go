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

// The codes of plans.
const (
	PlanUnreadable  Code = "HG5001"
	PlanNewer       Code = "HG5002"
	PlanAltered     Code = "HG5003"
	PlanStale       Code = "HG5004"
	PlanForeign     Code = "HG5005"
	PlanOfRevisions Code = "HG5006"
	BaseUnread      Code = "HG5007"
	PreventDestroy  Code = "HG5010"
	UnknownTarget   Code = "HG5011"
	NothingToReload Code = "HG5012"
	PlanCycle       Code = "HG5013"
	NeverApplied    Code = "HG5014"
	OverBudget      Code = "HG5021"
	StateIncomplete Code = "HG5015"
	StandsAlready   Code = "HG5101" // a name to be published stands in the destination already
	NameLost        Code = "HG5102" // a published name is not headgate's any more
	ReadersInTheWay Code = "HG5103" // relations that headgate does not manage read what would go away
)

func planCodes() []Info {
	return []Info{
		{PlanUnreadable, "The file is not a plan", "A saved plan is one JSON document that `headgate plan --out FILE` wrote. This one is cut off, is something else, or was edited into a shape that no plan has. Make the plan anew."},
		{PlanNewer, "The plan was made by a newer headgate", "Newer versions read what older ones wrote, not the other way round. Apply the plan with the version that made it, or make it anew with this one."},
		{PlanAltered, "The plan file was altered", "A saved plan carries a digest over all of its content, and the content is no longer what the digest was made from: the file was edited or damaged. What is applied must be what was reviewed, so it is refused. Make the plan anew:\n\n  headgate plan --out plan.json"},
		{PlanStale, "The state has moved since the plan was made", "Somebody applied definitions after this plan was made, so what it would do may no longer be right. The message names what was applied since. Make a new plan and review it. Scheduled runs (`headgate run`) do not make a plan stale: they move data, not definitions."},
		{PlanForeign, "The plan was made from another state", "A plan can be applied to the project, environment and state store that it was made from, and to no other. Give the same --env and -C as for `plan`, or make a new plan."},
		{PlanOfRevisions, "The plan compares two revisions and cannot be applied", "`headgate plan --base REF` compares the project with another revision of itself, for a reviewer: it looks at no state, so it cannot know what is applied where. Make a plan from the state to apply it:\n\n  headgate plan --out plan.json"},
		{BaseUnread, "What the plan is to be compared with cannot be read", "--base takes a git revision of the repository that the project is in (a branch, a tag, a commit) or a folder. In a shallow clone the revision may be missing: fetch it first,\n\n  git fetch --depth=1 origin main && headgate plan --base FETCH_HEAD\n\nA revision that does not compile as a whole is compared as far as it does."},
		{PreventDestroy, "A table is protected against destruction", "The plan would take a table out of use whose block says `lifecycle { prevent_destroy = true }`. Undo the change that asks for it, or take the line out (apply that first, where the block itself is to go):\n\n  lifecycle {\n    prevent_destroy = true\n  }"},
		{UnknownTarget, "Nothing has this address", "An address given to --target, --exclude, --replace or `run` names nothing in the configuration or the state. `headgate state list` and `headgate graph` list the addresses. An address without version or stream stands for all of them: model.sales, pipeline.orders."},
		{NothingToReload, "This address holds no data that can be made anew", "--replace takes streams (pipeline.p.stream.s), pipelines (all their streams) and models. Sources, destinations and contracts hold no rows."},
		{PlanCycle, "Steps of the plan wait for each other", "Two tables exchange their names, or a name moves in a circle, within one plan. Give one of them another name first, apply, and then the final one."},
		{NeverApplied, "This address was never applied", "`headgate run` moves data for what was last applied, whatever the files say now. Apply the configuration first:\n\n  headgate apply"},
		{OverBudget, "A run is expected to go beyond its budget", "A `budget` block limits what a run of a pipeline may be expected to read or to take. The expectation is the median of the last 20 successful runs, scaled by the bytes of the files that wait where the source is files; it is an error where that is above the limit, and a warning where only the ninth of ten past runs would be. Raise the limit, read less, or leave the pipeline out with --exclude. `headgate run`, which schedulers call, asks no budget."},
		{StateIncomplete, "An address depends on something that was never applied", "An apply was cut short or limited by --target, so that the state knows the address but not all that it needs. `headgate run` leaves it out. Apply again to complete it."},
		{StandsAlready, "A name to be published is taken in the destination", "The plan would publish a stream or model under a name under which something stands already: a table or view that headgate did not make, or one that belongs to another address, environment or project. headgate never takes the place of what it did not make. Publish under another name or schema:\n\n  stream \"orders\" {\n    table = \"raw.orders_loaded\"\n  }\n\nOr rename or drop what stands there."},
		{NameLost, "A published name is not headgate's any more", "The state says that a stream or model publishes a name, but in the destination it is somebody else's: a table was put in the place of the view, or the record of it in headgate_meta was taken out or changed. headgate does not guess which of them is right. The message says what stands there and what to do about it."},
		{ReadersInTheWay, "Something that headgate does not manage reads what would go away", "A name goes away with this plan, and views that headgate does not manage read it: they would fail from then on. Drop them, or move them to what takes its place, and plan again. What headgate does manage is made anew by itself."},
	}
}

// The codes of the state store.
const (
	StateCorrupt    Code = "HG8001"
	StateFull       Code = "HG8002"
	StateReadOnly   Code = "HG8003"
	StateBusy       Code = "HG8004"
	StateNewer      Code = "HG8005"
	LeaseHeld       Code = "HG8010"
	LeaseGone       Code = "HG8011"
	StateConflict   Code = "HG8012"
	StateUnreadable Code = "HG8013"
)

func stateCodes() []Info {
	return []Info{
		{StateCorrupt, "The state database is damaged", "SQLite cannot read the file, so its content cannot be trusted. Put the last backup back in its place. Without one, move the file away and apply again: no row and no bookmark is lost, because those are in the destination; applied definitions and history are."},
		{StateFull, "There is no room to write the state", "The disk, or a quota, is full. Nothing half-written stays behind. Make room and run the command again."},
		{StateReadOnly, "The state cannot be written here", "The state's folder or file is read-only, or belongs to someone else. The folder (.headgate unless the headgate block says otherwise) must be writable by whoever applies, because SQLite also keeps its journal there."},
		{StateBusy, "The state database is locked by another process", "Another process kept the database locked for longer than headgate waits. This ends by itself when that process goes on; look for a database browser that holds a transaction open."},
		{StateNewer, "The state was written by a newer headgate", "A newer version changed the layout of the state database, and this one would misread it. Use that version or a newer one."},
		{LeaseHeld, "Somebody else is working on this", "A lease guards the definitions of an environment and each pipeline and model, so that two processes cannot change the same thing. The message names the holder. Wait for it, or raise --lock-timeout. A holder that has died frees its lease by itself: at once on the same machine, else within half a minute."},
		{LeaseGone, "The lease on the work was taken over", "This process was paused for longer than its lease lasts, and another one took over. It wrote nothing since. Run the command again."},
		{StateConflict, "The address was taken out of the state meanwhile", "A run wanted to record data for an address that an apply has removed while it ran. Plan again to see what is there now."},
		{StateUnreadable, "The state database cannot be opened", "The file is there and cannot be opened or read. The message says why."},
	}
}

// The codes of looking at data before it is loaded: what a contract would refuse of
// the rows that stand in a table, and of records that a source holds.
const (
	ImpactNoTable  Code = "HG5121"
	ImpactOpen     Code = "HG5122"
	SampleOpen     Code = "HG5123"
	SampleFindings Code = "HG5124"
)

func impactCodes() []Info {
	return []Info{
		{ImpactNoTable, "The table is not there to be looked at", "The plan wanted to count which of a table's rows a changed contract would refuse, and there is no such table, or no database yet. Where the state says that it was applied, something else removed it."},
		{ImpactOpen, "The rows that stand there could not be counted", "The plan could not look into the destination, most often because another process has it open. The plan is right without the figures, and says that they are missing. Plan again when the destination is free, or give --lock-timeout; --refresh=false plans without looking."},
		{SampleOpen, "A stream could not be sampled", "plan --sample reads records from the source and loads nothing. This source could not be opened or read: the message says why. The plan itself is not touched by it."},
		{SampleFindings, "Records that wait break their contract beyond its tolerance", "plan --sample read records from the source and held them to the contract as a run would. Were all records like these, the run would fail or publish nothing. The samples in the plan list the rules and the first examples; the command exits with 3."},
	}
}

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
	TableMovedOn      Code = "HG6171" // the table is not as the plan saw it
	TableDrifted      Code = "HG6172" // the table is not what was applied
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
		{TableMovedOn, "The table is not what the plan was made from", "A step that changes a table in place carries the columns that it expects, and looks at them once more before it writes. They are others now: somebody changed the table between plan and apply. Nothing was changed. Make a new plan, which shows what differs, and review it."},
		{TableDrifted, "The table is not what was applied", "A run loads into the table as it was last applied, and somebody has dropped it, or dropped or converted a column. Nothing was loaded. `headgate plan` shows what differs and what mends it, and `headgate apply` does so."},
		{SourceShared, "Two streams of a pipeline cannot share what they read", "Two streams may read one stream of the source (`from_stream`) as long as both start at the same place and have the same `write`. One of them was loaded before and the other was not: reading for one would double or miss rows of the other. Put the second stream into a pipeline of its own, from the same source, or load both anew with --replace."},
	}
}

// The codes of policies over a plan, and of reviews.
const (
	PolicyDenies Code = "HG5301"
	PolicyWarns  Code = "HG5302"
	PolicyBroken Code = "HG5303"
	PlanDenied   Code = "HG5304"
	ReviewNeeded Code = "HG5305"
)

func policyPlanCodes() []Info {
	return []Info{
		{PolicyDenies, "A policy denies the plan", `A policy block of the project has enforce = "deny", and its condition is not true for this plan. The detail is the policy's message. The plan is shown, and saved where --out asks for it, but it cannot be applied; the exit code is 3.

Change the project so that the plan meets the policy. Where the policy is what should change, change it in a commit of its own.`},
		{PolicyWarns, "A policy warns of the plan", `A policy block with enforce = "warn" has a condition that is not true for this plan. The plan can be applied; in an environment with review = "warning", apply --auto-approve refuses it.`},
		{PolicyBroken, "A policy could not be decided", `The policy's condition failed for this plan, or gave null. What cannot be decided counts as not met: a policy with enforce = "deny" denies the plan. Members that an action does not have are null; guard them:

    condition = alltrue([for a in plan.actions : a.compatibility == null ? true : a.compatibility.word != "major"])`},
		{PlanDenied, "The saved plan was denied by a policy", "Policies are decided when a plan is made, and the verdicts stand in the saved plan. A plan that was denied is not applied. Mend what the policy names and make the plan anew:\n\n    headgate plan --out plan.json"},
		{ReviewNeeded, "The plan needs a review", `The environment's review says which plans apply --auto-approve takes: with "error" all but broken ones, with "warning" none that destroys, replaces, or breaks somebody, with "always" none that changes a definition. Save the plan, have it reviewed, and apply the file:

    headgate plan --out plan.json
    headgate show plan.json
    headgate apply plan.json`},
	}
}
