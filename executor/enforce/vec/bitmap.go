package vec

import (
	"math/bits"
	"unsafe"
)

// Bitmap holds one bit a row, least significant bit first, as Arrow does. Words
// are little-endian in memory, as on every machine that headgate's DuckDB runs
// on, so that the words are Arrow's bytes. Bits behind the last row are
// undefined.
type Bitmap []uint64

// Words returns how many words n bits take.
func Words(n int) int { return (n + 63) >> 6 }

// Get returns bit i.
func (b Bitmap) Get(i int) bool { return b[i>>6]>>(uint(i)&63)&1 != 0 }

// Set makes bit i one.
func (b Bitmap) Set(i int) { b[i>>6] |= 1 << (uint(i) & 63) }

// Clear makes bit i zero.
func (b Bitmap) Clear(i int) { b[i>>6] &^= 1 << (uint(i) & 63) }

// Put makes bit i what v says.
func (b Bitmap) Put(i int, v bool) {
	if v {
		b.Set(i)
	} else {
		b.Clear(i)
	}
}

// Sized returns a bitmap of room for n bits, b's own memory where it suffices.
// The bits are undefined.
func (b Bitmap) Sized(n int) Bitmap {
	w := Words(n)
	if cap(b) < w {
		return make(Bitmap, w, w+w/2)
	}
	return b[:w]
}

// Fill sets every bit of the words to v.
func (b Bitmap) Fill(v bool) {
	var w uint64
	if v {
		w = ^uint64(0)
	}
	for i := range b {
		b[i] = w
	}
}

// Push makes bit i what v says, growing the bitmap by one word where bit i is
// the first behind its end. Bits must be pushed in order.
func (b Bitmap) Push(i int, v bool) Bitmap {
	if i>>6 >= len(b) {
		b = append(b, 0)
	}
	b.Put(i, v)
	return b
}

// Append appends bits [from, from+m) of src to the n of b, word by word.
func (b Bitmap) Append(n int, src Bitmap, from, m int) Bitmap {
	b = b[:Words(n)]
	for m > 0 {
		k := min(m, 64)
		w := src[from>>6] >> (uint(from) & 63)
		if low := 64 - from&63; low < k {
			w |= src[from>>6+1] << uint(low)
		}
		b = b.put(n, w, k)
		n, from, m = n+k, from+k, m-k
	}
	return b
}

// AppendOnes appends m ones to the n bits of b.
func (b Bitmap) AppendOnes(n, m int) Bitmap {
	b = b[:Words(n)]
	for m > 0 {
		k := min(m, 64)
		b = b.put(n, ^uint64(0), k)
		n, m = n+k, m-k
	}
	return b
}

// put appends the low k bits of w, at most 64, to the n of b, which has Words(n)
// words.
func (b Bitmap) put(n int, w uint64, k int) Bitmap {
	at := uint(n) & 63
	if at == 0 {
		return append(b, w)
	}
	last := len(b) - 1
	b[last] = b[last]&(1<<at-1) | w<<at
	if int(at)+k > 64 {
		b = append(b, w>>(64-at))
	}
	return b
}

// Tail returns the mask of the valid bits of word w in a bitmap of n bits.
func Tail(w, n int) uint64 {
	if rest := n - w<<6; rest < 64 {
		return 1<<uint(rest) - 1
	}
	return ^uint64(0)
}

// Count returns how many of the first n bits are one.
func (b Bitmap) Count(n int) int {
	total := 0
	for w := range Words(n) {
		total += bits.OnesCount64(b[w] & Tail(w, n))
	}
	return total
}

// Any reports whether one of the first n bits is one.
func (b Bitmap) Any(n int) bool {
	for w := range Words(n) {
		if b[w]&Tail(w, n) != 0 {
			return true
		}
	}
	return false
}

// Each calls f with the index of every one bit among the first n, in order.
func (b Bitmap) Each(n int, f func(i int)) {
	for w := range Words(n) {
		for x := b[w] & Tail(w, n); x != 0; x &= x - 1 {
			f(w<<6 + bits.TrailingZeros64(x))
		}
	}
}

// Indices appends the indices of the one bits among the first n to dst.
func (b Bitmap) Indices(n int, dst []int32) []int32 {
	for w := range Words(n) {
		for x := b[w] & Tail(w, n); x != 0; x &= x - 1 {
			dst = append(dst, int32(w<<6+bits.TrailingZeros64(x)))
		}
	}
	return dst
}

// bytes returns the first (n+7)/8 bytes of the bitmap's own memory.
func (b Bitmap) bytes(n int) []byte {
	if n == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&b[0])), len(b)*8)[:(n+7)/8]
}
