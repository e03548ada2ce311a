package diag

// The codes of test blocks.
const (
	TestRule    Code = "HG3700" // violates names no rule of the contract
	TestRow     Code = "HG3701" // row or rows is no record
	TestEmpty   Code = "HG3702" // a test without a case
	TestNoMatch Code = "HG3703" // --run takes no test
)

func testCodes() []Info {
	return []Info{
		{TestRule, "The contract has no such rule", `A name in violates is none of the contract's rules. A rule of a column is the column's name and the rule's: total.min, total.max, name.min_length, name.max_length, name.pattern, name.enum, name.format, name.unique, total.type, and total.required where the column is required. A check over the row has its own name, a check in a column the column's name in front. The rules of the record are json, key where the contract has one, and unknown_column where unknown_columns is "fail" or "quarantine".

    reject {
      row      = { id = 1, total = -1 }
      violates = ["total.min"]
    }

In an accept block only checks of severity "warning" can be named, because a record that breaks another rule is not accepted.`},
		{TestRow, "This is no record to test with", `A case has row, which is an object or the raw text of a record, or rows, a list of such. Values are written as the source sends them; the contract's own coercion applies.

    accept {
      row = { id = 1, total = "12.50", placed_at = "2024-05-06T07:08:09Z" }
    }
    reject {
      row      = "{\"id\": 1e400}"
      violates = ["id.type"]
    }
    reject {
      rows     = [{ id = 1 }, { id = 1 }]
      violates = ["key"]
    }`},
		{TestEmpty, "The test holds no case", "A test says nothing unless it holds at least one accept or reject block."},
		{TestNoMatch, "No test has such a name", "The pattern of --run is a regular expression that is looked for in the names of the project's tests, and none of them holds it. Without --run all tests are run."},
	}
}
