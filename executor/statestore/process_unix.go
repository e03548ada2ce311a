//go:build unix

package statestore

import (
	"errors"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// alive reports whether a process of that id may exist.
func alive(pid int) bool {
	return pid > 0 && !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
}

// startOf returns when a process began, in the kernel's own count; "" where the
// system does not tell. A process that has ended and was not waited for yet has
// no start.
func startOf(pid int) string {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return ""
	}
	text := string(b)
	// The name in parentheses may hold anything; the fields stand behind it.
	fields := strings.Fields(text[strings.LastIndexByte(text, ')')+1:])
	const state, start = 0, 19
	if len(fields) <= start {
		return ""
	}
	if fields[state] == "Z" {
		return "ended"
	}
	return fields[start]
}

// isReadOnly reports whether a write failed because the file system is read-only.
func isReadOnly(err error) bool { return errors.Is(err, syscall.EROFS) }
