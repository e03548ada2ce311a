package rowexpr

import (
	"strconv"

	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/lang/diag"
)

func numberFunctions() []Function {
	x := Param{"x", aNumber, ""}
	same := "the arguments' common type"
	return []Function{
		{Name: "abs", Params: []Param{x}, Result: "the argument's type", Doc: "The absolute value. The lowest integer has none.", Fails: "the lowest integer", typ: sameType("abs")},
		{Name: "round", Params: []Param{x, {"digits", aWholeConst, "0 to 38"}}, Optional: 1, Result: "the argument's type; a decimal gets the scale digits", Doc: "Rounded half away from zero to digits behind the point (default 0).", typ: typeRound},
		{Name: "floor", Params: []Param{x}, Result: "the argument's type; a decimal gets scale 0", Doc: "The greatest whole number that is not above x.", typ: typeWhole("floor")},
		{Name: "ceil", Params: []Param{x}, Result: "the argument's type; a decimal gets scale 0", Doc: "The least whole number that is not below x.", typ: typeWhole("ceil")},
		{Name: "least", Params: []Param{{"x", anything, ""}}, Variadic: true, Result: same, Doc: "The least of the arguments that are not null.", Null: "all are null", typ: typeExtreme("least")},
		{Name: "greatest", Params: []Param{{"x", anything, ""}}, Variadic: true, Result: same, Doc: "The greatest of the arguments that are not null.", Null: "all are null", typ: typeExtreme("greatest")},
	}
}

func otherFunctions() []Function {
	typ := Param{"type", anything, "a column type: int64, decimal(12, 2), \"string\""}
	unit := Param{"unit", aUnit, "second, minute, hour, day, week (from Monday), month, quarter or year"}
	return []Function{
		{Name: "coalesce", Params: []Param{{"x", anything, ""}}, Variadic: true, Result: "the arguments' common type", Doc: "The first argument that is not null. Those behind it are not evaluated.", Null: "all are null", typ: typeCoalesce},
		{Name: "cast", Params: []Param{{"x", anything, ""}, typ}, Result: "the type", Doc: "x as the type, rounding half away from zero where digits are lost.", Null: "x is null, or JSON's null", Fails: "the value does not fit, the text is none of the type", Flight: "from json; to json in Postgres", typ: typeCast("cast")},
		{Name: "try_cast", Params: []Param{{"x", anything, ""}, typ}, Result: "the type", Doc: "cast, but null where that fails.", Null: "x is null, or JSON's null, or cast fails", Flight: "from json; to json in Postgres", typ: typeCast("try_cast")},
		{Name: "contains", Params: []Param{{"list", aList, "a list column, or [a, b, c]"}, {"x", anything, ""}}, Result: "bool", Doc: "Whether an element equals x. Null elements equal nothing.", Null: "the list or x is null", typ: typeContains},
		{Name: "date_trunc", Params: []Param{unit, {"x", aMoment, ""}}, Result: "the argument's type", Doc: "The beginning of the unit that x lies in; a timestamptz in UTC.", typ: typeTrunc},
		{Name: "date_diff", Params: []Param{unit, {"from", aMoment, ""}, {"to", aMoment, ""}}, Result: "int64", Doc: "How many beginnings of a unit lie behind from and not behind to; negative where to is earlier. 23:59 to 00:01 is one day.", typ: typeDiff},
		{Name: "parse_timestamp", Params: []Param{{"text", aText, ""}, {"format", aTextConst, "%Y %m %d %H %M %S %f %y %b %B %p %I %j %z %%"}}, Result: "timestamp; timestamptz where the format has %z", Doc: "text read by a strptime format, the whole of it, in the years 1 to 9999 (UTC).", Fails: "the text does not fit the format, there is no such time", Flight: "a number with digits right behind it (%m%d), %m beside %b; in DuckDB only where there is %y %f %p %I %j or %z too", typ: typeParse},
		{Name: "json_get", Params: []Param{{"json", aJSON, ""}, {"path", aTextConst, "a.b[0]"}}, Result: "json", Doc: "The member at the path. cast reads it as another type.", Null: "json is null, there is no such member, or it is JSON's null", Flight: "a quote or backslash in a name, in DuckDB", typ: typeJSONGet},
		{Name: "now_at_load", Result: "timestamptz", Doc: "When the run began: the same for every record of a run.", Null: "never", typ: gives("now_at_load", types.Of(types.TimestampTZ))},
	}
}

