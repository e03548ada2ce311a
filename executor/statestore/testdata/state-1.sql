-- What version 1 of the layout wrote. Never changed: every later headgate reads it.
PRAGMA journal_mode = WAL;
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE environments (
	name TEXT PRIMARY KEY, project TEXT NOT NULL,
	definition_serial INTEGER NOT NULL, data_serial INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE nodes (
	environment TEXT NOT NULL, address TEXT NOT NULL, node BLOB NOT NULL,
	PRIMARY KEY (environment, address)
) STRICT;
CREATE TABLE retired (
	environment TEXT NOT NULL, build TEXT NOT NULL, address TEXT NOT NULL, relation BLOB NOT NULL,
	PRIMARY KEY (environment, build, address)
) STRICT;
CREATE TABLE leases (
	environment TEXT NOT NULL, key TEXT NOT NULL, token INTEGER NOT NULL, held INTEGER NOT NULL,
	run_id TEXT NOT NULL, who TEXT NOT NULL, command TEXT NOT NULL,
	machine TEXT NOT NULL, pid INTEGER NOT NULL, started TEXT NOT NULL,
	since INTEGER NOT NULL, expires INTEGER NOT NULL,
	PRIMARY KEY (environment, key)
) STRICT;
CREATE TABLE runs (
	id TEXT PRIMARY KEY, environment TEXT NOT NULL, command TEXT NOT NULL, status TEXT NOT NULL,
	started INTEGER NOT NULL, ended INTEGER, report BLOB
) STRICT;
CREATE INDEX runs_by_start ON runs (environment, started DESC);
INSERT INTO meta VALUES ('format_version', '1'), ('lineage', '0123456789abcdef0123456789abcdef');
INSERT INTO environments VALUES ('dev', 'shop', 3, 4);
INSERT INTO nodes VALUES ('dev', 'source.a', CAST('{"definition":{"address":"source.a","range":{"filename":"a.gate.hcl","start":{"line":1,"column":1,"byte":0},"end":{"line":1,"column":18,"byte":17}},"source":{"type":"file","file":{"path":"data/*.jsonl","format":"jsonl","compression":"auto","header":false}}},"build":"b1","data":{"version":"9007199254740993","rows":"2","bookmark":{"files":{}}},"applied_at":"2026-01-02T03:04:05Z","run_id":"r1","serial":"3"}' AS BLOB));
INSERT INTO retired VALUES ('dev', 'b0', 'model.m.v1', CAST('{"address":"model.m.v1","destination":"destination.d","schema":"s","name":"m_v1","build":"b0","retired_at":"2026-01-02T03:04:05Z","drop_after":"2026-01-09T03:04:05Z"}' AS BLOB));
INSERT INTO leases VALUES ('dev', 'definitions', 1790000000000000, 0, 'r1', 'ann@host', 'headgate apply', 'host', 1, '5', 0, 0);
INSERT INTO runs VALUES ('r1', 'dev', 'apply', 'success', 1767323045000000, 1767323046000000, CAST('{}' AS BLOB));
