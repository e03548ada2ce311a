package duck

import (
	bind "github.com/duckdb/duckdb-go-bindings"
)

// Kind is how a vector stores its values.
type Kind uint8

// The kinds of vectors. Other stands for those that headgate never reads; a
// query casts them to text first.
const (
	Other Kind = iota
	Bool
	Int8
	Int16
	Int32
	Int64
	Uint8
	Uint16
	Uint32
	Uint64
	Float32
	Float64
	Int128 // low word first
	Uint128
	Text
	Blob
	Date        // days, 32 bits
	Time        // microseconds
	Timestamp   // microseconds
	TimestampTZ // microseconds
	TimestampS
	TimestampMS
	TimestampNS
	UUID // as Int128 with the top bit flipped
	Decimal
	List   // entries of offset and length
	Map    // a list of structs of key and value
	Struct // no values of its own
	Enum
	Null // every value is null
)

// Type describes a vector.
type Type struct {
	Kind    Kind
	Storage Kind // of a decimal (Int16, Int32, Int64, Int128) or enum (Uint8, Uint16, Uint32); else Kind
	Width   int  // of a decimal: its digits
	Scale   int
	JSON    bool // a text that holds JSON
	Elem    *Type
	Names   []string // of a struct's or enum's members
	Members []Type   // of a struct
}

var kinds = map[bind.Type]Kind{
	bind.TypeBoolean: Bool, bind.TypeTinyInt: Int8, bind.TypeSmallInt: Int16, bind.TypeInteger: Int32,
	bind.TypeBigInt: Int64, bind.TypeUTinyInt: Uint8, bind.TypeUSmallInt: Uint16, bind.TypeUInteger: Uint32,
	bind.TypeUBigInt: Uint64, bind.TypeFloat: Float32, bind.TypeDouble: Float64, bind.TypeHugeInt: Int128,
	bind.TypeUHugeInt: Uint128, bind.TypeVarchar: Text, bind.TypeBlob: Blob, bind.TypeDate: Date,
	bind.TypeTime: Time, bind.TypeTimestamp: Timestamp, bind.TypeTimestampTZ: TimestampTZ,
	bind.TypeTimestampS: TimestampS, bind.TypeTimestampMS: TimestampMS, bind.TypeTimestampNS: TimestampNS,
	bind.TypeUUID: UUID, bind.TypeDecimal: Decimal, bind.TypeList: List, bind.TypeMap: Map,
	bind.TypeStruct: Struct, bind.TypeEnum: Enum, bind.TypeSQLNull: Null,
}

// maxDepth bounds how deep types may nest.
const maxDepth = 64

// typeOf reads a logical type, which it does not destroy.
func typeOf(lt bind.LogicalType, depth int) Type {
	t := Type{Kind: kinds[bind.GetTypeId(lt)]}
	t.Storage = t.Kind
	if depth > maxDepth {
		return Type{}
	}
	switch t.Kind {
	case Text:
		t.JSON = bind.LogicalTypeGetAlias(lt) == "JSON"
	case Decimal:
		t.Width, t.Scale = int(bind.DecimalWidth(lt)), int(bind.DecimalScale(lt))
		t.Storage = kinds[bind.DecimalInternalType(lt)]
	case Enum:
		t.Storage = kinds[bind.EnumInternalType(lt)]
		for i := range bind.EnumDictionarySize(lt) {
			t.Names = append(t.Names, bind.EnumDictionaryValue(lt, bind.IdxT(i)))
		}
	case List:
		elem := childType(bind.ListTypeChildType(lt), depth)
		t.Elem = &elem
	case Map:
		entry := Type{Kind: Struct, Storage: Struct, Names: []string{"key", "value"}}
		entry.Members = []Type{
			childType(bind.MapTypeKeyType(lt), depth),
			childType(bind.MapTypeValueType(lt), depth),
		}
		t.Elem = &entry
	case Struct:
		for i := range bind.StructTypeChildCount(lt) {
			t.Names = append(t.Names, bind.StructTypeChildName(lt, i))
			t.Members = append(t.Members, childType(bind.StructTypeChildType(lt, i), depth))
		}
	}
	return t
}

// childType reads a child's type and frees it.
func childType(lt bind.LogicalType, depth int) Type {
	defer bind.DestroyLogicalType(&lt)
	return typeOf(lt, depth+1)
}
