// Package parallel does many small things on every core.
package parallel

import (
	"runtime"
	"sync"
)

// Each calls do with every number below n and returns when all are done. The calls
// must not depend on each other; a caller that keeps what the i-th found in the
// i-th place gets the same result in whatever order they are made.
func Each(n int, do func(i int)) {
	workers := min(runtime.GOMAXPROCS(0), n)
	if workers < 2 {
		for i := range n {
			do(i)
		}
		return
	}
	var group sync.WaitGroup
	for w := range workers {
		group.Go(func() {
			for i := w; i < n; i += workers {
				do(i)
			}
		})
	}
	group.Wait()
}
