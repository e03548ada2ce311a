package diag

// The codes of the compiler: names, values, references, graph.
const (
	DuplicateAddress Code = "HG2001"
	UnknownReference Code = "HG2002"
	UnknownName      Code = "HG2003"
	ValueCycle       Code = "HG2004"
	BadExpression    Code = "HG2005"
	WrongValue       Code = "HG2006"
	NotAllowedValue  Code = "HG2007"
	UnknownFunction  Code = "HG2008"
	SecretMisplaced  Code = "HG2009"
	ProjectFile      Code = "HG2010"
	EnvironmentUnset Code = "HG2011"
	MissingAttribute Code = "HG2012"
	UnknownVariable  Code = "HG2020"
	VariableMissing  Code = "HG2021"
	VariableType     Code = "HG2022"
	VariableInvalid  Code = "HG2023"
	VariableBroken   Code = "HG2024"
	UnknownEnv       Code = "HG2030"
	DefaultEnv       Code = "HG2031"
	EnvCycle         Code = "HG2032"
	EnvSuffix        Code = "HG2033"
	BadForEach       Code = "HG2040"
	WrongInstance    Code = "HG2041"
	ForEachTable     Code = "HG2042"
	WrongReference   Code = "HG2050"
	UnknownVersion   Code = "HG2051"
	DeprecatedSoon   Code = "HG2052"
	DeprecatedUse    Code = "HG2053"
	DependencyCycle  Code = "HG2054"
	BadSource        Code = "HG2060"
	UnknownSetting   Code = "HG2061"
	SettingType      Code = "HG2062"
	BadDestination   Code = "HG2063"
	ExtendsBroken    Code = "HG2101"
	RemoveUnknown    Code = "HG2102"
	BadType          Code = "HG2103"
	LimitMisplaced   Code = "HG2104"
	LimitValue       Code = "HG2105"
	LimitContradicts Code = "HG2106"
	BadPattern       Code = "HG2107"
	DefaultBreaks    Code = "HG2108"
	KeyColumn        Code = "HG2109"
	DuplicateName    Code = "HG2110"
	BadTolerance     Code = "HG2111"
	BadDate          Code = "HG2112"
	NoColumns        Code = "HG2113"
	ReservedName     Code = "HG2114"
	TwoWriters       Code = "HG2200"
	NameTaken        Code = "HG2201"
	MapUnknownColumn Code = "HG2202"
	MergeWithoutKey  Code = "HG2203"
	CursorColumn     Code = "HG2204"
	UntypedRows      Code = "HG2205"
	BadSchedule      Code = "HG2206"
	BadTimezone      Code = "HG2207"
	BadDuration      Code = "HG2208"
	BadTableName     Code = "HG2209"
	NoStreams        Code = "HG2210"
	ColumnNotFilled  Code = "HG2211"
)

func compilerCodes() []Info {
	var all []Info
	for _, list := range [][]Info{valueCodes(), projectCodes(), contractRuleCodes(), streamCodes()} {
		all = append(all, list...)
	}
	return all
}

func valueCodes() []Info {
	return []Info{
		{DuplicateAddress, "Two blocks have the same address", "Every block is named by its address, such as source.shop or contract.orders; the type of a source or destination is no part of it. Rename one of the two."},
		{UnknownReference, "There is no such block", "The expression refers to a block that the project does not have. Declare it, or mend the name. Blocks are written KIND.NAME, such as source.shop or contract.orders.v2."},
		{UnknownName, "There is no such name", "An expression can use var.x, local.x, environment.name, path.root, each.key and each.value (under for_each), and other blocks by their address. row.x and value stand in row expressions only: condition, filter and a map's value."},
		{ValueCycle, "Values refer to each other in a circle", "A local or variable needs itself to be worked out. The message shows the way round, such as local.a -> local.b -> local.a. Break it at one place."},
		{BadExpression, "The expression cannot be evaluated", "A value of the wrong kind was given to an operator or a function, or a member that is not there was asked for. The message says which."},
		{WrongValue, "The value is of the wrong type", "The attribute takes another type of value, as `headgate explain` and the reference of the language say. Numbers and booleans stand for strings and back where that loses nothing."},
		{NotAllowedValue, "The value is not one of those allowed", "The attribute takes one of a few words, or numbers of a certain range. The message lists them."},
		{UnknownFunction, "There is no such function", "Functions have Terraform's names: lower, merge, jsondecode, file, env, secret and so on. Row functions such as sha256 of a column stand in row expressions."},
		{SecretMisplaced, "A secret cannot be used here", "secret() and sensitive variables are not known before the moment of use, so that no plan, state or log can hold them. They may stand, whole or inside a template, in config, command, env and a destination's path. A function, a condition, for_each, a contract, a row expression or SQL cannot see them.\n\nIn place of\n\n    config = { auth = base64encode(secret(\"TOKEN\")) }\n\nput the encoded text into the secret itself."},
		{ProjectFile, "The file cannot be read", "file, fileset, templatefile and a tap's files are read from the project folder, by a path relative to it. A path that leaves the folder is refused."},
		{EnvironmentUnset, "The environment variable is not set", "env(\"NAME\") is read while compiling. Set the variable, or use a variable block with a default. A secret belongs into secret(\"NAME\"), which is read at the moment of use only."},
		{MissingAttribute, "A needed value is missing", "The attribute must have a value; null counts as none."},
	}
}

