package file

import (
	"io"
	"sync/atomic"

	"github.com/headgate-data/headgate/executor/connector"
)

// pool keeps the blocks and batches of one read for use again, so that reading
// allocates nothing for a record and touches few fresh pages.
type pool struct {
	size    int // of a block
	blocks  chan *block
	batches chan *connector.Records
}

func newPool(size int) *pool {
	return &pool{size: size, blocks: make(chan *block, 8), batches: make(chan *connector.Records, 16)}
}

// block is a stretch of text that records point into. It goes back to its pool
// when the window and every batch have let go of it.
type block struct {
	data []byte
	refs atomic.Int32
	pool *pool
}

// block returns a block of at least n bytes, held once.
func (p *pool) block(n int) *block {
	if n <= p.size {
		select {
		case b := <-p.blocks:
			b.refs.Store(1)
			return b
		default:
			n = p.size
		}
	}
	b := &block{data: make([]byte, n), pool: p}
	b.refs.Store(1)
	return b
}

func (b *block) hold() { b.refs.Add(1) }

func (b *block) drop() {
	if b.refs.Add(-1) == 0 && len(b.data) == b.pool.size {
		select {
		case b.pool.blocks <- b:
		default:
		}
	}
}

// records returns an empty batch.
func (p *pool) records() *connector.Records {
	select {
	case r := <-p.batches:
		*r = connector.Records{Data: r.Data[:0], Start: r.Start[:0], End: r.End[:0], Line: r.Line[:0]}
		return r
	default:
		return &connector.Records{}
	}
}

// giveBack takes a batch back. Its Data must be its own or nil.
func (p *pool) giveBack(r *connector.Records) {
	select {
	case p.batches <- r:
	default:
	}
}

// window shows the part of a stream of bytes that was read and not used up yet.
type window struct {
	src      io.Reader
	pool     *pool
	blk      *block
	from, to int
	eof      bool
	err      error // met after the text that is shown
}

func newWindow(src io.Reader, p *pool) *window {
	return &window{src: src, pool: p, blk: p.block(p.size)}
}

// text is what was read and not used up; it stays valid while the block is held.
func (w *window) text() []byte { return w.blk.data[w.from:w.to] }

// use marks n bytes as used up.
func (w *window) use(n int) { w.from += n }

// more reads on until a block is full, the source ends or fails. Text that is
// left moves to the front of a block, a larger one where it fills half of it. A
// failure is returned once everything before it was used up as far as possible.
func (w *window) more() error {
	if w.err != nil {
		return w.err
	}
	rest := w.text()
	if size := max(w.pool.size, 2*len(rest)); w.from > 0 || size > len(w.blk.data) {
		next := w.pool.block(size)
		copy(next.data, rest)
		w.blk.drop()
		w.blk, w.from, w.to = next, 0, len(rest)
	}
	for before := w.to; w.to < len(w.blk.data); {
		n, err := w.src.Read(w.blk.data[w.to:])
		w.to += n
		switch {
		case err == io.EOF:
			w.eof = true
			return nil
		case err != nil && w.to > before:
			w.err = err
			return nil
		case err != nil:
			return err
		}
	}
	return nil
}

func (w *window) close() { w.blk.drop() }
