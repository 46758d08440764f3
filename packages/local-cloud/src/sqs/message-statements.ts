import type { DatabaseSync, StatementSync } from 'node:sqlite';

const SQL = {
  insert: `INSERT INTO message (queueId, messageId, body, bodyMd5, attributes, system, sentAt, visibleAt, groupId)
    VALUES ($queueId, $messageId, $body, $bodyMd5, $attributes, $system, $sentAt, $visibleAt, $groupId)`,
  firstVisible: 'SELECT seq FROM message WHERE queueId = ? AND visibleAt <= ? LIMIT 1',
  next: 'SELECT * FROM message WHERE queueId = $queueId AND visibleAt <= $now ORDER BY visibleAt, seq LIMIT $max',
  // A group with a hidden message waits for it.
  nextFifo: `SELECT * FROM message WHERE queueId = $queueId AND visibleAt <= $now
    AND groupId NOT IN (SELECT groupId FROM message WHERE queueId = $queueId AND visibleAt > $now)
    ORDER BY seq LIMIT $max`,
  oldestVisible: 'SELECT * FROM message WHERE queueId = ? AND visibleAt <= ? ORDER BY seq LIMIT ?',
  nextVisible: 'SELECT min(visibleAt) AS at FROM message WHERE queueId = ? AND visibleAt > ?',
  taken: `UPDATE message SET visibleAt = ?, receiveCount = receiveCount + 1,
    firstReceivedAt = coalesce(firstReceivedAt, ?), mapped = ? WHERE seq = ?`,
  bury: 'UPDATE message SET queueId = ?, sourceArn = ?, visibleAt = ?, mapped = 0 WHERE seq = ?',
  renew: `UPDATE message SET queueId = $queueId, messageId = $messageId, sentAt = $now, visibleAt = $now,
    receiveCount = 0, firstReceivedAt = NULL, sourceArn = NULL, mapped = 0 WHERE seq = $seq`,
  find: 'SELECT * FROM message WHERE seq = ? AND queueId = ? AND messageId = ?',
  hide: 'UPDATE message SET visibleAt = ? WHERE seq = ? AND queueId = ? AND messageId = ?',
  delete: 'DELETE FROM message WHERE seq = ? AND queueId = ? AND messageId = ?',
  purge: 'DELETE FROM message WHERE queueId = ?',
  expire: 'DELETE FROM message WHERE queueId = ? AND sentAt < ?',
  release: 'UPDATE message SET visibleAt = min(visibleAt, ?), mapped = 0 WHERE mapped = 1 RETURNING queueId',
  countVisible: 'SELECT count(*) AS count FROM message WHERE queueId = ? AND visibleAt <= ?',
  countHidden: `SELECT count(*) FILTER (WHERE receiveCount > 0) AS notVisible,
    count(*) FILTER (WHERE receiveCount = 0) AS delayed FROM message WHERE queueId = ? AND visibleAt > ?`,
  duplicate: 'SELECT messageId, sequenceNumber FROM deduplication WHERE queueId = ? AND key = ?',
  remember: 'INSERT OR REPLACE INTO deduplication VALUES (?, ?, ?, ?, ?)',
  forget: 'DELETE FROM deduplication WHERE queueId = ? AND expiresAt <= ?',
} as const;

export type Statements = Readonly<Record<keyof typeof SQL, StatementSync>>;

/** Prepares each statement once; preparing costs more than running most of them. */
export function prepareStatements(database: DatabaseSync): Statements {
  const prepared = Object.entries(SQL).map(([name, sql]) => [name, database.prepare(sql)] as const);
  return Object.fromEntries(prepared) as Statements;
}
