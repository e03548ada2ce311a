package program

import (
	"cmp"
	"slices"

	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
)

// Move says that what had the address From has the address To now. With columns,
// which both or neither have, it is a column that has another name: From and To
// are then the contract or stream that it belongs to, and name the same kind of
// thing.
type Move struct {
	From       addr.Address `json:"from"`
	FromColumn string       `json:"from_column,omitempty"`
	To         addr.Address `json:"to"`
	ToColumn   string       `json:"to_column,omitempty"`
	Range      diag.Range   `json:"range"`
}

// Removal says what becomes of an address that the configuration has no more.
type Removal struct {
	From     addr.Address `json:"from"`
	KeepData bool         `json:"keep_data"` // its tables stay published, without an owner
	Range    diag.Range   `json:"range"`
}

// Import takes a table that stands in a stream's destination over into the stream.
type Import struct {
	To        addr.Address `json:"to"`
	Schema    string       `json:"schema"` // of the table, as it stands: no suffix is put behind it
	Table     string       `json:"table"`
	LoadAgain bool         `json:"load_again,omitempty"` // a stream that appends may add what is there already
	Range     diag.Range   `json:"range"`
}

// Covers reports whether given, as a moved or removed block names it, means a: the
// address itself, and every stream, version and element of one that is given
// without.
func Covers(given, a addr.Address) bool {
	return given.Kind == a.Kind && given.Name == a.Name && (!given.HasKey || a.HasKey && given.Key == a.Key) &&
		(given.Stream == "" || given.Stream == a.Stream) && (given.Version == 0 || given.Version == a.Version)
}

// Covers reports whether the move takes a to another address. A move between a
// block and an element of one speaks of the block without for_each.
func (m Move) Covers(a addr.Address) bool {
	if m.FromColumn != "" || !Covers(m.From, a) {
		return false
	}
	return m.From.HasKey || !m.To.HasKey || !a.HasKey
}

// Apply is the address that a, which the move covers, has afterwards.
func (m Move) Apply(a addr.Address) addr.Address {
	a.Name = m.To.Name
	if m.From.HasKey || m.To.HasKey {
		a.Key, a.HasKey = m.To.Key, m.To.HasKey
	}
	if m.From.Stream != "" {
		a.Stream = m.To.Stream
	}
	if m.From.Version > 0 {
		a.Version = m.To.Version
	}
	return a
}

// Follow is the address that a has after all moves, one after the other: those of a
// stream, a version or an element before those of a whole block. Moves that go in a
// circle end somewhere on it.
func Follow(moves []Move, a addr.Address) addr.Address {
	for range moves {
		at := slices.IndexFunc(moves, func(m Move) bool { return m.Covers(a) })
		if at < 0 {
			break
		}
		a = moves[at].Apply(a)
	}
	return a
}

// SortMoves puts moves in the order in which Follow takes them.
func SortMoves(moves []Move) {
	exact := func(a addr.Address) int {
		n := 0
		for _, has := range []bool{a.Stream != "", a.Version > 0, a.HasKey} {
			if has {
				n++
			}
		}
		return n
	}
	slices.SortFunc(moves, func(x, y Move) int {
		return cmp.Or(exact(y.From)-exact(x.From), addr.Compare(x.From, y.From), cmp.Compare(x.FromColumn, y.FromColumn), addr.Compare(x.To, y.To))
	})
}
