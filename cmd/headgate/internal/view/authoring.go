package view

import "github.com/headgate-data/headgate/compiler/contract"

// Inferred is what `contract infer` prints.
type Inferred struct {
	FormatVersion string             `json:"format_version"`
	Records       int64              `json:"records"` // that were looked at
	Refused       int64              `json:"refused"` // that no contract takes
	Contract      *contract.Contract `json:"contract"`
	Text          string             `json:"text"` // the contract as HCL
}

// NewInferred makes the view of an inferred contract.
func NewInferred(c *contract.Contract, text []byte, records, refused int64) Inferred {
	return Inferred{FormatVersion: FormatVersion, Records: records, Refused: refused, Contract: c, Text: string(text)}
}
