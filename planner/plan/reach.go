package plan

import (
	"github.com/headgate-data/headgate/compiler/contract/compat"
	"github.com/headgate-data/headgate/lang/addr"
)

// Reach is a stream or model version, as it stands applied, that the change of a
// step comes to. Those nearest to the change stand first.
type Reach struct {
	Address addr.Address   `json:"address"`
	Reads   []Read         `json:"reads,omitempty"`   // what it has of the change, by what it reads directly
	Columns []string       `json:"columns,omitempty"` // its own columns whose values come from what changed
	Rows    bool           `json:"rows,omitempty"`    // which rows it has depends on what changed
	Opaque  []string       `json:"opaque,omitempty"`  // why more may be reached than can be told
	Verdict compat.Verdict `json:"verdict"`           // whether it can go on reading what it read
	Why     []string       `json:"why,omitempty"`     // what it loses, a sentence each
	Then    Fate           `json:"then"`
}

// Read is what is read of one table, or held of one contract. No columns: only
// which rows it has. "*": any of them, as far as can be told.
type Read struct {
	Of      addr.Address `json:"of"`
	Columns []string     `json:"columns,omitempty"`
}

// Fate is what a plan does with something that is reached.
type Fate string

// The fates.
const (
	FateDestroyed Fate = "destroyed"
	FateReplaced  Fate = "replaced"  // loaded or built anew by its own step
	FateUpdated   Fate = "updated"   // its definition or table changes in place
	FateRun       Fate = "run"       // moved or built by this plan
	FatePolled    Fate = "polled"    // moved or built if something new comes
	FateShown     Fate = "shown"     // a view: it shows the change at once
	FateUntouched Fate = "untouched" // it stays as it is until it runs
	FateExcluded  Fate = "excluded"  // left out by --target or --exclude
)

// ReachLimit is how many places of Step.Downstream one step lists.
const ReachLimit = 1000
