#!/usr/bin/env bash
# Keeps one comment in a pull request that holds the text of a file: writes it at
# the first call, and writes that one anew afterwards.
#
# Reads   COMMENT_FILE    the text, Markdown
#         COMMENT_KEY     tells several comments of one pull request apart
#         COMMENT_AUTHOR  the account that writes; a comment of anybody else with
#                         the same marker is left alone
#         COMMENT_TOKEN   with pull-requests write; without that right (a pull
#                         request from a fork) it says so and ends well
#         PULL_REQUEST GITHUB_REPOSITORY GITHUB_API_URL
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
api="${GITHUB_API_URL:-https://api.github.com}/repos/$GITHUB_REPOSITORY"
marker="<!-- headgate-plan $(printf '%s' "$COMMENT_KEY" | tr -c 'A-Za-z0-9._/-' '_') -->"

# call METHOD PATH [BODY-FILE]: the answer goes to $work/answer, its status to
# $status. The token is read from a file, so that no list of processes shows it.
printf 'header = "Authorization: Bearer %s"\n' "$COMMENT_TOKEN" >"$work/curl"
call() {
  local body=()
  if [ $# = 3 ]; then
    body=(--data-binary "@$3" --header 'Content-Type: application/json')
  fi
  status=$(curl --silent --show-error --config "$work/curl" --request "$1" --header 'Accept: application/vnd.github+json' \
    --max-time 60 --output "$work/answer" --write-out '%{http_code}' "${body[@]}" "$api/$2")
  case $status in
  2*) ;;
  401 | 403 | 404)
    echo "::notice::The token may not $1 comments of this pull request (HTTP $status); the plan is in the summary of the run."
    exit 0
    ;;
  *)
    echo "::error::GitHub answered $1 $2 with HTTP $status: $(head -c 300 "$work/answer" | tr '\n' ' ')"
    exit 1
    ;;
  esac
}

# GitHub takes 65,536 characters. What is longer ends at a line, and says so.
limit=65000
{
  echo "$marker"
  cat "$COMMENT_FILE"
} >"$work/text"
if [ "$(wc -c <"$work/text")" -gt "$limit" ]; then
  head -c $((limit - 300)) "$work/text" | sed '$d' >"$work/cut"
  printf '\n*The rest is too long for a comment; the summary of the run has all of it.*\n' >>"$work/cut"
  mv "$work/cut" "$work/text"
fi
jq --null-input --rawfile text "$work/text" '{body: $text}' >"$work/body.json"

id=
page=1
while [ -z "$id" ]; do
  call GET "issues/$PULL_REQUEST/comments?per_page=100&page=$page"
  id=$(jq -r --arg marker "$marker" --arg author "$COMMENT_AUTHOR" \
    'map(select(.user.login == $author and (.body | startswith($marker))))[0].id // empty' "$work/answer")
  if [ "$(jq length "$work/answer")" -lt 100 ]; then
    break
  fi
  page=$((page + 1))
done

if [ -z "$id" ]; then
  call POST "issues/$PULL_REQUEST/comments" "$work/body.json"
elif [ "$(jq -r --argjson id "$id" '.[] | select(.id == $id) | .body' "$work/answer" | tr -d '\r')" != "$(cat "$work/text")" ]; then
  call PATCH "issues/comments/$id" "$work/body.json"
fi
