package odcs

import (
	"slices"
	"strconv"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/contract/document"
	"github.com/headgate-data/headgate/compiler/contract/others"
)

// sayDocument writes contracts as a document.
func sayDocument(cs []*contract.Contract) *document.Value {
	first := rootOf(cs)
	kept := extension(first.Extensions, Kept)
	explicit := kept == nil
	root := sayRoot(kept, first, explicit, len(cs) == 1)
	stubs := document.ListOf() // how many objects there are decides what speaks for one
	for range max(len(cs), len(kept.Get("schema").Elements())) {
		stubs.Items = append(stubs.Items, document.NewMap())
	}
	root.Set("schema", stubs)
	objects := map[string]*document.Value{}
	for _, c := range cs {
		objects[c.Name] = sayObject(c, root, explicit)
	}
	list := document.ListOf()
	for _, x := range kept.Get("schema").Elements() {
		if !x.Is(document.String) {
			list.Items = append(list.Items, x)
		} else if object := objects[x.Text]; object != nil {
			list.Items = append(list.Items, object)
			delete(objects, x.Text)
		}
	}
	for _, c := range cs {
		if object := objects[c.Name]; object != nil {
			list.Items = append(list.Items, object)
			delete(objects, c.Name)
		}
	}
	root.Set("schema", list)
	root.Sort(documentOrder)
	tidy(root)
	return root
}

// partOrders are the orders of members inside the members of these names.
var partOrders = map[string][]string{
	"quality": qualityOrder, "logicalTypeOptions": optionOrder, "items": propertyOrder, "properties": propertyOrder,
	"description":              {"purpose", "usage", "limitations"},
	"authoritativeDefinitions": {"id", "type", "url", "description"},
	"customProperties":         {"id", "property", "value", "description"},
	"relationships":            {"id", "type", "from", "to", "customProperties"},
	"servers":                  {"id", "server", "type", "description", "environment", "location", "host", "port", "account", "project", "catalog", "database", "schema", "dataset"},
	"support":                  {"id", "channel", "tool", "scope", "url", "invitationUrl", "description"},
	"price":                    {"id", "priceAmount", "priceCurrency", "priceUnit"},
	"team":                     {"id", "username", "name", "role", "description", "dateIn", "dateOut", "replacedByUsername", "tags", "members"},
	"members":                  {"id", "username", "name", "role", "description", "dateIn", "dateOut", "replacedByUsername"},
	"roles":                    {"id", "role", "description", "access", "firstLevelApprovers", "secondLevelApprovers"},
	"slaProperties":            {"id", "property", "value", "valueExt", "unit", "element", "driver", "description", "scheduler", "schedule"},
}

// tidy brings what was kept, whose members are sorted by name, into the
// standard's order.
func tidy(v *document.Value) {
	for _, m := range v.Members {
		order := partOrders[m.Name]
		if order != nil && m.Value.Is(document.Map) {
			m.Value.Sort(order)
		}
		for _, x := range m.Value.Elements() {
			if order != nil && x.Is(document.Map) {
				x.Sort(order)
			}
		}
		if m.Name != "value" && m.Name != "implementation" && m.Name != "arguments" { // free to their users
			tidy(m.Value)
		}
	}
	for _, x := range v.Elements() {
		tidy(x)
	}
}

// rootOf returns the contract that a document's own parts were kept with, else
// the first.
func rootOf(cs []*contract.Contract) *contract.Contract {
	for _, c := range cs {
		if extension(c.Extensions, Kept) != nil {
			return c
		}
	}
	return cs[0]
}

// sayRoot writes the document less its objects.
func sayRoot(kept *document.Value, c *contract.Contract, explicit, alone bool) *document.Value {
	v := start(kept)
	status := "active"
	if c.DeprecatedAfter != "" {
		status = "deprecated"
	}
	for i, text := range []string{Version, "DataContract", c.Name, strconv.Itoa(c.Version) + ".0.0", status} {
		if v.Get(required[i]) == nil {
			v.Set(required[i], document.Of(text))
		}
	}
	if explicit && alone {
		v.Set("name", document.Of(c.Name))
	}
	version, owner, deprecated := documentWords(v)
	if version != c.Version {
		v.Set("version", document.Of(strconv.Itoa(c.Version)+".0.0"))
	}
	if owner != c.Owner {
		sayOwner(v, c.Owner)
	}
	if deprecated != c.DeprecatedAfter {
		v.Set("status", document.Of(status))
		if c.DeprecatedAfter != "" {
			sayEnd(v, c.DeprecatedAfter)
		}
	}
	for _, name := range required {
		if x := v.Get(name); x.Is(document.String) && x.Text == unsaid {
			v.Set(name, nil)
		}
	}
	v.Sort(documentOrder)
	return v
}

func sayOwner(v *document.Value, owner string) {
	team := v.Get("team")
	if team.Is(document.List) { // as version 3.0 has it
		team = document.NewMap().With("members", team)
	}
	team = start(team)
	team.Set("name", textOrNone(owner))
	team.Sort([]string{"id", "name", "description", "members"})
	v.Set("team", team)
	if len(team.Members) == 0 {
		v.Set("team", nil)
	}
}

