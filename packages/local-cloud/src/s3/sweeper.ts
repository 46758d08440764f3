import { randomUUID } from 'node:crypto';
import { isExpired, type LifecycleRule, parseLifecycle, startOfDue } from './rules/lifecycle.ts';
import type { Bucket } from './store/buckets.ts';
import type { S3Store } from './store/store.ts';

/** Objects looked at between two transactions. */
const BATCH = 1000;

function expireObjects(store: S3Store, bucket: Bucket, rule: LifecycleRule): number {
  if (!rule.expiration) return 0;
  const now = store.context.now();
  const cause = { event: 'LifecycleExpiration:Delete', requestId: randomUUID(), sourceIp: 's3.amazonaws.com' } as const;
  let expired = 0;
  let from = rule.prefix;
  for (;;) {
    const objects = store.objects.range(bucket.name, { prefix: rule.prefix, from, limit: BATCH });
    const due = objects.filter((object) => isExpired(rule, object, now)).map(({ key }) => key);
    if (due.length > 0) store.deleteObjects(bucket.name, due, cause);
    expired += due.length;
    if (objects.length < BATCH) return expired;
    from = `${objects.at(-1)?.key ?? ''}\0`;
  }
}

function abortUploads(store: S3Store, bucket: Bucket, rule: LifecycleRule): number {
  if (rule.abortDays === undefined) return 0;
  const before = startOfDue(store.context.now(), rule.abortDays);
  const due = store.uploads.begunBefore(bucket.name, before).filter(({ key }) => key.startsWith(rule.prefix));
  for (const { id } of due) store.abortUpload(id);
  return due.length;
}

/** Acts on every bucket's lifecycle rules (https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html). */
export function sweep(store: S3Store): void {
  for (const bucket of store.buckets.list()) {
    if (!bucket.config.lifecycle) continue;
    for (const rule of parseLifecycle(bucket.config.lifecycle)) {
      const [objects, uploads] = [expireObjects(store, bucket, rule), abortUploads(store, bucket, rule)];
      if (objects + uploads > 0)
        store.context.log('info', 'lifecycle rules acted', { bucket: bucket.name, objects, uploads });
    }
  }
}
