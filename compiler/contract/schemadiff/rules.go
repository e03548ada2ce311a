package schemadiff

import "strings"

// Rule names a kind of difference, in the registry's words where it has one.
type Rule string

// Differences in what describes a schema.
const (
	idChanged          Rule = "ID_CHANGED"
	titleChanged       Rule = "TITLE_CHANGED"
	descriptionChanged Rule = "DESCRIPTION_CHANGED"
	defaultChanged     Rule = "DEFAULT_CHANGED"
	schemaAdded        Rule = "SCHEMA_ADDED"
	schemaRemoved      Rule = "SCHEMA_REMOVED"
	typeExtended       Rule = "TYPE_EXTENDED"
	typeNarrowed       Rule = "TYPE_NARROWED"
	typeChanged        Rule = "TYPE_CHANGED"
)

// Differences of one number or text. They are made of the keyword's name and
// what became of it: MAX_LENGTH_DECREASED.
const (
	patternAdded       Rule = "PATTERN_ADDED"
	patternRemoved     Rule = "PATTERN_REMOVED"
	patternChanged     Rule = "PATTERN_CHANGED"
	multipleOfAdded    Rule = "MULTIPLE_OF_ADDED"
	multipleOfRemoved  Rule = "MULTIPLE_OF_REMOVED"
	multipleOfExpanded Rule = "MULTIPLE_OF_EXPANDED"
	multipleOfReduced  Rule = "MULTIPLE_OF_REDUCED"
	multipleOfChanged  Rule = "MULTIPLE_OF_CHANGED"
	enumExtended       Rule = "ENUM_ARRAY_EXTENDED"
	enumNarrowed       Rule = "ENUM_ARRAY_NARROWED"
	enumChanged        Rule = "ENUM_ARRAY_CHANGED"
	uniqueItemsAdded   Rule = "UNIQUE_ITEMS_ADDED"
	uniqueItemsRemoved Rule = "UNIQUE_ITEMS_REMOVED"
)

// Differences of combined schemas.
const (
	combinedExtended    Rule = "COMBINED_TYPE_EXTENDED"
	combinedChanged     Rule = "COMBINED_TYPE_CHANGED"
	subschemasChanged   Rule = "COMBINED_TYPE_SUBSCHEMAS_CHANGED"
	productTypeExtended Rule = "PRODUCT_TYPE_EXTENDED"
	productTypeNarrowed Rule = "PRODUCT_TYPE_NARROWED"
	sumTypeExtended     Rule = "SUM_TYPE_EXTENDED"
	sumTypeNarrowed     Rule = "SUM_TYPE_NARROWED"
	notTypeExtended     Rule = "NOT_TYPE_EXTENDED"
	notTypeNarrowed     Rule = "NOT_TYPE_NARROWED"
)

// Differences of objects.
const (
	requiredAdded            Rule = "REQUIRED_ATTRIBUTE_ADDED"
	requiredAddedWithDefault Rule = "REQUIRED_ATTRIBUTE_WITH_DEFAULT_ADDED"
	requiredRemoved          Rule = "REQUIRED_ATTRIBUTE_REMOVED"

	dependencyArrayAdded    Rule = "DEPENDENCY_ARRAY_ADDED"
	dependencyArrayRemoved  Rule = "DEPENDENCY_ARRAY_REMOVED"
	dependencyArrayExtended Rule = "DEPENDENCY_ARRAY_EXTENDED"
	dependencyArrayNarrowed Rule = "DEPENDENCY_ARRAY_NARROWED"
	dependencyArrayChanged  Rule = "DEPENDENCY_ARRAY_CHANGED"
	dependencySchemaAdded   Rule = "DEPENDENCY_SCHEMA_ADDED"
	dependencySchemaRemoved Rule = "DEPENDENCY_SCHEMA_REMOVED"

	emptyPropertyAddedToOpen      Rule = "PROPERTY_WITH_EMPTY_SCHEMA_ADDED_TO_OPEN_CONTENT_MODEL"
	requiredPropertyAddedToOpen   Rule = "REQUIRED_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL"
	defaultedPropertyAddedToOpen  Rule = "REQUIRED_PROPERTY_WITH_DEFAULT_ADDED_TO_OPEN_CONTENT_MODEL"
	optionalPropertyAddedToOpen   Rule = "OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL"
	requiredPropertyAddedToClosed Rule = "REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL"
	defaultedPropertyAddedClosed  Rule = "REQUIRED_PROPERTY_WITH_DEFAULT_ADDED_TO_UNOPEN_CONTENT_MODEL"
	optionalPropertyAddedToClosed Rule = "OPTIONAL_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL"
	propertyAddedCovered          Rule = "PROPERTY_ADDED_IS_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL"
	propertyAddedNotCovered       Rule = "PROPERTY_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL"
	propertyRemovedFromOpen       Rule = "PROPERTY_REMOVED_FROM_OPEN_CONTENT_MODEL"
	propertyRemovedFromClosed     Rule = "PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL"
	falsePropertyRemoved          Rule = "PROPERTY_WITH_FALSE_REMOVED_FROM_CLOSED_CONTENT_MODEL"
	propertyRemovedCovered        Rule = "PROPERTY_REMOVED_IS_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL"
	propertyRemovedNotCovered     Rule = "PROPERTY_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL"
)

