package sqlcheck

import "github.com/headgate-data/headgate/compiler/types"

// nulls says when a function's result can be null.
type nulls uint8

const (
	strict     nulls = iota // when an argument is
	aggregate               // when an argument is, or when there is no row to aggregate
	never                   // not at all
	anyNotNull              // only when every argument is
)

// function is what is known of one of DuckDB's functions. Functions that are not
// in the table can give null, and their type is not known.
type function struct {
	nulls    nulls
	result   types.Type // Invalid where it depends on more than is followed here
	sameType bool       // the result has the type of the first argument
}

// functions is the table of what is known.
var functions = map[string]function{
	"sum": {nulls: aggregate}, "avg": {nulls: aggregate, result: floatType}, "mean": {nulls: aggregate, result: floatType},
	"min": {nulls: aggregate, sameType: true}, "max": {nulls: aggregate, sameType: true},
	"first": {nulls: aggregate, sameType: true}, "last": {nulls: aggregate, sameType: true}, "any_value": {nulls: aggregate, sameType: true},
	"median": {nulls: aggregate}, "bool_and": {nulls: aggregate, result: boolType}, "bool_or": {nulls: aggregate, result: boolType},
	"string_agg": {nulls: aggregate, result: stringType}, "list": {nulls: aggregate}, "array_agg": {nulls: aggregate},

	"lower": {result: stringType}, "upper": {result: stringType}, "trim": {result: stringType}, "ltrim": {result: stringType},
	"rtrim": {result: stringType}, "replace": {result: stringType}, "substr": {result: stringType}, "substring": {result: stringType},
	"left": {result: stringType}, "right": {result: stringType}, "reverse": {result: stringType}, "lpad": {result: stringType},
	"rpad": {result: stringType}, "md5": {result: stringType}, "sha256": {result: stringType}, "regexp_replace": {result: stringType},
	"strftime": {result: stringType}, "||": {result: stringType}, "dayname": {result: stringType}, "monthname": {result: stringType},
	"length": {result: int64Type}, "strlen": {result: int64Type}, "instr": {result: int64Type},
	"concat": {nulls: never, result: stringType}, "concat_ws": {result: stringType},
	"contains": {result: boolType}, "starts_with": {result: boolType}, "regexp_matches": {result: boolType},
	"~~": {result: boolType}, "!~~": {result: boolType}, "~~*": {result: boolType}, "!~~*": {result: boolType},
	"abs": {sameType: true}, "round": {}, "floor": {}, "ceil": {}, "ceiling": {}, "sign": {}, "trunc": {},
	"greatest": {nulls: anyNotNull, sameType: true}, "least": {nulls: anyNotNull, sameType: true}, "ifnull": {nulls: anyNotNull, sameType: true},
	"year": {result: int64Type}, "quarter": {result: int64Type}, "month": {result: int64Type}, "week": {result: int64Type},
	"day": {result: int64Type}, "hour": {result: int64Type}, "minute": {result: int64Type}, "second": {result: int64Type},
	"dayofweek": {result: int64Type}, "isodow": {result: int64Type}, "dayofyear": {result: int64Type}, "date_part": {result: int64Type},
	"date_diff": {result: int64Type}, "datediff": {result: int64Type}, "date_trunc": {}, "last_day": {result: types.Of(types.Date)},
	"make_date": {result: types.Of(types.Date)}, "hash": {nulls: never}, "list_value": {nulls: never}, "struct_pack": {nulls: never}, "row": {nulls: never},
	"now": {nulls: never, result: types.Of(types.TimestampTZ)}, "current_timestamp": {nulls: never, result: types.Of(types.TimestampTZ)},
	"get_current_timestamp": {nulls: never, result: types.Of(types.TimestampTZ)}, "current_date": {nulls: never, result: types.Of(types.Date)}, "today": {nulls: never, result: types.Of(types.Date)},
	"random": {nulls: never, result: floatType}, "uuid": {nulls: never, result: types.Of(types.UUID)}, "gen_random_uuid": {nulls: never, result: types.Of(types.UUID)},
}