func projectCodes() []Info {
	return []Info{
		{UnknownVariable, "There is no such variable", "A value was given for a variable that the project does not declare. Add a variable block, or mend the name."},
		{VariableMissing, "The variable has no value", "A variable without a default needs a value: --var NAME=VALUE, --var-file, HEADGATE_VAR_NAME, or the environment's variables."},
		{VariableType, "The value does not fit the variable's type", "The value cannot be converted to the type that the variable block declares."},
		{VariableInvalid, "The variable's value is refused by its validation", "The condition of a validation block is not true for the value. The block's error_message says what is expected."},
		{VariableBroken, "The variable's declaration is not usable", "A sensitive variable holds a string, and a default is a constant. See the detail."},
		{UnknownEnv, "There is no such environment", "--env, HEADGATE_ENV or extends names an environment that no environment block declares."},
		{DefaultEnv, "It is not clear which environment is meant", "Exactly one environment block has default = true. Where none has, each command needs --env."},
		{EnvCycle, "Environments extend each other in a circle", "An environment starts from another one, and that one from it. Break the circle."},
		{EnvSuffix, "The schema suffix is not usable", "A suffix is made of letters, digits and underscores. Two environments that share a destination need different suffixes."},
		{BadForEach, "for_each takes a map or a set of strings", "Write for_each = toset([\"eu\", \"us\"]) or a map. Its keys are known at compile time, not empty and not secret."},
		{WrongInstance, "The reference does not fit for_each", "A block with for_each is referred to with a key, source.shop[\"eu\"]; a block without it has no keys."},
		{ForEachTable, "A model under for_each needs table", "Every instance publishes a table of its own. Set table to something with each.key in it."},
		{WrongReference, "The reference names the wrong kind of thing", "from takes a source, to and destination take a destination, contract takes a contract, depends_on takes pipelines, models and externals."},
		{UnknownVersion, "There is no such version", "A contract or model has the versions that its version blocks declare, or version 1 without any. latest_version and extends must name one of them."},
		{DeprecatedSoon, "The version is deprecated", "The version can be used up to its deprecated_after date. Move to a later version before that day."},
		{DeprecatedUse, "The version is past its deprecation date", "validate and plan refuse what still uses it; run and apply FILE go on. Move to a later version, or move the date."},
		{DependencyCycle, "Things depend on each other in a circle", "The message shows the way round. Nothing can be done first, so break the circle: take out a depends_on, or read another table."},
		{BadSource, "The source's settings do not fit together", "The message says which settings contradict each other or are missing."},
		{UnknownSetting, "The tap has no such setting", "The source declares its settings with setting blocks, and config holds a key that none of them names. Declare it or mend the name."},
		{SettingType, "The value is not of the setting's type", "A setting block gives the type of a key of config; the value is not of that type."},
		{BadDestination, "The destination's settings are not usable", "The message says which setting, and what it takes."},
	}
}

