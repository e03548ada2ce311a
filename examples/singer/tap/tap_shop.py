"""A Singer tap over a small shop's exports: orders, incremental by updated_at.

It reads the JSON Lines files of the folder that its config names, oldest
change first, and leaves out what the bookmark of an earlier run has passed. It
needs Python 3 and nothing else.

    python3 tap_shop.py --config FILE [--state FILE] [--catalog FILE] [--discover]
"""

import argparse
import json
import pathlib
import sys

STREAM = "orders"
CURSOR = "updated_at"
SCHEMA = {
    "type": "object",
    "properties": {
        "id": {"type": "integer"},
        "customer": {
            "type": "object",
            "properties": {
                "name": {"type": "string"},
                "email": {"type": ["null", "string"]},
            },
        },
        "total": {"type": ["null", "number"]},
        "status": {"type": ["null", "string"]},
        "updated_at": {"type": "string", "format": "date-time"},
    },
}


def say(message):
    json.dump(message, sys.stdout, separators=(",", ":"))
    sys.stdout.write("\n")


def catalog():
    entry = {
        "tap_stream_id": STREAM,
        "stream": STREAM,
        "schema": SCHEMA,
        "key_properties": ["id"],
        "metadata": [
            {
                "breadcrumb": [],
                "metadata": {
                    "selected": True,
                    "table-key-properties": ["id"],
                    "forced-replication-method": "INCREMENTAL",
                    "valid-replication-keys": [CURSOR],
                },
            }
        ],
    }
    return {"streams": [entry]}


def records(folder):
    found = []
    for path in sorted(pathlib.Path(folder).glob("*.jsonl")):
        with path.open(encoding="utf-8") as lines:
            found += [json.loads(line) for line in lines if line.strip()]
    return sorted(found, key=lambda record: record[CURSOR])


def sync(config, state):
    bookmark = state.get("bookmarks", {}).get(STREAM, {}).get(CURSOR, config["start_date"])
    say({"type": "SCHEMA", "stream": STREAM, "schema": SCHEMA, "key_properties": ["id"], "bookmark_properties": [CURSOR]})
    sent = 0
    for record in records(config["folder"]):
        # The boundary is read again: two changes can carry the same instant. The
        # table's key keeps it from doubling.
        if record[CURSOR] < bookmark:
            continue
        say({"type": "RECORD", "stream": STREAM, "record": record})
        bookmark = record[CURSOR]
        sent += 1
    say({"type": "STATE", "value": {"bookmarks": {STREAM: {CURSOR: bookmark}}}})
    print(f"sent {sent} records, up to {bookmark}", file=sys.stderr)


def main():
    parser = argparse.ArgumentParser()
    for name in ("config", "state", "catalog"):
        parser.add_argument("--" + name)
    parser.add_argument("--discover", action="store_true")
    arguments = parser.parse_args()
    if arguments.discover:
        json.dump(catalog(), sys.stdout, indent=2)
        return
    config = json.loads(pathlib.Path(arguments.config).read_text(encoding="utf-8"))
    state = json.loads(pathlib.Path(arguments.state).read_text(encoding="utf-8") or "{}") if arguments.state else {}
    sync(config, state)


main()
