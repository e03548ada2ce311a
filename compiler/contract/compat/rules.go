package compat

import "fmt"

// Rule is the stable name of a kind of change.
type Rule string

// The rules.
const (
	ColumnAdded         Rule = "COLUMN_ADDED"
	ColumnAddedRequired Rule = "COLUMN_ADDED_REQUIRED"
	ColumnRemoved       Rule = "COLUMN_REMOVED"
	ColumnMoved         Rule = "COLUMN_MOVED"
	FieldAdded          Rule = "FIELD_ADDED"
	FieldRemoved        Rule = "FIELD_REMOVED"
	FieldMoved          Rule = "FIELD_MOVED"
	RequiredAdded       Rule = "REQUIRED_ADDED"
	RequiredRemoved     Rule = "REQUIRED_REMOVED"
	TypeWidened         Rule = "TYPE_WIDENED"
	TypeNarrowed        Rule = "TYPE_NARROWED"
	TypeChanged         Rule = "TYPE_CHANGED"
	MinAdded            Rule = "MIN_ADDED"
	MinRaised           Rule = "MIN_RAISED"
	MinLowered          Rule = "MIN_LOWERED"
	MinRemoved          Rule = "MIN_REMOVED"
	MaxAdded            Rule = "MAX_ADDED"
	MaxLowered          Rule = "MAX_LOWERED"
	MaxRaised           Rule = "MAX_RAISED"
	MaxRemoved          Rule = "MAX_REMOVED"
	MinLengthAdded      Rule = "MIN_LENGTH_ADDED"
	MinLengthRaised     Rule = "MIN_LENGTH_RAISED"
	MinLengthLowered    Rule = "MIN_LENGTH_LOWERED"
	MinLengthRemoved    Rule = "MIN_LENGTH_REMOVED"
	MaxLengthAdded      Rule = "MAX_LENGTH_ADDED"
	MaxLengthLowered    Rule = "MAX_LENGTH_LOWERED"
	MaxLengthRaised     Rule = "MAX_LENGTH_RAISED"
	MaxLengthRemoved    Rule = "MAX_LENGTH_REMOVED"
	PatternAdded        Rule = "PATTERN_ADDED"
	PatternChanged      Rule = "PATTERN_CHANGED"
	PatternRemoved      Rule = "PATTERN_REMOVED"
	EnumAdded           Rule = "ENUM_ADDED"
	EnumRemoved         Rule = "ENUM_REMOVED"
	EnumValueAdded      Rule = "ENUM_VALUE_ADDED"
	EnumValueRemoved    Rule = "ENUM_VALUE_REMOVED"
	EnumValuesChanged   Rule = "ENUM_VALUES_CHANGED"
	FormatAdded         Rule = "FORMAT_ADDED"
	FormatChanged       Rule = "FORMAT_CHANGED"
	FormatRemoved       Rule = "FORMAT_REMOVED"
	CheckAdded          Rule = "CHECK_ADDED"
	CheckChanged        Rule = "CHECK_CHANGED"
	CheckRemoved        Rule = "CHECK_REMOVED"
	CheckRenamed        Rule = "CHECK_RENAMED"
	CheckSeverity       Rule = "CHECK_SEVERITY_CHANGED"
	CheckMessage        Rule = "CHECK_MESSAGE_CHANGED"
	DefaultAdded        Rule = "DEFAULT_ADDED"
	DefaultChanged      Rule = "DEFAULT_CHANGED"
	DefaultRemoved      Rule = "DEFAULT_REMOVED"
	UniqueAdded         Rule = "UNIQUE_ADDED"
	UniqueRemoved       Rule = "UNIQUE_REMOVED"
	KeyChanged          Rule = "KEY_CHANGED"
	CoerceNarrowed      Rule = "COERCE_NARROWED"
	CoerceWidened       Rule = "COERCE_WIDENED"
	UnknownTightened    Rule = "UNKNOWN_COLUMNS_TIGHTENED"
	UnknownLoosened     Rule = "UNKNOWN_COLUMNS_LOOSENED"
	UnknownChanged      Rule = "UNKNOWN_COLUMNS_CHANGED"
	ExtraRemoved        Rule = "EXTRA_COLUMN_REMOVED"
	PromiseAdded        Rule = "TABLE_PROMISE_ADDED"
	PromiseChanged      Rule = "TABLE_PROMISE_CHANGED"
	PromiseRemoved      Rule = "TABLE_PROMISE_REMOVED"
	OtherChanged        Rule = "OTHER_CHANGED"
	HandlingChanged     Rule = "HANDLING_CHANGED"
	DescriptionChanged  Rule = "DESCRIPTION_CHANGED"
)

