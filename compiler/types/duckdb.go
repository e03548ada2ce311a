package types

import (
	"strconv"
	"strings"
)

// duckNames maps DuckDB's type names without parameters to types.
var duckNames = map[string]Type{
	"BOOLEAN": Of(Bool), "TINYINT": Of(Int32), "SMALLINT": Of(Int32), "INTEGER": Of(Int32), "UTINYINT": Of(Int32),
	"USMALLINT": Of(Int32), "UINTEGER": Of(Int64), "BIGINT": Of(Int64), "UBIGINT": DecimalOf(38, 0),
	"HUGEINT": DecimalOf(38, 0), "UHUGEINT": DecimalOf(38, 0), "FLOAT": Of(Float64), "DOUBLE": Of(Float64),
	"VARCHAR": Of(String), "BLOB": Of(Bytes), "DATE": Of(Date), "TIME": Of(Time), "TIMESTAMP": Of(Timestamp),
	"TIMESTAMP_S": Of(Timestamp), "TIMESTAMP_MS": Of(Timestamp), "TIMESTAMP_NS": Of(Timestamp),
	"TIMESTAMP WITH TIME ZONE": Of(TimestampTZ), "UUID": Of(UUID), "JSON": Of(JSON), `"NULL"`: Of(Any), "NULL": Of(Any),
}

type duckParser struct {
	in  string
	pos int
}

func (p *duckParser) space() {
	for p.pos < len(p.in) && p.in[p.pos] == ' ' {
		p.pos++
	}
}

func (p *duckParser) take(s string) bool {
	p.space()
	if strings.HasPrefix(p.in[p.pos:], s) {
		p.pos += len(s)
		return true
	}
	return false
}

func (p *duckParser) parse(depth int) (Type, bool) {
	if depth > maxDepth {
		return Type{}, false
	}
	t, ok := p.base(depth)
	for ok && p.take("[") {
		for p.pos < len(p.in) && p.in[p.pos] >= '0' && p.in[p.pos] <= '9' {
			p.pos++
		}
		if ok = p.take("]"); ok {
			t = ListOf(t)
		}
	}
	return t, ok
}

func (p *duckParser) base(depth int) (Type, bool) {
	switch {
	case p.take("DECIMAL("):
		return p.decimal()
	case p.take("STRUCT("):
		return p.structure(depth)
	case p.take("MAP("):
		key, ok := p.parse(depth + 1)
		if !ok || key.Kind != String || !p.take(",") {
			return Type{}, false
		}
		elem, ok := p.parse(depth + 1)
		return MapOf(elem), ok && p.take(")")
	case p.take("ENUM("):
		end := strings.LastIndexByte(p.in, ')')
		if end < p.pos {
			return Type{}, false
		}
		p.pos = end + 1
		return Of(String), true
	}
	p.space()
	start := p.pos
	for p.pos < len(p.in) && strings.IndexByte(",)[", p.in[p.pos]) < 0 {
		p.pos++
	}
	t, ok := duckNames[strings.TrimSpace(p.in[start:p.pos])]
	return t, ok
}

func (p *duckParser) decimal() (Type, bool) {
	end := strings.IndexByte(p.in[p.pos:], ')')
	if end < 0 {
		return Type{}, false
	}
	prec, scale, _ := strings.Cut(p.in[p.pos:p.pos+end], ",")
	p.pos += end + 1
	pn, err1 := strconv.Atoi(strings.TrimSpace(prec))
	sn, err2 := strconv.Atoi(strings.TrimSpace(scale))
	if err1 != nil || err2 != nil {
		return Type{}, false
	}
	t, err := DecimalChecked(pn, sn)
	return t, err == nil
}

func (p *duckParser) structure(depth int) (Type, bool) {
	t := Type{Kind: Struct}
	for {
		name, ok := p.fieldName()
		if !ok {
			return Type{}, false
		}
		ft, ok := p.parse(depth + 1)
		if !ok {
			return Type{}, false
		}
		t.Fields = append(t.Fields, Field{Name: name, Type: ft})
		if p.take(")") {
			return t, true
		}
		if !p.take(",") {
			return Type{}, false
		}
	}
}

func (p *duckParser) fieldName() (string, bool) {
	if !p.take(`"`) {
		start := p.pos
		for p.pos < len(p.in) && p.in[p.pos] != ' ' {
			p.pos++
		}
		return p.in[start:p.pos], p.pos > start
	}
	var b strings.Builder
	for p.pos < len(p.in) {
		c := p.in[p.pos]
		p.pos++
		if c != '"' {
			b.WriteByte(c)
			continue
		}
		if p.pos < len(p.in) && p.in[p.pos] == '"' {
			b.WriteByte('"')
			p.pos++
			continue
		}
		return b.String(), true
	}
	return "", false
}
