import { leaseShards } from '@darkroom/types/catalogue';
import type {
  Clock,
  DropLease,
  EmitEvent,
  FindExpired,
  LeasedRecord,
  MoveLease,
  Redrive,
  Tell,
  WriteFailed,
} from '../ports.ts';
import { abandonedReason, CLOCK_SKEW_MS, failedEvent, GRACE_MS, planSweep, type SweepAction } from './sweep-plan.ts';

export interface SweepPorts {
  readonly findExpired: FindExpired;
  readonly moveLease: MoveLease;
  readonly writeFailed: WriteFailed;
  readonly dropLease: DropLease;
  readonly redrive: Redrive;
  readonly emit: EmitEvent;
  readonly now: Clock;
  readonly tell: Tell;
  readonly maxAttempts: number;
}

/** How many records of each kind a sweep dealt with. */
export interface SweepTally {
  readonly redriven: number;
  /** Approved by a person and put on the queue for the first time since. */
  readonly queued: number;
  readonly failed: number;
  readonly announced: number;
  readonly dropped: number;
  /** Somebody else was quicker: a claim, an end, or another sweep. */
  readonly overtaken: number;
  /** Could not be dealt with now; the next sweep finds them again. */
  readonly errors: number;
}

/** The lease moves first: should the message then be lost, the image is found again after the grace. False: overtaken. */
const toQueue = async (ports: SweepPorts, record: LeasedRecord): Promise<boolean> => {
  if (!(await ports.moveLease(record, ports.now() - CLOCK_SKEW_MS))) return false;
  const { imageId, bucket, key } = record;
  await ports.redrive({ kind: 'redrive', imageId, bucket, key });
  return true;
};

const redriveImage = async (ports: SweepPorts, record: LeasedRecord): Promise<keyof SweepTally> => {
  if (!(await toQueue(ports, record))) return 'overtaken';
  ports.tell('warn', 'abandoned image put back on the ingest queue', {
    imageId: record.imageId,
    attempt: record.attempt,
  });
  return 'redriven';
};

const queueImage = async (ports: SweepPorts, record: LeasedRecord): Promise<keyof SweepTally> => {
  if (!(await toQueue(ports, record))) return 'overtaken';
  ports.tell('info', 'approved image put on the ingest queue', { imageId: record.imageId, attempt: record.attempt });
  return 'queued';
};

const announceFailure = async (ports: SweepPorts, record: LeasedRecord): Promise<keyof SweepTally> => {
  await ports.emit(failedEvent(record));
  await ports.dropLease(record);
  return 'announced';
};

const failImage = async (ports: SweepPorts, record: LeasedRecord): Promise<keyof SweepTally> => {
  const reason = abandonedReason(record);
  const failed = await ports.writeFailed(record, reason, new Date(ports.now()).toISOString());
  if (failed === undefined) return 'overtaken';
  ports.tell('error', 'abandoned image failed for good', { imageId: record.imageId, attempt: record.attempt, reason });
  await announceFailure(ports, failed);
  return 'failed';
};

const dropImage = async (ports: SweepPorts, record: LeasedRecord): Promise<keyof SweepTally> => {
  await ports.dropLease(record);
  return 'dropped';
};

const actions: Readonly<Record<SweepAction, typeof dropImage>> = {
  queue: queueImage,
  redrive: redriveImage,
  fail: failImage,
  announce: announceFailure,
  drop: dropImage,
};

const sweepImage = async (ports: SweepPorts, record: LeasedRecord): Promise<keyof SweepTally> => {
  try {
    return await actions[planSweep(record, ports.maxAttempts)](ports, record);
  } catch (error) {
    ports.tell('error', 'abandoned image could not be swept', { imageId: record.imageId, error });
    return 'errors';
  }
};

const sweepShard = async (ports: SweepPorts, shard: string): Promise<(keyof SweepTally)[]> => {
  const outcomes: (keyof SweepTally)[] = [];
  try {
    const records = await ports.findExpired(shard, ports.now() - GRACE_MS);
    for (const record of records) outcomes.push(await sweepImage(ports, record));
  } catch (error) {
    ports.tell('error', 'lease shard could not be read', { shard, error });
    outcomes.push('errors');
  }
  return outcomes;
};

/**
 * One sweep over all lease shards: images whose holder vanished are put back on the ingest queue, or failed when their
 * attempts are used up. Any number of sweeps may run at once; each write holds only if nobody changed the record since.
 * Never throws: what one image or one shard did not allow is told, tallied under `errors`, and found again next time.
 */
export const sweep = async (ports: SweepPorts): Promise<SweepTally> => {
  const outcomes = (await Promise.all(leaseShards.map((shard) => sweepShard(ports, shard)))).flat();
  const count = (kind: keyof SweepTally): number => outcomes.filter((outcome) => outcome === kind).length;
  return {
    redriven: count('redriven'),
    queued: count('queued'),
    failed: count('failed'),
    announced: count('announced'),
    dropped: count('dropped'),
    overtaken: count('overtaken'),
    errors: count('errors'),
  };
};
