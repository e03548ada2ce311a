package view

import (
	"io"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view/draw"
	"github.com/headgate-data/headgate/compiler/contract"
)

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

// Edited is what `contract update` and `contract bump` print.
type Edited struct {
	FormatVersion string           `json:"format_version"`
	Address       string           `json:"address"` // of the version that is changed or written
	File          string           `json:"file"`
	Changed       bool             `json:"changed"` // whether the file's text changes
	Written       bool             `json:"written"`
	Changes       []ContractChange `json:"changes"`
}

// ContractChange is one difference; see package contractedit.
type ContractChange struct {
	Column string `json:"column,omitempty"`
	What   string `json:"what"`
	From   string `json:"from,omitempty"`
	To     string `json:"to,omitempty"`
}

// WriteEdited draws the difference between two texts of a file, and sums it up.
func WriteEdited(w io.Writer, v Edited, before, after string, style Style) error {
	p := newPainter(w, style)
	switch {
	case !v.Changed:
		p.Line("%s takes all of it: nothing changes.", v.Address)
		return p.Err
	case p.Err == nil:
		p.Err = WriteTextDiff(w, v.File, before, after, style)
	}
	did := "written"
	if !v.Written {
		did = "not written"
	}
	p.Line("%s: %s, %s.", v.Address, draw.Plural(int64(len(v.Changes)), "change"), did)
	return p.Err
}
