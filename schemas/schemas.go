// Package schemas holds the JSON Schemas (draft 2020-12) of what headgate writes
// for machines to read: plans, reports, events, diagnostics.
package schemas

import "embed"

// Files holds every schema, under its name: plan.schema.json.
//
//go:embed *.schema.json
var Files embed.FS
