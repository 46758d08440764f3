/** Times are milliseconds since the epoch. `visibleAt` orders the messages of a standard queue; `seq` those of a FIFO queue. */
export const SQS_SCHEMA = `
  CREATE TABLE IF NOT EXISTS queue (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    attributes TEXT NOT NULL,
    tags TEXT NOT NULL,
    createdAt INTEGER NOT NULL,
    modifiedAt INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS message (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    queueId INTEGER NOT NULL REFERENCES queue (id) ON DELETE CASCADE,
    messageId TEXT NOT NULL,
    body TEXT NOT NULL,
    bodyMd5 TEXT NOT NULL,
    attributes TEXT,
    system TEXT NOT NULL,
    sentAt INTEGER NOT NULL,
    visibleAt INTEGER NOT NULL,
    receiveCount INTEGER NOT NULL DEFAULT 0,
    firstReceivedAt INTEGER,
    mapped INTEGER NOT NULL DEFAULT 0,
    groupId TEXT,
    sourceArn TEXT
  ) STRICT;
  CREATE INDEX IF NOT EXISTS message_ready ON message (queueId, visibleAt, seq);
  CREATE INDEX IF NOT EXISTS message_age ON message (queueId, sentAt);
  CREATE INDEX IF NOT EXISTS message_mapped ON message (mapped) WHERE mapped = 1;
  CREATE TABLE IF NOT EXISTS deduplication (
    queueId INTEGER NOT NULL REFERENCES queue (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    messageId TEXT NOT NULL,
    sequenceNumber TEXT NOT NULL,
    expiresAt INTEGER NOT NULL,
    PRIMARY KEY (queueId, key)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS move_task (
    id TEXT PRIMARY KEY,
    sourceArn TEXT NOT NULL,
    destinationArn TEXT,
    perSecond INTEGER,
    status TEXT NOT NULL,
    moved INTEGER NOT NULL DEFAULT 0,
    toMove INTEGER NOT NULL,
    failure TEXT,
    startedAt INTEGER NOT NULL
  ) STRICT;
`;
