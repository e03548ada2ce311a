package diag

import (
	"fmt"
	"sync"
)

// byCode holds every code's entry; it is made at the first look-up and never
// changes.
var byCode = sync.OnceValue(func() map[Code]Info {
	all := Codes()
	out := make(map[Code]Info, len(all))
	for _, info := range all {
		out[info.Code] = info
	}
	return out
})

// Lookup returns the entry of a code.
func Lookup(code Code) (Info, bool) {
	info, ok := byCode()[code]
	return info, ok
}

// New makes an error under the code's own summary, without a place. The format
// is the detail.
func New(code Code, format string, args ...any) *Diagnostic {
	return &Diagnostic{Code: code, Summary: byCode()[code].Summary, Detail: fmt.Sprintf(format, args...)}
}