func contractRuleCodes() []Info {
	return []Info{
		{ExtendsBroken, "The version cannot extend that one", "extends names another version of the same contract, and the chain may not come back to where it began."},
		{RemoveUnknown, "There is nothing of that name to remove", "remove lists columns and checks of the version that extends names."},
		{BadType, "There is no such column type", "The types are bool, int32, int64, float64, decimal(p, s), string, bytes, date, time, timestamp, timestamptz, uuid, json, list(T), struct({a = T}) and map(T)."},
		{LimitMisplaced, "The limit does not fit the column's type", "min and max stand on numbers, dates, times and strings; min_length and max_length on strings, bytes, lists and maps; pattern and format on strings."},
		{LimitValue, "The limit is not a value of the column's type", "A bound, an enum value or a default must itself be a value that the column could hold, without loss."},
		{LimitContradicts, "The limits contradict each other", "No value can keep both, such as min above max."},
		{BadPattern, "The pattern is not a regular expression", "Patterns are RE2, as Go has them: no look-around, no back-references."},
		{DefaultBreaks, "The default breaks the column's own limits", "The default stands in for an absent member, so it must keep every limit of its column."},
		{KeyColumn, "The key cannot be made of that column", "key lists columns of the contract, each once, of a type whose values can be compared."},
		{DuplicateName, "The name is taken", "Columns and checks have names of their own within one version. To change an inherited column, declare it again in the version that extends."},
		{BadTolerance, "The tolerance is not usable", "A tolerance is a percentage from 0% to 100%, such as \"1%\" or \"0.5%\", or a number of records."},
		{BadDate, "The date is not usable", "Dates are written YYYY-MM-DD."},
		{NoColumns, "The contract has no columns", "A version needs at least one column, of its own or inherited."},
		{ReservedName, "The column's name is reserved", "A name in reserved may not come back with another type; names that begin with _headgate, and _extra under unknown_columns = \"keep_json\", are headgate's own."},
	}
}

func streamCodes() []Info {
	return []Info{
		{TwoWriters, "Two streams write the same table", "Each table has one writer. Give one of the streams another table, or another destination."},
		{NameTaken, "Two things publish under the same name", "Every published name of a destination is unique, the _vN names of models and their bare names included."},
		{MapUnknownColumn, "The contract has no such column", "A map yields columns of the contract. Add the column to the contract, or mend the name."},
		{MergeWithoutKey, "write = \"merge\" needs a key", "Merging updates the row with the same key. Set key in the contract's version, or use append or replace."},
		{CursorColumn, "The cursor is not an orderable column", "A cursor is a column of the contract whose values have an order: a number, a date, a time or a string."},
		{UntypedRows, "The source's columns are not known", "sources.lock.hcl has no entry for this stream, so row.x is untyped and is checked only when the first records arrive. Run `headgate source discover`."},
		{BadSchedule, "The schedule is not usable", "A schedule has the five fields of cron: minute, hour, day of month, month, day of week, such as \"0 2 * * *\"."},
		{BadTimezone, "There is no such time zone", "Time zones have IANA names, such as UTC or Europe/Berlin."},
		{BadDuration, "The duration is not usable", "Durations are written as numbers with units: \"30s\", \"10m\", \"2h\", \"7d\"."},
		{BadTableName, "The table's name is not usable", "A table is named \"table\" or \"schema.table\", with letters, digits and underscores. Schemas that begin with headgate and names that begin with headgate_ are headgate's own."},
		{NoStreams, "The pipeline has no stream", "A pipeline moves at least one stream: add a stream block."},
		{ColumnNotFilled, "Nothing fills a required column", "The source does not have the column, the map does not yield it, and it has no default: every record would be refused."},
	}
}

// The codes of policies and rules.
const (
	GuardUnknown   Code = "HG2621"
	GuardType      Code = "HG2622"
	GuardFunction  Code = "HG2623"
	GuardReference Code = "HG2624"
	RuleBroken     Code = "HG2625"
	GuardWord      Code = "HG2626"
)

