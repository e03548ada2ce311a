//go:build !linux

package duck

// fewArenas has no meaning here.
func fewArenas() {}

// Trim has no meaning here: the system's allocator is not glibc's.
func Trim() {}
