#!/usr/bin/env bash
# Plans a project for the GitHub action in action.yml. It always exits with 0 and
# leaves headgate's own exit code among the outputs, so that later steps can show
# what there is to show before the job ends.
#
# Reads   PLAN_FOLDER PLAN_ENVIRONMENT PLAN_BASE PLAN_ARGUMENTS (one a line)
#         and, from GitHub, RUNNER_TEMP GITHUB_OUTPUT GITHUB_STEP_SUMMARY
# Writes  outputs changes, exit-code, plan-file (may be empty), markdown-file
set -euo pipefail

out="$RUNNER_TEMP/headgate-plan"
rm -rf "$out"
mkdir -p "$out"

arguments=(plan -C "${PLAN_FOLDER:-.}" --format markdown --detailed-exitcode --json-into "$out/view.json")
if [ -n "${PLAN_ENVIRONMENT:-}" ]; then
  arguments+=(--env "$PLAN_ENVIRONMENT")
fi
if [ -n "${PLAN_BASE:-}" ]; then
  arguments+=(--base "$PLAN_BASE") # compares two revisions: there is nothing to apply
else
  arguments+=(--out "$out/plan.json")
fi
while IFS= read -r line; do
  if [ -n "$line" ]; then
    arguments+=("$line")
  fi
done <<<"${PLAN_ARGUMENTS:-}"

code=0
headgate "${arguments[@]}" >"$out/plan.md" 2>"$out/messages.txt" || code=$?
cat "$out/messages.txt" >&2

# Messages go below the plan, in a code block that none of their lines can end.
if [ -s "$out/messages.txt" ]; then
  {
    if [ ! -s "$out/plan.md" ]; then
      printf '### headgate plan: failed\n'
    fi
    printf '\n<details%s><summary>Messages</summary>\n\n' "$([ "$code" = 1 ] && echo ' open')"
    head -c 20000 "$out/messages.txt" | sed 's/^/    /'
    printf '\n\n</details>\n'
  } >>"$out/plan.md"
fi

changes=false
if [ -s "$out/view.json" ] && [ "$(jq -r '.changes // false' "$out/view.json")" = true ]; then
  changes=true
fi
plan=
if [ -s "$out/plan.json" ]; then
  plan="$out/plan.json"
fi
{
  echo "changes=$changes"
  echo "exit-code=$code"
  echo "plan-file=$plan"
  echo "markdown-file=$out/plan.md"
} >>"$GITHUB_OUTPUT"
cat "$out/plan.md" >>"$GITHUB_STEP_SUMMARY"