func policyCodes() []Info {
	return []Info{
		{GuardUnknown, "There is nothing of that name in the plan or the project", "A policy speaks of plan, which has the members that `headgate plan --format json` prints; a rule speaks of project, whose members schemas/project.schema.json lists. A condition over a name that is never there would never be true or never false, so it is refused before there is a plan:\n\n    condition = plan.summary.destroy == 0\n    condition = alltrue([for a in plan.actions : a.action != \"replace\"])"},
		{GuardType, "The value is not of the type that is needed", "condition must give true or false, message a text, and a rule's for_each a map, a list or a set. The message says what was found."},
		{GuardFunction, "The function cannot be used here", "A policy's condition is decided after the project was compiled, so it reads no environment variable and no secret. Put env() into a local, which is read when the project is compiled:\n\n    locals {\n      ticket = env(\"TICKET\", { default = \"\" })\n    }"},
		{GuardReference, "A reference to a block cannot be used here", "The plan and the project name things by their addresses, which are texts. Compare with a text:\n\n    condition = !contains(plan.actions[*].address, \"pipeline.orders\")"},
		{RuleBroken, "A rule could not be decided", "The rule's for_each, condition or message failed for an element of the project, or gave null. Members that are not set are null: guard them with a condition such as each.value.owner != null, with try(), or with a conditional. The rule says nothing of that element until it is mended."},
		{GuardWord, "The text can never be that", "Some members of the plan are one of a few words, and the condition compares one with another word: it would be decided the same way for every plan. A replacement has action \"replace\", and the basic actions \"destroy\" and \"create\":\n\n    condition = alltrue([for a in plan.actions : a.action != \"replace\"])\n    condition = alltrue([for a in plan.actions : !contains(a.actions, \"destroy\")])"},
	}
}

// The codes of linting itself. What the linter's rules find carries the rule's
// name in place of a code.
const (
	IgnoreForm    Code = "HG2601" // a comment that cannot be read
	IgnoreUnknown Code = "HG2602" // it names no rule
	IgnoreReason  Code = "HG2603"
	IgnorePlace   Code = "HG2604"
	IgnoreExpired Code = "HG2605"
	IgnoreUnused  Code = "HG2606"
	LintRule      Code = "HG2607" // a flag or setting names no rule, or no severity
	LintFix       Code = "HG2608" // a fix would leave a project that does not compile
	DocumentForm  Code = "HG2609" // a code block of a document is not in the canonical form
	LintFile      Code = "HG2610" // a file named on the command line is nothing to lint
)

func lintCodes() []Info {
	return []Info{
		{IgnoreForm, "The comment that ignores a rule cannot be read", "A comment that silences a lint rule names the rule, may say until when, and gives the reason:\n\n  # headgate:ignore money_as_float the source has floats, rounded below\n  # headgate:ignore unused_source until=2027-01-31 its pipeline comes with the next release"},
		{IgnoreUnknown, "The comment ignores a rule that there is not", "The word behind headgate:ignore is the name of a rule. `headgate lint --list` prints all of them; rules of your own are called as their rule block is."},
		{IgnoreReason, "The comment that ignores a rule gives no reason", "Whoever reads the comment in a year has to know whether it still holds. Without a reason it silences nothing.\n\n  # headgate:ignore append_without_key duplicates are taken out in model.visits"},
		{IgnorePlace, "The comment stands before nothing that it could speak of", "It stands on a line of its own, directly before the block or attribute in which the rule finds something. In SQL it stands before the line, or before the whole query as its first line. An empty line parts it from what follows."},
		{IgnoreExpired, "The comment ignored a rule until a day that has passed", "The comment said until when a finding may stay, and that day is over: the rule counts again. Mend the finding, or decide anew and set another day."},
		{IgnoreUnused, "The comment ignores a rule that finds nothing there", "The mistake is gone, or the comment stands before another block than it was meant for. `headgate lint --fix` takes it out."},
		{LintRule, "A lint setting names no rule, or no severity", "A rule is set by its name: --rule money_as_float=error, or rules = { money_as_float = \"off\" } in the lint block. The severities are off, info, warning and error; `headgate lint --list` prints the rules."},
		{LintFix, "The fixes would leave a project that does not compile", "Fixes change text and keep the meaning, and the project is compiled again before anything is written. This time it did not compile, so nothing was written. That is a bug in a rule: please report it with the message that follows; --rule NAME=off passes over the rule."},
		{DocumentForm, "A code block is not in the canonical form", "A code block of a document that is marked as headgate's is held to the form of `headgate fmt`, because readers copy it. `headgate lint --fix` rewrites it."},
		{LintFile, "The file is nothing to lint", "Arguments of `headgate lint` narrow what is reported to files of the project (*.gate.hcl, *.gate.json, the .sql files of its models) and Markdown documents."},
	}
}
