package diag

// The codes of the language: reading files, syntax, blocks and attributes.
const (
	Syntax           Code = "HG1001"
	BadJSON          Code = "HG1002"
	NotText          Code = "HG1003"
	TooDeep          Code = "HG1004"
	Unreadable       Code = "HG1005"
	TooLarge         Code = "HG1006"
	NoConfiguration  Code = "HG1007"
	NumberRange      Code = "HG1008"
	UnknownBlock     Code = "HG1010"
	UnknownAttribute Code = "HG1011"
	MissingRequired  Code = "HG1012"
	WrongLabels      Code = "HG1013"
	RepeatedBlock    Code = "HG1014"
	RepeatedAttr     Code = "HG1015"
	UnknownVariant   Code = "HG1016"
	BlockOrAttr      Code = "HG1017"
	InlineAndBlock   Code = "HG1018"
	BadLabel         Code = "HG1019"
	NotBuiltYet      Code = "HG1090"
)

func langCodes() []Info {
	return []Info{
		{Syntax, "The text is not valid HCL", "The parser could not read the text at the place shown: a bracket or quote is not closed, an operator has no operand, two attributes stand on one line. The rest of the file, and every other file, is checked all the same; names that the broken part would have declared are not missed.\n\n  name = \"shop      # the closing quote is missing"},
		{BadJSON, "The text is not valid JSON", "A *.gate.json file must be one JSON object in HCL's JSON syntax: a block is an object under its type and labels, an attribute is a member. Comments are members named \"//\".\n\n  {\"source\": {\"file\": {\"events\": {\"path\": \"data/*.jsonl\"}}}}"},
		{NotText, "The file is not UTF-8 text", "Configuration is UTF-8. The message says at which byte the first foreign byte stands. Save the file as UTF-8; a byte order mark in front is taken and ignored."},
		{TooDeep, "The text is nested too deeply", "Brackets, templates and chains of operators may go 500 deep in all. No sensible configuration comes near; generated text that does should be split with locals."},
		{Unreadable, "A file cannot be read", "The file system refused a file or folder of the project. The message is the system's own; check that it exists and that its permissions let you read it."},
		{TooLarge, "The file is too large", "A configuration file may hold 16 MiB. Split it: file names carry no meaning, and sub-folders are read too."},
		{NoConfiguration, "There is no configuration here", "A project is a folder with *.gate.hcl or *.gate.json files. Run the command in that folder, or name it with -C; `headgate init` makes a new one."},
		{NumberRange, "The number is out of range", "A number may have up to 500 characters and an exponent of at most 500: greater ones fit no column type."},
		{UnknownBlock, "There is no such block", "The language has no block of this type at this place. The message names the nearest one that fits, if there is any; docs/reference/language.md lists them all.\n\n  contrakt \"orders\" {}   # did you mean contract?"},
		{UnknownAttribute, "There is no such attribute", "The block takes no attribute of this name. The message names the nearest one that fits; docs/reference/language.md lists them all.\n\n  column \"id\" {\n    typ = int64   # did you mean type?\n  }"},
		{MissingRequired, "A required attribute is missing", "The block cannot do without this attribute. The message says what it is for.\n\n  source \"file\" \"events\" {}   # path is missing"},
		{WrongLabels, "The block's labels are not those it takes", "Each type of block takes a fixed number of labels between its type and the brace.\n\n  source \"events\" {}         # the type is missing\n  source \"file\" \"events\" {}  # right"},
		{RepeatedBlock, "The block stands twice", "Two blocks of one type and the same labels stand in one place, in one file or in two. The first is used, and the message shows where it is. Rename one of them, or put them together. A source's or destination's type is no part of its name."},
		{RepeatedAttr, "The attribute is set twice", "An attribute can be set once in a block. The first value is used; take one of them out."},
		{UnknownVariant, "There is no such type of source, destination or state", "The first label of source, destination and state says of which type it is. The message names those there are.\n\n  source \"files\" \"events\" {}   # did you mean file?"},
		{BlockOrAttr, "A block is written as an attribute, or the other way round", "A block is written without an equals sign, an attribute with one.\n\n  batch = { rows = 100 }   # wrong: batch is a block\n  batch { rows = 100 }"},
		{InlineAndBlock, "A version's content stands beside version blocks", "A contract or model without version blocks has one version, whose content is the block's own. As soon as there is a version block, everything that belongs to a version must stand inside one.\n\n  contract \"orders\" {\n    key = [\"id\"]      # wrong: belongs into version \"1\"\n    version \"1\" {}\n  }"},
		{BadLabel, "The label is not usable", "A name that other blocks refer to must be an identifier: a letter or underscore, then letters, digits, underscores and dashes. A version's label is a positive whole number in quotes, without leading zeros. No label is empty."},
		{NotBuiltYet, "This part of the language is not built yet", "headgate knows the block or attribute, but this version cannot do what it says, and does not pass over it in silence. The message says what to do meanwhile. Take it out, or wait for a later version."},
	}
}
