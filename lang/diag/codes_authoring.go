package diag

// The codes of writing contracts: contract infer, update and bump.
const (
	NothingToInfer Code = "HG3550" // no record, or no column
	NotEditable    Code = "HG3551" // the text of a contract cannot be changed in place
	FileThere      Code = "HG3552" // the file to be written exists
	NotMended      Code = "HG3553" // data breaks a promise that only a person can change (a warning)
	RecordsLeftOut Code = "HG3554" // records that no contract takes (a warning)
	MemberLeftOut  Code = "HG3555" // a member that cannot be a column (a warning)
	BadDifference  Code = "HG3556" // bump was asked for a change that cannot be made
)

func authoringCodes() []Info {
	return []Info{
		{NothingToInfer, "There is nothing to infer a contract from", `The data holds no record that a contract could take: it is empty, or every piece of it is broken. The detail names the first fault. Look at the file, and at its format: a name's ending says how it is read, and --input FORMAT says it where the name does not.`},
		{NotEditable, "The contract cannot be changed in place", "headgate contract update and headgate contract bump change the text of a contract where it stands, and keep everything else in the file as it is. They can do so in *.gate.hcl files only, and only where the block can be found by its labels. Make the change by hand, or write the contract in HCL."},
		{FileThere, "A file would be overwritten", "headgate contract infer -o FILE writes a new file and never replaces one, because somebody may have worked on it. Name another file, remove the old one, or change the contract that is there with `headgate contract update`."},
		{NotMended, "The data breaks a promise that only a person can change", `headgate contract update widens types, limits and enums. A check, a key or a name that is reserved says something about what the records mean, so it stays as it is, and so do the records that break it:

    headgate contract check data/*.jsonl --contract contract.orders   # which records, and why`},
		{RecordsLeftOut, "Some records are none that a contract could take", "A record is a JSON object in which no member stands twice. What is none is quarantined by every contract, under the rule json, so it was left out of the sample. The detail names the first one."},
		{MemberLeftOut, "A member of the records cannot be a column", `Names of columns must differ in more than case, because a database takes Id and ID for one name; they must not be empty, and not begin with _headgate. Give the member another name in the stream's map:

    map {
      column "id_2" {
        value = row.ID
      }
    }`},
		{BadDifference, "The next version cannot be written like that", "headgate contract bump writes a version that extends the latest one. A column that it is to remove must be there, one that it is to add must not, and a contract to take the difference from must be another one. The detail says what stood in the way."},
	}
}
