package plan

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
)

const (
	maxBytes = 1 << 30 // of a plan's JSON
	maxDepth = 500     // of nesting in it
)

// Encode writes the plan as one line of JSON and sets Digest, which is computed
// over everything else.
func Encode(w io.Writer, p *Plan) error {
	p.FormatVersion = FormatVersion
	digest, err := ComputeDigest(p)
	if err != nil {
		return err
	}
	p.Digest = digest
	b, err := marshal(p)
	if err != nil {
		return diag.Bug("plan.Encode", "%v", err)
	}
	_, err = w.Write(append(b, '\n'))
	return err
}

// ComputeDigest returns the SHA-256, in hex, over the plan's canonical JSON
// without its digest: members sorted by name, no white space, numbers as written.
func ComputeDigest(p *Plan) (string, error) {
	bare := *p
	bare.Digest = ""
	b, err := marshal(&bare)
	if err != nil {
		return "", diag.Bug("plan.ComputeDigest", "%v", err)
	}
	return digestOf(b)
}

// digestOf computes the digest over a plan's JSON, whose member "digest" is left
// out.
func digestOf(b []byte) (string, error) {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	var tree map[string]any
	if err := dec.Decode(&tree); err != nil {
		return "", err
	}
	delete(tree, "digest")
	canonical, err := marshal(tree)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(canonical)
	return hex.EncodeToString(sum[:]), nil
}

// Decode reads a plan that Encode wrote. It refuses, with a diagnostic, anything
// else: text that is not JSON or is more than one value, a newer format, a shape
// that no plan has, and a plan whose digest does not fit its content.
func Decode(r io.Reader) (*Plan, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxBytes+1))
	if err != nil {
		return nil, unreadable("It could not be read: %v.", err)
	}
	if len(b) > maxBytes {
		return nil, unreadable("It is larger than 1 GiB, which no plan is.")
	}
	if err := scan(b); err != nil {
		return nil, unreadable("%v.", err)
	}
	if err := checkVersion(b); err != nil {
		return nil, err
	}
	var p Plan
	if err := strict(b, &p); err != nil {
		return nil, unreadable("%v.", err)
	}
	if err := checkDigest(b, p.Digest); err != nil {
		return nil, err
	}
	if err := checkShape(&p); err != nil {
		return nil, unreadable("%v.", err)
	}
	return &p, nil
}

func unreadable(format string, args ...any) *diag.Diagnostic {
	return diag.New(diag.PlanUnreadable, format+" Make the plan anew: headgate plan --out FILE.", args...)
}

// scan checks that b is exactly one JSON value in valid UTF-8, without repeated
// member names and not nested deeper than maxDepth.
func scan(b []byte) error {
	dec := jsontext.NewDecoder(bytes.NewReader(b))
	for {
		_, err := dec.ReadToken()
		if errors.Is(err, io.EOF) {
			return errors.New("the file ends before the plan does")
		}
		if err != nil {
			return err
		}
		if dec.StackDepth() > maxDepth {
			return fmt.Errorf("it is nested deeper than %d levels", maxDepth)
		}
		if dec.StackDepth() == 0 {
			break
		}
	}
	if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
		return errors.New("something stands behind the plan")
	}
	return nil
}

// checkVersion refuses what a newer headgate wrote.
func checkVersion(b []byte) error {
	var head struct {
		FormatVersion string `json:"format_version"`
		ToolVersion   string `json:"tool_version"`
	}
	if err := json.Unmarshal(b, &head); err != nil {
		return unreadable("%v.", err)
	}
	major, minor, ok := versionOf(head.FormatVersion)
	if !ok {
		return unreadable("It has no format_version of the form MAJOR.MINOR.")
	}
	ownMajor, ownMinor, _ := versionOf(FormatVersion)
	if major > ownMajor || (major == ownMajor && minor > ownMinor) {
		return diag.New(diag.PlanNewer,
			"The plan has format %s and was made by headgate %s; this headgate reads formats up to %s. Use that version, or make the plan anew with this one.",
			head.FormatVersion, head.ToolVersion, FormatVersion)
	}
	return nil
}

func versionOf(s string) (major, minor int, ok bool) {
	a, b, found := strings.Cut(s, ".")
	major, err1 := strconv.Atoi(a)
	minor, err2 := strconv.Atoi(b)
	return major, minor, found && err1 == nil && err2 == nil && major > 0 && minor >= 0
}

func checkDigest(b []byte, claimed string) error {
	digest, err := digestOf(b)
	if err != nil {
		return unreadable("%v.", err)
	}
	if digest != claimed {
		return diag.New(diag.PlanAltered,
			"The file says that its digest is %.64q, its content has %s. A plan is applied as it was made or not at all: make it anew with headgate plan --out FILE.", claimed, digest)
	}
	return nil
}

// checkShape checks what the executor relies on: a program, steps that are
// there, ids that are unique, needs that stand before what needs them, and
// verdicts that somebody knows.
func checkShape(p *Plan) error {
	if p.Program == nil {
		return errors.New("the plan has no program")
	}
	for i, n := range p.Program.Nodes {
		if n == nil {
			return fmt.Errorf("node %d of its program is null", i)
		}
		if i > 0 && addr.Compare(p.Program.Nodes[i-1].Address, n.Address) >= 0 {
			return fmt.Errorf("the nodes of its program are not sorted at %s", n.Address)
		}
	}
	for _, v := range p.Policies {
		switch v.Outcome {
		case program.PolicyPassed, program.PolicyWarned, program.PolicyDenied:
		default:
			return fmt.Errorf("the policy %q has the unknown outcome %q", v.Policy, v.Outcome)
		}
	}
	seen := map[string]bool{}
	for i, s := range p.Steps {
		switch {
		case s == nil || s.Do == nil || s.ID == "":
			return fmt.Errorf("step %d is incomplete", i)
		case seen[s.ID]:
			return fmt.Errorf("two steps have the id %q", s.ID)
		}
		for _, need := range s.Needs {
			if !seen[need] {
				return fmt.Errorf("step %q needs %q, which does not stand before it", s.ID, need)
			}
		}
		seen[s.ID] = true
	}
	return nil
}
