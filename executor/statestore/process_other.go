//go:build !unix

package statestore

// alive reports whether a process of that id may exist. Nobody asks this system:
// leases run out by time.
func alive(int) bool { return true }

// startOf returns "": this system is not asked.
func startOf(int) string { return "" }

// isReadOnly reports whether a write failed because the file system is read-only.
func isReadOnly(error) bool { return false }
