package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The secrets of TestSecrets. Each has characters that JSON, logs or HTML escape.
var secretMarkers = map[string]string{
	"TOKEN":               `mark-<er>-one&"quoted\1`,
	"PASSWORD":            "mark-er-two\tand more",
	"HEADGATE_VAR_hidden": "mark-er-three",
	"FOLDER":              "mark-er-four",
}

const secretProject = `
headgate {
  name = "secrets"
}
variable "hidden" {
  type      = string
  sensitive = true
}
locals {
  auth = "Bearer ${secret("TOKEN")} of ${var.hidden}"
}
environment "dev" {
  default   = true
  log_level = "debug"
  env = {
    OUTER = "outer ${secret("PASSWORD")}"
  }
}
source "singer" "tap" {
  command = ["sh", "${path.root}/tap.sh", "--auth=${local.auth}"]
  catalog = "none"
  state   = "none"
  config = {
    token    = secret("TOKEN")
    url      = "https://user:${secret("PASSWORD")}@host/?t=${var.hidden}"
    deep     = { list = [{ x = local.auth }] }
    password = secret("file:secret.txt")
  }
  env = {
    INNER = "inner ${var.hidden}"
  }
}
destination "duckdb" "w" {
  path = "${path.root}/${secret("FOLDER")}/w.duckdb"
}
contract "orders" {
  column "id" {
    type     = int64
    required = true
  }
}
pipeline "orders" {
  from = source.tap
  to   = destination.w
  stream "orders" {
    contract = contract.orders.v1
    table    = "raw.orders"
    write    = "append"
  }
}
`

// chattyTap tells all that it was told, on stderr and as a message that is no
// Singer message, and ends as the file "code" says.
const chattyTap = `
printf 'args: %s\n' "$*" >&2
printf 'env: %s\n' "$OUTER / $INNER" >&2
while [ $# -gt 0 ]; do
  if [ "$1" = --config ]; then cat "$2" >&2; echo >&2; fi
  shift
done
echo '{"type":"SCHEMA","stream":"orders","key_properties":[],"schema":{"type":"object","properties":{"id":{"type":"integer"}}}}'
echo '{"type":"RECORD","stream":"orders","record":{"id":1}}'
echo '{"type":"RECORD","stream":"orders","record":{"id":"bad"}}'
echo '{"type":"STATE","value":{"n":1}}'
if [ -f "$FAIL" ]; then
  printf 'fatal: %s\n' "$OUTER / $INNER / not JSON"
  printf 'cannot log in with %s\n' "$OUTER / $INNER" >&2
  exit 3
fi
`

// TestSecrets gives a tap secrets in its config, its command, its environment and
// inside templates, lets it shout them, end well and fail, and wants none of them
// in anything that headgate writes.
func TestSecrets(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "project.gate.hcl", secretProject)
	write(t, dir, "tap.sh", chattyTap)
	write(t, dir, "secret.txt", "mark-er-five\n")
	write(t, dir, "mark-er-four/README", "where the destination is\n")
	var printed bytes.Buffer
	run := func(args ...string) string {
		t.Helper()
		cmd := headgate(dir, args...)
		cmd.Env = append(os.Environ(), "FAIL="+filepath.Join(dir, "fail"))
		for name, value := range secretMarkers {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
		out, err := cmd.CombinedOutput()
		t.Logf("headgate %s: %v", strings.Join(args, " "), err)
		printed.Write(out)
		return string(out)
	}
	run("validate", "--format", "json")
	run("plan", "--out", "plan.json")
	run("plan", "--format", "json")
	if out := run("apply", "plan.json", "--json-into", "report.json", "--events-into", "events.jsonl", "--log-level", "debug"); !strings.Contains(out, "(secret)") {
		t.Errorf("the tap's stderr was not seen with its secrets struck out:\n%s", out)
	}
	write(t, dir, "fail", "")
	if out := run("run", "--format", "json", "--json-into", "failed.json", "--log-level", "debug"); !strings.Contains(out, "HG7202") {
		t.Errorf("the tap did not fail:\n%s", out)
	}
	run("run", "--format", "markdown")
	run("run")
	run("show", "plan.json")
	run("show", "--format", "json")
	run("state", "show", "source.tap", "--format", "json")
	run("state", "show", "environment.dev")
	run("quarantine", "list", "--format", "json")
	run("quarantine", "show", "1")
	run("graph", "--format", "json")
	run("source", "discover")
	files := 0
	look := func(name string, text []byte) {
		for _, form := range []string{"mark-", "er-one", "er-two", "er-three", "er-four", "er-five"} {
			if at := bytes.Index(text, []byte(form)); at >= 0 {
				t.Errorf("%s holds %q: %q", name, form, text[max(0, at-80):min(len(text), at+80)])
			}
		}
	}
	look("the output", printed.Bytes())
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == "secret.txt" {
			return err
		}
		text, err := os.ReadFile(path)
		files++
		look(path, text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 7 {
		t.Errorf("only %d files were looked at", files)
	}
}
