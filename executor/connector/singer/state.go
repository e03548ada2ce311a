package singer

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/headgate-data/headgate/lang/diag"
)

// bookmark is what a tap's bookmark holds. State is null where the tap has sent none.
type bookmark struct {
	State json.RawMessage `json:"singer_state"`
}

func encodeBookmark(state json.RawMessage) (json.RawMessage, error) {
	return json.Marshal(bookmark{state})
}

// parseBookmark returns the STATE in a bookmark, nil where there is none.
func parseBookmark(raw json.RawMessage) (json.RawMessage, error) {
	if isNull(raw) {
		return nil, nil
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		return nil, err
	}
	state, ok := members["singer_state"]
	if !ok {
		return nil, fmt.Errorf("it has no member singer_state")
	}
	if isNull(state) {
		return nil, nil
	}
	return state, nil
}

func isNull(raw json.RawMessage) bool {
	t := bytes.TrimSpace(raw)
	return len(t) == 0 || bytes.Equal(t, []byte("null"))
}

// arguments works out the catalog and the state that the tap starts with.
func (r *session) arguments(ctx context.Context) (files []argFile, more []string, err error) {
	if err := r.startState(); err != nil {
		return nil, nil, err
	}
	src := r.spec.Source
	if src.Catalog == asFile || src.Schema == fromDiscovery {
		cat, err := r.catalog(ctx)
		if err != nil {
			return nil, nil, err
		}
		if src.Schema == fromDiscovery {
			if err := r.tellCatalog(cat); err != nil {
				return nil, nil, err
			}
		}
		if src.Catalog == asFile {
			text, err := r.selection(cat)
			if err != nil {
				return nil, nil, err
			}
			files = append(files, argFile{"--catalog", text})
		}
	}
	if src.Catalog == asNone && len(src.Select) > 0 {
		r.h.Diagnose(r.warn(diag.TapSelect, "select = [%s] needs catalog = \"file\"", strings.Join(src.Select, ", ")))
	}
	switch {
	case r.state == nil:
	case src.State == asFile:
		files = append(files, argFile{"--state", r.state})
	case src.State == asInline:
		more = append(more, "--state", string(r.state))
	}
	return files, more, nil
}

// startState takes the STATE that the tap starts from: the bookmark's, without
// the parts of streams that start anew, else the source's initial_state.
func (r *session) startState() error {
	state, err := parseBookmark(r.req.Bookmark)
	if err != nil {
		return r.fault(diag.SourceBookmark, "the bookmark of %s cannot be used: %s", r.spec.Address, err)
	}
	var anew []string
	for _, st := range r.order {
		if st.req.Fresh {
			anew = append(anew, st.req.Stream)
		}
	}
	switch {
	case len(anew) == len(r.order) && len(anew) > 0:
		state = nil
	case len(anew) > 0 && state != nil:
		if state, err = without(state, anew); err != nil {
			return r.fault(diag.TapStateSplit, "%s cannot start anew without the pipeline's other streams: %s", strings.Join(anew, ", "), err)
		}
	}
	if state == nil && r.spec.Source.InitialState != "" {
		state = json.RawMessage(r.spec.Source.InitialState)
	}
	r.state = state
	return nil
}

// without takes the streams' parts out of a STATE's member bookmarks.
func without(state json.RawMessage, streams []string) (json.RawMessage, error) {
	var members, marks map[string]json.RawMessage
	if err := json.Unmarshal(state, &members); err != nil {
		return nil, fmt.Errorf("the STATE is not an object")
	}
	if err := json.Unmarshal(members["bookmarks"], &marks); err != nil || marks == nil {
		return nil, fmt.Errorf("the STATE has no object \"bookmarks\"")
	}
	for _, name := range streams {
		delete(marks, name)
	}
	text, err := json.Marshal(marks)
	if err != nil {
		return nil, err
	}
	members["bookmarks"] = text
	return json.Marshal(members)
}
