package scan

// object scans the members of an object whose brace stands before p.
func object(b []byte, p, depth int) (int, Fault) {
	if depth > MaxDepth {
		return p - 1, TooDeep
	}
	p = Space(b, p)
	if p < len(b) && b[p] == '}' {
		return p + 1, OK
	}
	for {
		_, _, value, f := Name(b, p)
		if f != OK {
			return value, f
		}
		if value, _, f = Value(b, value, depth); f != OK {
			return value, f
		}
		var more bool
		if p, more, f = Next(b, value, '}'); f != OK || !more {
			return p, f
		}
	}
}

// array scans the elements of an array whose bracket stands before p.
func array(b []byte, p, depth int) (int, Fault) {
	if depth > MaxDepth {
		return p - 1, TooDeep
	}
	p = Space(b, p)
	if p < len(b) && b[p] == ']' {
		return p + 1, OK
	}
	for {
		end, _, f := Value(b, p, depth)
		if f != OK {
			return end, f
		}
		var more bool
		if p, more, f = Next(b, end, ']'); f != OK || !more {
			return p, f
		}
	}
}

// Name scans a member's name at p and the colon behind it. The name with its
// quotes is b[p:end]; value is where the member's value starts, or, with a
// fault, the place of the fault.
func Name(b []byte, p int) (end int, k Kind, value int, f Fault) {
	if p >= len(b) {
		return p, None, len(b), Truncated
	}
	if b[p] != '"' {
		return p, None, p, Unexpected
	}
	end, k, f = Text(b, p+1)
	if f != OK {
		return end, k, end, f
	}
	value, f = Colon(b, end)
	return end, k, value, f
}

// Colon scans the colon behind a name and the white space around it.
func Colon(b []byte, p int) (int, Fault) {
	p = Space(b, p)
	if p >= len(b) {
		return len(b), Truncated
	}
	if b[p] != ':' {
		return p, Unexpected
	}
	return Space(b, p+1), OK
}

// Next scans what stands behind a member or element: a comma, after which it
// returns where the next one starts and true, or the closing byte, after which
// it returns the position behind it and false.
func Next(b []byte, p int, closing byte) (int, bool, Fault) {
	p = Space(b, p)
	if p >= len(b) {
		return len(b), false, Truncated
	}
	switch b[p] {
	case ',':
		return Space(b, p+1), true, OK
	case closing:
		return p + 1, false, OK
	default:
		return p, false, Unexpected
	}
}