func sameType(name string) func([]*Expr, diag.Range) (*Expr, *diag.Diagnostic) {
	return func(args []*Expr, rng diag.Range) (*Expr, *diag.Diagnostic) {
		return call(name, args[0].Type, args, rng), nil
	}
}

func typeRound(args []*Expr, rng diag.Range) (*Expr, *diag.Diagnostic) {
	if len(args) == 1 {
		args = append(args, literal(int64Type, "0", rng))
	}
	digits, _ := strconv.Atoi(args[1].Lit.Text)
	if digits < 0 || digits > maxDigits {
		return nil, fault(diag.RowArgument, args[1].Range, "round takes 0 to %d digits.", maxDigits)
	}
	t := args[0].Type
	if t.Kind == types.Decimal && digits < t.Scale {
		t = types.DecimalOf(min(maxDigits, t.Precision-t.Scale+digits+1), digits)
	}
	return call("round", t, args, rng), nil
}

func typeWhole(name string) func([]*Expr, diag.Range) (*Expr, *diag.Diagnostic) {
	return func(args []*Expr, rng diag.Range) (*Expr, *diag.Diagnostic) {
		t := args[0].Type
		if t.Kind == types.Decimal && t.Scale > 0 {
			t = types.DecimalOf(t.Precision-t.Scale+1, 0)
		}
		return call(name, t, args, rng), nil
	}
}

func typeExtreme(name string) func([]*Expr, diag.Range) (*Expr, *diag.Diagnostic) {
	return func(args []*Expr, rng diag.Range) (*Expr, *diag.Diagnostic) {
		t, d := unify(rng, args...)
		if d != nil {
			return nil, d
		}
		if t.Kind == types.Any {
			t = anyNumber
			for _, a := range args {
				settle(a, t)
			}
		}
		if !t.Orderable() {
			return nil, fault(diag.RowArgument, rng, "%s takes values that have an order, and these are %s.", name, t)
		}
		e := call(name, t, args, rng)
		e.Nullable = allNullable(args)
		return e, nil
	}
}

func allNullable(args []*Expr) bool {
	for _, a := range args {
		if !a.Nullable {
			return false
		}
	}
	return true
}

func typeCoalesce(args []*Expr, rng diag.Range) (*Expr, *diag.Diagnostic) {
	t, d := unify(rng, args...)
	if d != nil {
		return nil, d
	}
	e := call("coalesce", t, args, rng)
	e.Nullable = allNullable(args)
	return e, nil
}

func typeContains(args []*Expr, rng diag.Range) (*Expr, *diag.Diagnostic) {
	list, x := args[0], args[1]
	if list.Op == OpCall && list.Func == listFunc {
		t, d := unify(rng, append([]*Expr{x}, list.Args...)...)
		if d != nil {
			return nil, d
		}
		if t.Kind == types.Any {
			t = stringType
			settle(x, t)
		}
		list.Type = types.ListOf(t)
		for _, a := range list.Args {
			settle(a, t)
		}
	} else {
		settle(x, *list.Type.Elem)
		if t, ok := commonType(*list.Type.Elem, smallest(x)); !x.constant() && (!ok || !t.Equal(*list.Type.Elem)) {
			return nil, mixed(rng, list, list.Type, x)
		}
		if d := convertInPlace(x, *list.Type.Elem); d != nil {
			return nil, d
		}
	}
	if k := x.Type.Kind; k == types.JSON || x.Type.IsNested() {
		return nil, fault(diag.RowArgument, x.Range, "contains compares values, and %s cannot be compared.", x.Type)
	}
	e := call("contains", boolType, args, rng)
	e.Nullable = list.Nullable || x.Nullable
	return e, nil
}

