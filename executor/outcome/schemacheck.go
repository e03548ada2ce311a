package outcome

// SchemaCheck is what `contract check --schema` found. Read = Valid + Invalid
// always holds.
type SchemaCheck struct {
	Schema       string       `json:"schema"` // its file, as it was named
	Draft        string       `json:"draft"`  // 4, 6, 7, 2019-09 or 2020-12
	AssertFormat bool         `json:"assert_format"`
	Verdict      Verdict      `json:"verdict"` // holds or broken
	Inputs       []CheckInput `json:"inputs"`  // records are documents here

	Read    int64 `json:"read"`
	Valid   int64 `json:"valid"`
	Invalid int64 `json:"invalid"`

	Rules []RuleReport `json:"rules"` // a keyword each, by its place in the schema; "json" is text that is no document

	Bytes              int64   `json:"bytes"` // decompressed
	Seconds            float64 `json:"seconds"`
	DocumentsPerSecond float64 `json:"documents_per_second"`
}
