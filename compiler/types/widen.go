package types

// digits of the integer types, as decimals that hold them.
var intDigits = map[Kind]int{Int32: 10, Int64: 19}

// Widens reports whether every value of from is a value of to without loss:
// int32 to int64, an integer to a decimal that holds it, decimal(10, 2) to
// decimal(12, 2), date to timestamp, int32 to float64, and the same inside
// lists, maps and structs. A type widens to itself.
func Widens(from, to Type) bool {
	switch {
	case from.Equal(to):
		return true
	case from.IsInteger() && to.Kind == Int64:
		return true
	case from.Kind == Int32 && to.Kind == Float64:
		return true
	case from.IsInteger() && to.Kind == Decimal:
		return to.Precision-to.Scale >= intDigits[from.Kind]
	case from.Kind == Decimal && to.Kind == Decimal:
		return to.Scale >= from.Scale && to.Precision-to.Scale >= from.Precision-from.Scale
	case from.Kind == Date && to.Kind == Timestamp:
		return true
	case from.Kind == to.Kind && (from.Kind == List || from.Kind == Map):
		return Widens(*from.Elem, *to.Elem)
	case from.Kind == Struct && to.Kind == Struct:
		return structWidens(from, to)
	default:
		return false
	}
}

func structWidens(from, to Type) bool {
	if len(from.Fields) != len(to.Fields) {
		return false
	}
	for i, f := range from.Fields {
		if f.Name != to.Fields[i].Name || !Widens(f.Type, to.Fields[i].Type) {
			return false
		}
	}
	return true
}