// Differences of arrays.
const (
	emptyItemAddedToOpen  Rule = "ITEM_WITH_EMPTY_SCHEMA_ADDED_TO_OPEN_CONTENT_MODEL"
	itemAddedToOpen       Rule = "ITEM_ADDED_TO_OPEN_CONTENT_MODEL"
	itemAddedToClosed     Rule = "ITEM_ADDED_TO_CLOSED_CONTENT_MODEL"
	itemAddedCovered      Rule = "ITEM_ADDED_IS_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL"
	itemAddedNotCovered   Rule = "ITEM_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL"
	itemRemovedFromOpen   Rule = "ITEM_REMOVED_FROM_OPEN_CONTENT_MODEL"
	itemRemovedFromClosed Rule = "ITEM_REMOVED_FROM_CLOSED_CONTENT_MODEL"
	falseItemRemoved      Rule = "ITEM_WITH_FALSE_REMOVED_FROM_CLOSED_CONTENT_MODEL"
	itemRemovedCovered    Rule = "ITEM_REMOVED_IS_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL"
	itemRemovedNotCovered Rule = "ITEM_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL"
)

// What else an object or array may hold: ADDITIONAL_PROPERTIES, ADDITIONAL_ITEMS,
// UNEVALUATED_PROPERTIES and UNEVALUATED_ITEMS, each with one of these endings.
// "Added" means that more is allowed than before.
const (
	restAdded    = "_ADDED"
	restRemoved  = "_REMOVED"
	restExtended = "_EXTENDED"
	restNarrowed = "_NARROWED"
)

// Changes that the registry does not look at.
const (
	beyondRequired      Rule = "BEYOND_REQUIRED_ADDED"           // a required name that `properties` does not list
	beyondPattern       Rule = "BEYOND_PATTERN_PROPERTY_CHANGED" // patternProperties
	beyondPropertyNames Rule = "BEYOND_PROPERTY_NAMES_CHANGED"   // propertyNames
	beyondContains      Rule = "BEYOND_CONTAINS_CHANGED"         // contains
	beyondCondition     Rule = "BEYOND_CONDITION_CHANGED"        // if, then, else
	beyondFormat        Rule = "BEYOND_FORMAT_CHANGED"           // format
	beyondType          Rule = "BEYOND_TYPE_ADDED"               // a type where only its limits stood
	beyondExclusive     Rule = "BEYOND_EXCLUSIVE_LIMIT_CHANGED"  // draft 4: exclusiveMinimum = true
	beyondPrefix             = "BEYOND_"
)

// verdict says what the rule means for data that the old schema accepts.
func (r Rule) verdict(mode Mode) Verdict {
	switch {
	case strings.HasPrefix(string(r), beyondPrefix):
		return Warns
	case r.compatible(), mode == Lenient && r.lenient():
		return OK
	default:
		return Breaks
	}
}

// compatible reports whether the registry's strict mode lets the change pass.
func (r Rule) compatible() bool {
	switch r {
	case idChanged, titleChanged, descriptionChanged, defaultChanged, schemaRemoved, typeExtended,
		patternRemoved, multipleOfReduced, multipleOfRemoved, enumExtended, uniqueItemsRemoved,
		combinedExtended, productTypeNarrowed, sumTypeExtended, notTypeNarrowed,
		requiredAddedWithDefault, requiredRemoved, dependencyArrayNarrowed, dependencyArrayRemoved, dependencySchemaRemoved,
		emptyPropertyAddedToOpen, defaultedPropertyAddedClosed, optionalPropertyAddedToClosed, propertyAddedCovered,
		propertyRemovedFromOpen, falsePropertyRemoved, propertyRemovedCovered,
		emptyItemAddedToOpen, itemAddedToClosed, itemAddedCovered, itemRemovedFromOpen, falseItemRemoved, itemRemovedCovered:
		return true
	}
	name := string(r)
	for _, rest := range []string{"ADDITIONAL_PROPERTIES", "ADDITIONAL_ITEMS", "UNEVALUATED_PROPERTIES", "UNEVALUATED_ITEMS"} {
		if end, ok := strings.CutPrefix(name, rest); ok {
			return end == restAdded || end == restExtended
		}
	}
	for _, keyword := range limitNames {
		if end, ok := strings.CutPrefix(name, keyword.rule); ok {
			return end == "_REMOVED" || end == keyword.loosened
		}
	}
	return false
}

// lenient reports whether the registry's lenient mode lets the change pass though
// the strict one does not.
func (r Rule) lenient() bool {
	switch r {
	case defaultedPropertyAddedToOpen, optionalPropertyAddedToOpen, propertyRemovedFromClosed, propertyAddedNotCovered, propertyRemovedNotCovered,
		"ADDITIONAL_PROPERTIES" + restNarrowed, "ADDITIONAL_PROPERTIES" + restRemoved,
		"UNEVALUATED_PROPERTIES" + restNarrowed, "UNEVALUATED_PROPERTIES" + restRemoved:
		return true
	}
	return false
}

// limitName is a keyword that bounds something by a number.
type limitName struct{ keyword, rule, loosened string }

// limitNames are the keywords whose differences are told as added, removed,
// increased or decreased. Longer names that begin like others stand first.
var limitNames = []limitName{
	{"exclusiveMaximum", "EXCLUSIVE_MAXIMUM", "_INCREASED"},
	{"exclusiveMinimum", "EXCLUSIVE_MINIMUM", "_DECREASED"},
	{"maximum", "MAXIMUM", "_INCREASED"},
	{"minimum", "MINIMUM", "_DECREASED"},
	{"maxLength", "MAX_LENGTH", "_INCREASED"},
	{"minLength", "MIN_LENGTH", "_DECREASED"},
	{"maxItems", "MAX_ITEMS", "_INCREASED"},
	{"minItems", "MIN_ITEMS", "_DECREASED"},
	{"maxContains", "MAX_CONTAINS", "_INCREASED"},
	{"minContains", "MIN_CONTAINS", "_DECREASED"},
	{"maxProperties", "MAX_PROPERTIES", "_INCREASED"},
	{"minProperties", "MIN_PROPERTIES", "_DECREASED"},
}
