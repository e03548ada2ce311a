package plan

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// opKind names a kind of Op in a plan's JSON.
type opKind string

// The kinds of operations.
const (
	kindDefine        opKind = "define"
	kindForget        opKind = "forget"
	kindRetire        opKind = "retire"
	kindPrepareStream opKind = "prepare_stream"
	kindRunPipeline   opKind = "run_pipeline"
	kindBuildModel    opKind = "build_model"
	kindMove          opKind = "move"
	kindRelease       opKind = "release"
	kindAdopt         opKind = "adopt"
)

// kindOf returns the name of an operation, "" for one that is none of this package.
func kindOf(o Op) opKind {
	switch o.(type) {
	case *Define:
		return kindDefine
	case *Forget:
		return kindForget
	case *Retire:
		return kindRetire
	case *PrepareStream:
		return kindPrepareStream
	case *RunPipeline:
		return kindRunPipeline
	case *BuildModel:
		return kindBuildModel
	case *Move:
		return kindMove
	case *Release:
		return kindRelease
	case *Adopt:
		return kindAdopt
	default:
		return ""
	}
}

// newOp returns an empty operation of the kind, nil for an unknown kind.
func newOp(k opKind) Op {
	switch k {
	case kindDefine:
		return &Define{}
	case kindForget:
		return &Forget{}
	case kindRetire:
		return &Retire{}
	case kindPrepareStream:
		return &PrepareStream{}
	case kindRunPipeline:
		return &RunPipeline{}
	case kindBuildModel:
		return &BuildModel{}
	case kindMove:
		return &Move{}
	case kindRelease:
		return &Release{}
	case kindAdopt:
		return &Adopt{}
	default:
		return nil
	}
}

// OpKind is the name of a step's operation as the plan's JSON has it:
// "prepare_stream". It is "" for nil.
func OpKind(o Op) string { return string(kindOf(o)) }

// stepFields is a Step without its methods.
type stepFields Step

// MarshalJSON writes the step; its operation is an object with a member "kind".
func (s *Step) MarshalJSON() ([]byte, error) {
	kind := kindOf(s.Do)
	if kind == "" {
		return nil, fmt.Errorf("step %s has an operation of the unknown type %T", s.ID, s.Do)
	}
	op, err := marshal(s.Do)
	if err != nil {
		return nil, err
	}
	head := []byte(`{"kind":"` + string(kind) + `"`)
	if !bytes.Equal(op, []byte("{}")) {
		head = append(head, ',')
	}
	return marshal(struct {
		*stepFields
		Do json.RawMessage `json:"do"`
	}{(*stepFields)(s), append(head, op[1:]...)})
}

// UnmarshalJSON reads what MarshalJSON wrote. Members that the step or its
// operation does not have are an error.
func (s *Step) UnmarshalJSON(b []byte) error {
	var raw struct {
		*stepFields
		Do json.RawMessage `json:"do"`
	}
	raw.stepFields = (*stepFields)(s)
	if err := strict(b, &raw); err != nil {
		return err
	}
	var tag struct {
		Kind opKind `json:"kind"`
	}
	if err := json.Unmarshal(raw.Do, &tag); err != nil {
		return fmt.Errorf("step %q: %w", s.ID, err)
	}
	op := newOp(tag.Kind)
	if op == nil {
		return fmt.Errorf("step %q: there is no operation of the kind %q", s.ID, tag.Kind)
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw.Do, &members); err != nil {
		return fmt.Errorf("step %q: %w", s.ID, err)
	}
	delete(members, "kind")
	rest, err := marshal(members)
	if err != nil {
		return err
	}
	if err := strict(rest, op); err != nil {
		return fmt.Errorf("step %q: %w", s.ID, err)
	}
	s.Do = op
	return nil
}

// marshal writes JSON without HTML escapes and without a line end.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}

// strict reads one JSON value into v and refuses members that v does not have.
func strict(b []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	return dec.Decode(v)
}
