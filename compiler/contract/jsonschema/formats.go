package jsonschema

import (
	engine "github.com/santhosh-tekuri/jsonschema/v5"
)

// formats tells the engine what a format is worth. It asserts formats in the
// drafts up to 7 by itself; without AssertFormat each of them takes everything.
func (c *compilation) formats(e *engine.Compiler) {
	if c.opts.AssertFormat {
		return
	}
	for name := range engine.Formats {
		e.Formats[name] = func(any) bool { return true }
	}
}

// known reports whether a format is one that can be broken.
func known(format string) bool {
	_, ok := engine.Formats[format]
	return ok
}
