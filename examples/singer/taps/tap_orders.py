#!/usr/bin/env python3
"""A small Singer tap over a shop's exported orders.

It reads a CSV export, emits the stream `orders` with the replication key
`updated_at`, and gives a STATE after every 100 records and at the end. With a
state it starts at the bookmark, boundary included, as incremental taps do.

Config: path (the export), start_date (RFC 3339, optional), fail_after (records
after which it dies, for trying out what then happens).
"""
import argparse
import csv
import json
import os
import sys

SCHEMA = {
    "type": "object",
    "properties": {
        "id": {"type": "integer"},
        "customer": {
            "type": ["null", "object"],
            "properties": {
                "name": {"type": ["null", "string"]},
                "email": {"type": ["null", "string"]},
            },
        },
        "status": {"type": ["null", "string"]},
        "total": {"type": ["null", "number"], "multipleOf": 0.01},
        "updated_at": {"type": "string", "format": "date-time"},
    },
}
STREAM, KEY, CURSOR = "orders", "id", "updated_at"


def say(message):
    json.dump(message, sys.stdout, separators=(",", ":"))
    sys.stdout.write("\n")


def discover():
    metadata = {
        "inclusion": "available",
        "table-key-properties": [KEY],
        "valid-replication-keys": [CURSOR],
        "forced-replication-method": "INCREMENTAL",
    }
    entry = {
        "tap_stream_id": STREAM,
        "stream": STREAM,
        "schema": SCHEMA,
        "metadata": [{"breadcrumb": [], "metadata": metadata}],
    }
    json.dump({"streams": [entry]}, sys.stdout, indent=2)
    sys.stdout.write("\n")


def record(row):
    """One CSV row as the record that an API would have given."""
    return {
        "id": int(row["id"]),
        "customer": {"name": row["name"], "email": row["email"]},
        "status": row["status"] or None,
        "total": json.loads(row["total"]) if row["total"] else None,
        "updated_at": row["updated_at"],
    }


def sync(config, state):
    since = state.get("bookmarks", {}).get(STREAM, {}).get(CURSOR) or config.get("start_date", "")
    with open(config["path"], newline="", encoding="utf-8") as export:
        rows = sorted(csv.DictReader(export), key=lambda r: (r["updated_at"], int(r["id"])))
    say({"type": "SCHEMA", "stream": STREAM, "schema": SCHEMA, "key_properties": [KEY], "bookmark_properties": [CURSOR]})
    sent = 0
    for row in rows:
        if row["updated_at"] < since:
            continue
        if sent == config.get("fail_after"):
            sys.exit("the shop hung up")
        say({"type": "RECORD", "stream": STREAM, "record": record(row)})
        since, sent = row["updated_at"], sent + 1
        if sent % 100 == 0:
            say({"type": "STATE", "value": {"bookmarks": {STREAM: {CURSOR: since}}}})
    say({"type": "STATE", "value": {"bookmarks": {STREAM: {CURSOR: since}}}})
    print(f"sent {sent} records since {since or 'the beginning'}", file=sys.stderr)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--config", required=True)
    parser.add_argument("--state")
    parser.add_argument("--catalog")
    parser.add_argument("--discover", action="store_true")
    args = parser.parse_args()
    if args.discover:
        return discover()
    with open(args.config, encoding="utf-8") as f:
        config = json.load(f)
    state = {}
    if args.state and os.path.exists(args.state):
        with open(args.state, encoding="utf-8") as f:
            state = json.load(f) or {}
    sync(config, state)


if __name__ == "__main__":
    main()
