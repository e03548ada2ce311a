// Package planner compares a Program with a Snapshot and says what to do. It is
// pure and deterministic: no clock, no files, no network.
package planner

import "github.com/headgate-data/headgate/lang/addr"

// Options steer a plan.
type Options struct {
	ToolVersion string
	Targets     []addr.Address // only these and what they need; none: everything
	Excludes    []addr.Address
	Replace     []addr.Address // load or build these anew
	RunsOnly    bool           // headgate run: move data, change no definition
	Run         []addr.Address // with RunsOnly: these; none: everything
	Now         string         // RFC 3339, UTC; stands in the plan where a date is needed
}
