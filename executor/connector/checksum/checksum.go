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
// A row starts from Seed and takes its columns in with Combine, from the last to
// the first. Nulls behind the last value of a row leave Seed as it is: a column
// that is added at the end while a run is under way does not change the hashes
// of the rows before it.
package checksum

import (
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
	canonicalNaN  uint64 = 0x7FF8000000000000
)

// Combine takes the value hash v into the running hash h. It does not commute.
// Seed with a null stays Seed.
func Combine(h, v uint64) uint64 {
	if h == Seed && v == nullHash {
		return Seed
	}
	x := (bits.RotateLeft64(h, 23) ^ v) * combineFactor
	return x ^ x>>32
}

// Bytes hashes text or bytes.
func Bytes(b []byte) uint64 { return xxh3.Hash(b) }

// Int hashes an integer, a date in days, a time or timestamp in microseconds.
func Int(v int64) uint64 {
	x := uint64(v) * mixFactor
	return x ^ x>>29
}

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
func Int128(hi int64, lo uint64) uint64 { return Combine(Int(int64(lo)), Int(hi)) }

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
