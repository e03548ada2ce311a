package program

import "github.com/headgate-data/headgate/lang/diag"

// What a policy does to a plan that does not meet it.
const (
	EnforceDeny = "deny"
	EnforceWarn = "warn"
)

// What became of a policy.
const (
	PolicyPassed = "passed"
	PolicyWarned = "warned"
	PolicyDenied = "denied"
)

// Verdict is what a policy says of one plan.
type Verdict struct {
	Policy  string     `json:"policy"`            // its name
	Enforce string     `json:"enforce"`           // deny or warn
	Outcome string     `json:"outcome"`           // passed, warned or denied
	Message string     `json:"message,omitempty"` // the policy's own, where it did not pass
	Fault   string     `json:"fault,omitempty"`   // why its condition or message could not be worked out
	Range   diag.Range `json:"range"`             // of the policy block's header
}
