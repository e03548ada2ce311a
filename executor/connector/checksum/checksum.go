// Package checksum computes the order-independent checksum that proves that the
// rows which were accepted are the rows which arrived in staging. A row's hash
// combines the hashes of its values, in the order of the columns; the checksum
// adds the rows' hashes up, so that the order of rows does not matter.
//
// Whoever reads rows back by other means than Arrow (a destination from its own
// vectors) builds the same hashes from the primitives:
//
//	bool                              Bool
//	int32, int64, date, time          Int (days; microseconds of the day)
//	timestamp, timestamptz            Int (microseconds since 1970)
//	float64                           Float
//	decimal                           Int128 of the unscaled value
//	string, json, bytes               Bytes
//	uuid                              Bytes of its 16 bytes, in the order of the text
//	null, of whatever type            Null
//	list                              Combine(Int(length), each element in order)
//	struct                            Combine(Int(number of fields), each field in order)
//	map                               Combine(Int(length), key, value of each entry in order)
//
// A row starts from Seed and takes its columns in, from the last to the first: a
// value with Combine, a null with Skip. Nulls behind the last value of a row leave
// Seed as it is: a column that is added at the end while a run is under way does not
// change the hashes of the rows before it. Inside a list, struct or map a null is
// combined as Null.
//
// What it detects: Combine maps the 2^64 values of a column to as many hashes, so that
// a changed number, date, time or truth always changes the row's hash; a changed text
// or several changes in a row are missed with a probability of about 2^-63. A row that
// is lost or doubled shows in Rows; rows exchanged for others are missed where both
// sums agree by accident. None of this withstands somebody who wants to deceive it:
// it guards against faults.
package checksum

import (
	"encoding/binary"
	"math"
	"math/bits"

	"github.com/zeebo/xxh3"

	"github.com/headgate-data/headgate/executor/connector"
)

// Seed is the hash of a row without columns.
const Seed uint64 = 0x2545F4914F6CDD1D

const (
	combineFactor uint64 = 0x9E3779B97F4A7C15
	mixFactor     uint64 = 0xC2B2AE3D27D4EB4F
	nullHash      uint64 = 0x8EBC6AF09C88C6E3
	trueHash      uint64 = 0x589965CC75374CC3
	falseHash     uint64 = 0x1D8E4E27C47D124F
	textFactor    uint64 = 0xD6E8FEB86659FD93
	emptyHash     uint64 = 0xA0761D6478BD642F
	canonicalNaN  uint64 = 0x7FF8000000000000
)

// Version is that of the hashes: checksums of another one must not be compared.
const Version = 2

// Combine takes the value hash v into the running hash h. It does not commute.
func Combine(h, v uint64) uint64 {
	x := (bits.RotateLeft64(h, 23) ^ v) * combineFactor
	return x ^ x>>32
}

// Skip takes a null column into the running hash of a row. Seed stays Seed.
func Skip(h uint64) uint64 {
	if h == Seed {
		return Seed
	}
	return Combine(h, nullHash)
}

// Bytes hashes text or bytes: 16 bytes at a time, two factors of a product of 128
// bits whose halves are taken together; of a long text xxh3 is faster.
func Bytes(b []byte) uint64 {
	n := len(b)
	switch {
	case n > 16:
		if n > longText {
			return xxh3.Hash(b)
		}
		return stretch(b)
	case n >= 8:
		return fold(word(b)^textFactor, word(b[n-8:])^combineFactor^uint64(n))
	case n >= 4:
		return fold((uint64(half(b))|uint64(half(b[n-4:]))<<32)^textFactor, combineFactor^uint64(n))
	case n > 0:
		return fold((uint64(b[0])|uint64(b[n>>1])<<8|uint64(b[n-1])<<16)^textFactor, combineFactor^uint64(n))
	default:
		return emptyHash
	}
}

// longText is from how many bytes on xxh3, which has vector instructions, is faster.
const longText = 256

// stretch hashes a text of more than 16 bytes. The last 16 are taken in once more,
// with what stands before them or not.
func stretch(b []byte) uint64 {
	end := b[len(b)-16:]
	x, y := combineFactor^uint64(len(b)), mixFactor
	for len(b) > 32 {
		x = fold(word(b)^textFactor, word(b[8:])^x)
		y = fold(word(b[16:])^trueHash, word(b[24:])^y)
		b = b[32:]
	}
	if len(b) > 16 {
		x = fold(word(b)^textFactor, word(b[8:])^x)
	}
	return fold(word(end)^falseHash^y, word(end[8:])^x)
}

func fold(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}

func word(b []byte) uint64 { return binary.LittleEndian.Uint64(b) }
func half(b []byte) uint32 { return binary.LittleEndian.Uint32(b) }

// Int hashes an integer, a date in days, a time or timestamp in microseconds.
func Int(v int64) uint64 { return uint64(v) }

// Float hashes a float64: -0 as 0, every NaN alike.
func Float(v float64) uint64 {
	switch {
	case v == 0:
		return Int(0)
	case v != v:
		return Int(int64(canonicalNaN))
	default:
		return Int(int64(math.Float64bits(v)))
	}
}

// Int128 hashes a 128-bit two's complement integer, a decimal's unscaled value.
func Int128(hi int64, lo uint64) uint64 { return Combine(lo, uint64(hi)) }

// Bool hashes a bool.
func Bool(v bool) uint64 {
	if v {
		return trueHash
	}
	return falseHash
}

// Null is the hash of a null of whatever type.
func Null() uint64 { return nullHash }

// Add takes a row's finished hash into c.
func Add(c *connector.Checksum, row uint64) {
	c.Rows++
	c.Sum += row
	c.Mix += Mix(row)
}

// Mix is what a row with the finished hash adds to a checksum's Mix.
func Mix(row uint64) uint64 { return (row ^ row>>31) * mixFactor }

// Merge adds the rows of o to c.
func Merge(c *connector.Checksum, o connector.Checksum) {
	c.Rows += o.Rows
	c.Sum += o.Sum
	c.Mix += o.Mix
}
