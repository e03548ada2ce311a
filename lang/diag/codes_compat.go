package diag

// The codes of contracts that change.
const (
	VersionBreaks   Code = "HG3601"
	PublishedBreaks Code = "HG3602"
	AgainstUnread   Code = "HG3603"
	VersionGone     Code = "HG3604"
)

func compatCodes() []Info {
	return []Info{
		{VersionBreaks, "A version of a contract breaks the promise of compatibility",
			"The contract says compatibility = \"backward\", \"forward\" or \"full\", so each version must keep what the one before it promised to those who write (backward) or read (forward); with _transitive, what every earlier one promised. The message names the rule, the column and a record that shows the break. Take the change back or soften it, or let the contract say compatibility = \"auto\" again, under which a new version may break what an old one promised: that is what versions are for."},
		{PublishedBreaks, "A published version of a contract would change so that it breaks somebody",
			"A version that was applied is a promise to those who use it: under auto, a contract used by a stream protects the writers of its records, one used by a model the readers of its table. Leave the published version as it is and put the change into a new one (`headgate contract bump` writes it), so that each user moves when it is ready. compatibility = \"none\" lets the change through; the plan shows it all the same."},
		{AgainstUnread, "What the contracts are to be compared with cannot be read",
			"contract check --against takes a git revision of the project (main, v1.2, HEAD~3), a folder that holds another copy of it, or a file. A revision needs git and a repository around the project; nothing is checked out. Where a revision and a folder have one name, ./NAME is the folder."},
		{VersionGone, "A published version of a contract is gone although something uses it",
			"The version stands in what the contracts are compared with, something there used it, and it is no longer in the project. Keep the version until its last user has moved, with deprecated_after to tell them."},
	}
}
