package projectrules

import (
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/headgate-data/headgate/compiler/lint"
	"github.com/headgate-data/headgate/lang"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
)

func plainSecret() *lint.Rule {
	return &lint.Rule{
		ID: "plain_secret", Severity: lint.Error, Local: true,
		Summary: "A secret stands in the configuration",
		Why:     "The file is in version control, with all its history, and the value goes into plans and the state. Everybody who can read one of them can sign in.",
		Fix:     "Write secret(\"NAME\"), which is read at the moment of use and never kept, and change the secret: this one is known.",
		Bad: `source "singer" "returns" {
  command = ["tap-returns"]
  config = {
    api_key = "k9mPq2vX7rT4wZ8n"
  }
}
`,
		Good: `source "singer" "returns" {
  command = ["tap-returns"]
  config = {
    api_key = secret("RETURNS_API_KEY")
  }
}
`,
		Check: func(p *lint.Pass) {
			eachBlock(p.Module().Blocks, func(b *lang.Block) {
				if b.Type == "contract" || b.Type == "test" || p.Parent(b) != nil && b.Type != "source" && b.Type != "destination" && b.Type != "setting" {
					return // texts of contracts and tests are data
				}
				for _, name := range slices.Sorted(maps.Keys(b.Attrs)) {
					secrets(p, label(b, name), b.Attrs[name].Expr)
				}
			})
		},
	}
}

// label is the name under which an attribute's value is to be judged: the default
// of a variable or setting is judged by what the block is called.
func label(b *lang.Block, attr string) string {
	if attr == "default" && (b.Type == "variable" || b.Type == "setting") && len(b.Labels) > 0 {
		return b.Labels[0]
	}
	return attr
}

// secrets reports the texts of an expression that are secrets. name is what the
// text is called; object items bring names of their own.
func secrets(p *lint.Pass, name string, e hcl.Expression) {
	if pairs, diags := hcl.ExprMap(e); !diags.HasErrors() {
		for _, pair := range pairs {
			key := name
			if v, bad := pair.Key.Value(nil); !bad.HasErrors() && v.Type() == cty.String && v.IsKnown() && !v.IsNull() {
				key = v.AsString()
			}
			secrets(p, key, pair.Value)
		}
		return
	}
	if list, diags := hcl.ExprList(e); !diags.HasErrors() {
		for _, item := range list {
			secrets(p, name, item)
		}
		return
	}
	text, ok := literal(e)
	if !ok {
		return
	}
	at := lang.Range(e.Range())
	switch {
	case urlPassword(text):
		hide(p, at, "The URL holds a password. Write ${secret(\"NAME\")} in its place.")
	case namesSecret(name) && !placeholder(text):
		hide(p, at, "%s is written out. Write secret(\"NAME\").", name)
	case knownForm(text) || randomText(text):
		hide(p, at, "The text looks like a key or token. Write secret(\"NAME\"), or ignore the rule with the reason.")
	}
}

// hide reports a secret, which the report must not spread further.
func hide(p *lint.Pass, at diag.Range, format string, args ...any) {
	p.Report(at, addr.Address{}, format, args...).Hidden = true
}

// literal returns the text of an expression that is a text and nothing else.
func literal(e hcl.Expression) (string, bool) {
	if t, ok := e.(*hclsyntax.TemplateExpr); ok && !t.IsStringLiteral() {
		return "", false
	}
	if len(e.Variables()) > 0 {
		return "", false
	}
	v, diags := e.Value(nil)
	if diags.HasErrors() || v.Type() != cty.String || !v.IsKnown() || v.IsNull() {
		return "", false
	}
	return v.AsString(), true
}

// namesSecret reports whether a name says that its value is a secret.
func namesSecret(name string) bool {
	if lint.HasWord(name, "path", "file", "url", "uri", "name", "type", "ttl", "expiry", "expires", "length", "field", "header", "policy", "id", "limit", "count", "env", "column") {
		return false
	}
	return lint.HasWord(name, "password", "passwd", "pwd", "passphrase", "secret", "token", "apikey", "credentials") ||
		lint.HasPhrase(name, "api key", "access key", "private key", "secret key", "auth key", "signing key", "client secret", "account key")
}

// placeholder reports whether a text stands for a secret that is not there.
func placeholder(text string) bool {
	low := strings.ToLower(strings.Trim(text, "<>[]{}$ "))
	return len(low) < 4 || slices.Contains([]string{"none", "null", "changeme", "example", "placeholder", "redacted", "todo", "test", "dummy"}, low) ||
		strings.Trim(low, "x*.-") == ""
}

// What secrets look like.
var (
	passwordInURL = regexp.MustCompile(`^[a-z][a-z0-9+.-]*://[^/?#@:]*:([^/?#@]+)@`)
	knownKey      = regexp.MustCompile(`^(AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{40,}|glpat-[A-Za-z0-9_-]{20,}|xox[abprs]-[A-Za-z0-9-]{10,}|sk_(live|test)_[A-Za-z0-9]{16,}|AIza[0-9A-Za-z_-]{35}|eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,})$`)
	oneWord       = regexp.MustCompile(`^[A-Za-z0-9+/_=-]+$`)
)

// urlPassword reports whether a text is a URL with a password in it.
func urlPassword(text string) bool {
	m := passwordInURL.FindStringSubmatch(strings.ToLower(text))
	return m != nil && !placeholder(m[1])
}

// knownForm reports whether a text has the form of a well-known kind of key.
func knownForm(text string) bool {
	return knownKey.MatchString(text) ||
		strings.Contains(text, "-----BEGIN ") && strings.Contains(text, "PRIVATE KEY-----")
}

// randomText reports whether a text is one long word of letters of both cases and
// digits that has no order in it: more than four bits a character.
func randomText(text string) bool {
	if len(text) < 32 || !oneWord.MatchString(text) {
		return false
	}
	has := func(class string) bool { return strings.ContainsAny(text, class) }
	if !has("0123456789") || !has("abcdefghijklmnopqrstuvwxyz") || !has("ABCDEFGHIJKLMNOPQRSTUVWXYZ") {
		return false
	}
	seen := map[rune]float64{}
	for _, r := range text {
		seen[r]++
	}
	bits := 0.0
	for _, r := range slices.Sorted(maps.Keys(seen)) {
		share := seen[r] / float64(len(text))
		bits -= share * math.Log2(share)
	}
	return bits > 4
}