// sayEnd sets the day of the end of support.
func sayEnd(v *document.Value, day string) {
	list := document.ListOf()
	done := false
	for _, p := range v.Get("slaProperties").Elements() {
		if !isEndOfSupport(p) {
			list.Items = append(list.Items, p)
		} else if !done {
			list.Items = append(list.Items, start(p).With("value", document.Of(day)))
			done = true
		}
	}
	if !done {
		list.Items = append(list.Items, document.NewMap().With("property", document.Of("endOfSupport")).With("value", document.Of(day)))
	}
	v.Set("slaProperties", list)
}

// sayObject writes a contract as an object of schema.
func sayObject(c *contract.Contract, root *document.Value, explicit bool) *document.Value {
	v := sayHead(extension(c.Extensions, KeptObject), c, root, explicit)
	list := document.ListOf()
	for i := range c.Columns {
		col := &c.Columns[i]
		list.Items = append(list.Items, sayColumn(extension(col.Extensions, Kept), col, slices.Index(c.Key, col.Name)+1, len(c.Key), explicit))
	}
	v.Set("properties", list)
	if got := (*notes)(nil).object(v, root); !slices.Equal(got.Key, c.Key) {
		for i, p := range list.Items {
			if place := slices.Index(c.Key, c.Columns[i].Name); place >= 0 {
				p.Set("primaryKeyPosition", document.OfNumber(strconv.Itoa(place+1)))
				p.Sort(propertyOrder)
			}
		}
	}
	v.Sort(objectOrder)
	return v
}

// sayHead writes an object less its properties.
func sayHead(kept *document.Value, c *contract.Contract, root *document.Value, explicit bool) *document.Value {
	v := start(kept)
	if v.Get("name") == nil || Name(v.Get("name").Str()) != c.Name {
		v.Set("name", document.Of(c.Name))
	}
	if explicit {
		v.Set("logicalType", document.Of("object"))
		v.Set("physicalType", document.Of("table"))
	}
	got := (*notes)(nil).head(v, root)
	if got.Description != c.Description {
		v.Set("description", document.Of(c.Description))
		if c.Description == "" && root.Get("description").Get("purpose") == nil {
			v.Set("description", nil)
		}
	}
	if !sameChecks((*notes)(nil).rowChecks(v, c.Columns), c.Checks) {
		var rules []*document.Value
		for i := range c.Checks {
			rules = append(rules, checkRule(&c.Checks[i], ""))
		}
		sayQuality(v, func(x *document.Value) bool { _, ok := ownCondition(x); return ok }, rules...)
	}
	sayWords(v, c, root, explicit)
	v.Sort(objectOrder)
	return v
}

// sayWords says the words that the standard lacks, as one custom property.
func sayWords(v *document.Value, c *contract.Contract, root *document.Value, explicit bool) {
	got := (*notes)(nil).head(v, root)
	now, was := settings(c), settings(got)
	version, owner, deprecated := documentWords(root)
	kept := ownExtensions(c.Extensions)
	old, more := others.OfContract(got), others.OfContract(c)
	words := start(custom(v, own))
	same := slices.Equal(got.Reserved, c.Reserved) && got.Version == c.Version && document.Equal(ownExtensions(got.Extensions), kept) && sameMembers(old, more)
	for i := range now {
		same = same && now[i].get == was[i].get
	}
	if same && !explicit {
		return
	}
	said := map[string]string{"owner": owner, "deprecated_after": deprecated}
	for _, w := range now {
		otherwise, ofDocument := said[w.name]
		if !ofDocument {
			otherwise = w.otherwise
		}
		words.Set(w.name, nil)
		if w.get != otherwise || (explicit && !ofDocument && w.get != "") {
			words.Set(w.name, document.Of(w.get))
		}
	}
	words.Set("version", nil)
	if c.Version != version {
		words.Set("version", document.OfNumber(strconv.Itoa(c.Version)))
	}
	words.Set("reserved", nil)
	if len(c.Reserved) > 0 {
		words.Set("reserved", document.Strings(c.Reserved))
	}
	if c.Schema != nil {
		words.Set("schema_file", document.Of(c.Schema.File))
	}
	words.Set("extensions", nil)
	if len(kept.Members) > 0 {
		words.Set("extensions", kept)
	}
	setMembers(words, old, more)
	if len(words.Members) == 0 {
		words = nil
	}
	setCustom(v, own, words)
}

func sameMembers(a, b []document.Member) bool {
	return slices.EqualFunc(a, b, func(x, y document.Member) bool { return x.Name == y.Name && document.Equal(x.Value, y.Value) })
}

// setMembers puts members in place of others.
func setMembers(v *document.Value, old, now []document.Member) {
	for _, m := range old {
		v.Set(m.Name, nil)
	}
	for _, m := range now {
		v.Set(m.Name, m.Value)
	}
}