func typeTrunc(args []*Expr, rng diag.Range) (*Expr, *diag.Diagnostic) {
	return call("date_trunc", args[1].Type, args, rng), nil
}

func typeDiff(args []*Expr, rng diag.Range) (*Expr, *diag.Diagnostic) {
	if _, d := unify(rng, args[1], args[2]); d != nil {
		return nil, d
	}
	return call("date_diff", int64Type, args, rng), nil
}

func typeParse(args []*Expr, rng diag.Range) (*Expr, *diag.Diagnostic) {
	f, err := ParseTimeFormat(args[1].Lit.Text)
	if err != nil {
		return nil, fault(diag.RowArgument, args[1].Range, "%s.", err)
	}
	t := types.Of(types.Timestamp)
	if f.Zone {
		t = types.Of(types.TimestampTZ)
	}
	return call("parse_timestamp", t, args, rng), nil
}

func typeJSONGet(args []*Expr, rng diag.Range) (*Expr, *diag.Diagnostic) {
	if _, err := ParsePath(args[1].Lit.Text); err != nil {
		return nil, fault(diag.RowArgument, args[1].Range, "%s.", err)
	}
	e := call("json_get", types.Of(types.JSON), args, rng)
	e.Nullable = true
	return e, nil
}

func typeCast(name string) func([]*Expr, diag.Range) (*Expr, *diag.Diagnostic) {
	return func(args []*Expr, rng diag.Range) (*Expr, *diag.Diagnostic) {
		x, to := args[0], args[1]
		if !to.constant() || to.Type.Kind != types.String {
			return nil, fault(diag.RowArgument, to.Range, "The second argument of %s is a column type, such as int64 or decimal(12, 2).", name)
		}
		t, err := types.Parse(to.Lit.Text)
		if err != nil {
			return nil, fault(diag.RowArgument, to.Range, "%s.%s", err, diag.DidYouMean(to.Lit.Text, types.Names()))
		}
		settle(x, stringType)
		if x.constant() {
			if text, d := adapt(x, t); d == nil {
				return literal(t, text, rng), nil
			}
		}
		if !castable(x.Type, t) {
			return nil, fault(diag.RowArgument, rng, "There is no cast from %s to %s.", x.Type, t)
		}
		return castTo(name, x, t, rng), nil
	}
}

func castTo(name string, x *Expr, t types.Type, rng diag.Range) *Expr {
	if x.Type.Equal(t) {
		return x
	}
	return &Expr{Op: OpCall, Func: name, Type: t, Nullable: x.Nullable || name == "try_cast" || x.Type.Kind == types.JSON, Args: []*Expr{x}, Range: rng}
}

// Member makes the reference to a member of json. What stands around it says as
// which type the member is read.
func Member(base *Expr, steps []Step, rng diag.Range) (*Expr, *diag.Diagnostic) {
	get, d := Call("json_get", []*Expr{base, Text(PathString(steps), rng)}, rng, rng)
	if d != nil {
		return nil, d
	}
	return &Expr{Op: OpCall, Func: "cast", Type: anyType, Nullable: true, Args: []*Expr{get}, Range: rng}, nil
}

// castable reports whether cast can turn a from into a to.
func castable(from, to types.Type) bool {
	plain := func(t types.Type) bool { return !t.IsNested() && t.Kind != types.Bytes && t.Kind != types.Any }
	switch {
	case from.Equal(to):
		return true
	case !plain(from) || !plain(to):
		return false
	case from.Kind == types.String || to.Kind == types.String, from.Kind == types.JSON:
		return true
	case from.IsNumeric() && to.IsNumeric():
		return true
	case from.Kind == types.Bool || to.Kind == types.Bool:
		return from.IsInteger() || to.IsInteger()
	case from.Kind == types.Date, from.Kind == types.Timestamp, from.Kind == types.TimestampTZ:
		return to.Kind == types.Date || to.Kind == types.Timestamp || to.Kind == types.TimestampTZ || (to.Kind == types.Time && from.Kind != types.Date)
	default:
		return false
	}
}
