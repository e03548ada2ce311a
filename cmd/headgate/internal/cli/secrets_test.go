package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/headgate-data/headgate/compiler/program"
)

// TestSecretsAreStruckOut: a resolved value leaves the process in no form: not as
// it is, not inside JSON, not when another secret holds it.
func TestSecretsAreStruckOut(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "token"), []byte("from-a-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"PLAIN": "hunter2", "QUOTED": "a\"b\\c<&>", "LONGER": "hunter2-and-more", "SHORT": "yes"}
	var out bytes.Buffer
	a := newApp(IO{Out: &out, Err: &out, Dir: dir, LookupEnv: func(n string) (string, bool) { v, ok := env[n]; return v, ok }})
	resolve := a.resolver(map[string]string{"password": "swordfish"})
	parts := []program.Part{{Secret: "PLAIN"}, {Secret: "QUOTED"}, {Secret: "LONGER"}, {Secret: "SHORT"}, {Secret: "file:token"}, {Var: "password"}}
	want := []string{"hunter2", "a\"b\\c<&>", "hunter2-and-more", "yes", "from-a-file", "swordfish"}
	for i, p := range parts {
		if got, err := resolve(p); err != nil || got != want[i] {
			t.Errorf("%+v = %q, %v, want %q", p, got, err, want[i])
		}
	}
	for _, escape := range []bool{true, false} {
		enc := json.NewEncoder(a.io.Out)
		enc.SetEscapeHTML(escape)
		if err := enc.Encode(map[string]string{"error": strings.Join(want, " ")}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := a.io.Err.Write([]byte(strings.Join(want, " "))); err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"hunter2", "and-more", `a"b`, `a\"b`, "from-a-file", "swordfish"} {
		if strings.Contains(out.String(), secret) {
			t.Errorf("%q is left in %s", secret, out.String())
		}
	}
	if !strings.Contains(out.String(), "yes") {
		t.Error("a value of three letters was struck out; it would tear ordinary text apart")
	}
	for _, p := range []program.Part{{Secret: "MISSING"}, {Secret: "file:missing"}, {Var: "missing"}} {
		if _, err := resolve(p); err == nil || !strings.Contains(err.Error(), p.Secret+p.Var) {
			t.Errorf("%+v: %v, want an error that names it", p, err)
		}
	}
}
