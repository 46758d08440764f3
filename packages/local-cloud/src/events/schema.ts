/** Times are milliseconds since the epoch. `delivery` is the outbox: what has been accepted and not yet handed to its target. */
export const EVENTS_SCHEMA = `
  CREATE TABLE IF NOT EXISTS bus (name TEXT PRIMARY KEY, description TEXT, createdAt INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS rule (
    bus TEXT NOT NULL REFERENCES bus (name) ON DELETE CASCADE,
    name TEXT NOT NULL,
    pattern TEXT,
    schedule TEXT,
    state TEXT NOT NULL,
    description TEXT,
    PRIMARY KEY (bus, name)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS target (
    bus TEXT NOT NULL,
    rule TEXT NOT NULL,
    id TEXT NOT NULL,
    target TEXT NOT NULL,
    PRIMARY KEY (bus, rule, id),
    FOREIGN KEY (bus, rule) REFERENCES rule (bus, name) ON DELETE CASCADE
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS delivery (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    ruleArn TEXT NOT NULL,
    target TEXT NOT NULL,
    payload TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    acceptedAt INTEGER NOT NULL,
    dueAt INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS delivery_due ON delivery (dueAt);
`;