// Info explains a rule: what it stands for, and its verdicts where nothing else
// decides.
type Info struct {
	Rule     Rule
	Meaning  string
	Backward string
	Forward  string
	WayOut   string
}

// Rules lists every rule, in the order of the reference.
func Rules() []Info {
	const (
		unless = "breaks, unless nothing that the old version accepts can break it"
		reader = "breaks, unless what remains implies it"
		writer = "Let the writers send it first, or publish it as the next version."
		former = "Publish it as the next version, so that readers move when they are ready."
	)
	return []Info{
		{ColumnAdded, "an optional column, or a required one with a default", "ok, or warns where the name could already occur", "ok", "Publish it as the next version."},
		{ColumnAddedRequired, "a required column without a default", "breaks", "ok", "Give it a default, make it optional, or publish it as the next version."},
		{ColumnRemoved, "a column is gone; a renamed one is removed and added", "ok; breaks where unknown_columns is now fail or quarantine", "breaks", "Keep the column, or publish it as the next version."},
		{ColumnMoved, "the columns stand in another order", "ok", "ok", ""},
		{FieldAdded, "a field of a struct", "ok, or warns as for a column", "ok", "Publish it as the next version."},
		{FieldRemoved, "a field of a struct is gone", "ok; breaks where unknown_columns is now fail or quarantine", "breaks", "Keep the field, or publish it as the next version."},
		{FieldMoved, "the fields of a struct stand in another order", "ok", "ok", ""},
		{RequiredAdded, "optional became required", "breaks", "ok", "Leave it optional, or publish it as the next version."},
		{RequiredRemoved, "required became optional", "ok", "breaks", former},
		{TypeWidened, "every value of the old type is one of the new type", "ok, or warns where a text was read by the old type alone", "breaks", former},
		{TypeNarrowed, "every value of the new type is one of the old type", unless, "ok", "Keep the wider type, or publish it as the next version."},
		{TypeChanged, "any other change of type", "breaks", "breaks", "Add a new column beside the old one, or publish it as the next version."},
		{MinAdded, "min is new", unless, "ok", writer}, {MinRaised, "min is greater", unless, "ok", writer},
		{MinLowered, "min is less", "ok", reader, former}, {MinRemoved, "min is gone", "ok", reader, former},
		{MaxAdded, "max is new", unless, "ok", writer}, {MaxLowered, "max is less", unless, "ok", writer},
		{MaxRaised, "max is greater", "ok", reader, former}, {MaxRemoved, "max is gone", "ok", reader, former},
		{MinLengthAdded, "min_length is new", unless, "ok", writer}, {MinLengthRaised, "min_length is greater", unless, "ok", writer},
		{MinLengthLowered, "min_length is less", "ok", reader, former}, {MinLengthRemoved, "min_length is gone", "ok", reader, former},
		{MaxLengthAdded, "max_length is new", unless, "ok", writer}, {MaxLengthLowered, "max_length is less", unless, "ok", writer},
		{MaxLengthRaised, "max_length is greater", "ok", reader, former}, {MaxLengthRemoved, "max_length is gone", "ok", reader, former},
		{PatternAdded, "a pattern is new", unless, "ok", writer},
		{PatternChanged, "another pattern", "breaks, unless every text that matched matches still", "breaks, unless every text that matches matched before", "Publish it as the next version."},
		{PatternRemoved, "the pattern is gone", "ok", reader, former},
		{EnumAdded, "a list of values is new", unless, "ok", writer}, {EnumRemoved, "the list of values is gone", "ok", reader, former},
		{EnumValueAdded, "more values are listed", "ok", reader, former}, {EnumValueRemoved, "fewer values are listed", unless, "ok", writer},
		{EnumValuesChanged, "values came and values went", unless, reader, "Publish it as the next version."},
		{FormatAdded, "a format is new", unless, "ok", writer}, {FormatChanged, "another format", "breaks, unless the old implies the new", "breaks, unless the new implies the old", "Publish it as the next version."},
		{FormatRemoved, "the format is gone", "ok", reader, former},
		{CheckAdded, "a check is new", unless, "ok", writer},
		{CheckChanged, "another condition", "breaks, unless the old version implies it", "breaks, unless it implies the old condition", "Publish it as the next version."},
		{CheckRemoved, "a check is gone", "ok", reader, former},
		{CheckRenamed, "the same condition under another name", "ok", "ok", ""},
		{CheckSeverity, "error became warning, or warning error", "breaks where it is now an error", "breaks where it was an error", "Publish it as the next version."},
		{CheckMessage, "another message", "ok", "ok", ""},
		{DefaultAdded, "a default is new", "ok, or warns where another rule meets it", "ok", ""}, {DefaultChanged, "another default", "ok, or warns where another rule meets it", "ok", ""},
		{DefaultRemoved, "the default is gone", "breaks where the column is required", "ok", "Keep the default, or publish it as the next version."},
		{UniqueAdded, "unique is new", "breaks", "ok", writer}, {UniqueRemoved, "unique is gone", "ok", "breaks", former},
		{KeyChanged, "another key", "breaks", "breaks", "Publish it as the next version."},
		{CoerceNarrowed, "coerce takes fewer values", "breaks, unless no column reads another kind of value", "ok", "Keep the mode, or publish it as the next version."},
		{CoerceWidened, "coerce takes more values", "ok", "ok", ""},
		{UnknownTightened, "unknown_columns refuses what it took", "breaks", "ok", "Keep the mode, or publish it as the next version."},
		{UnknownLoosened, "unknown_columns takes what it refused", "ok", "ok", ""},
		{UnknownChanged, "unknown_columns is another of drop, evolve and keep_json, or of fail and quarantine", "ok, or warns under evolve", "ok", ""},
		{ExtraRemoved, "unknown_columns is no longer keep_json, so that _extra is gone", "ok", "breaks", "Keep keep_json, or publish it as the next version."},
		{PromiseAdded, "references, expect, rows or freshness is new", "breaks", "ok", writer},
		{PromiseChanged, "references, expect, rows or freshness says something else", "breaks, unless it was only loosened", "breaks, unless it was only tightened", "Publish it as the next version."},
		{PromiseRemoved, "references, expect, rows or freshness is gone", "ok", "breaks", former},
		{OtherChanged, "something that no rule knows, such as what a JSON Schema says beyond the columns", "breaks", "breaks", "Publish it as the next version."},
		{HandlingChanged, "on_violation, tolerance, set_violations, quarantine_raw: what becomes of a record at fault", "ok", "ok", ""},
		{DescriptionChanged, "description, owner, tags, deprecated_after, reserved, compatibility", "ok", "ok", ""},
	}
}

// wayOut says what to do about a break.
func (r Rule) wayOut() string {
	for _, i := range Rules() {
		if i.Rule == r {
			return i.WayOut
		}
	}
	return ""
}

// PublishAs is the way out that names the version to come.
func PublishAs(version int) string { return fmt.Sprintf("publish the change as version %d", version) }
