package addr

import "testing"

func TestParseRoundTrip(t *testing.T) {
	for _, s := range []string{
		"headgate", "source.shop", "contract.orders.v2", "contract.orders", "pipeline.orders.stream.orders",
		`pipeline.orders["eu"].stream.orders`, `model.sales["e\"u"].v12`, `external."legacy.customers"`,
		`pipeline.p.stream."a b"`, "environment.prod", "destination.ware-house", `model.m["a.b[c]"].v1`,
	} {
		a, err := Parse(s)
		if err != nil {
			t.Errorf("Parse(%q): %v", s, err)
			continue
		}
		if got := a.String(); got != s {
			t.Errorf("Parse(%q).String() = %q", s, got)
		}
	}
	if a, err := Parse("external.legacy.customers"); err != nil || a.Name != "legacy.customers" {
		t.Errorf("dotted external: %+v, %v", a, err)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, s := range []string{"", "x", "shop.orders", "source", "source.", "model.m.v0", "model.m.v1.v2", "source.a.b",
		`model.m["a"`, `model.m[a]`, "pipeline.p.stream", "pipeline.p.stream.", "contract.c.v01", `source."a`, "headgate.x"} {
		if a, err := Parse(s); err == nil {
			t.Errorf("Parse(%q) = %+v, want an error", s, a)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(`pipeline.orders["eu"].stream.orders`)
	f.Fuzz(func(t *testing.T, s string) {
		a, err := Parse(s)
		if err != nil {
			return
		}
		if b, err := Parse(a.String()); err != nil || b != a {
			t.Fatalf("Parse(%q) = %+v, but its text %q gives %+v, %v", s, a, a.String(), b, err)
		}
	})
}
