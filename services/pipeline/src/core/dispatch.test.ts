import { originalKey } from '@darkroom/types/keys';
import type { StoreResult, WorkflowInput } from '@darkroom/types/workflow';
import {
  BUCKET,
  head,
  IMAGE_ID,
  message,
  NOW,
  notification,
  nthId,
  poisons,
  record,
  TEST_EVENT,
} from '../../test/support/fixtures.ts';
import type { ClaimOutcome } from '../ports.ts';
import type { ClaimCandidate } from './claim.ts';
import { type DispatchPorts, dispatch } from './dispatch.ts';

interface Script {
  readonly claim?: (candidate: ClaimCandidate) => ClaimOutcome | Error;
  readonly status?: (imageId: string) => StoreResult['status'] | undefined;
  readonly workflow?: Error;
  readonly head?: (key: string) => typeof head | undefined | Error;
  readonly delay?: Error;
}

/** Ports that keep what they were asked; everything succeeds unless the script says otherwise. */
const scripted = (script: Script = {}) => {
  const seen = {
    inputs: [] as WorkflowInput[],
    claims: [] as ClaimCandidate[],
    heads: [] as string[],
    discarded: [] as string[],
    delays: new Map<string, number>(),
    rejected: 0,
    told: [] as string[],
  };
  const orThrow = <T>(value: T | Error): T => {
    if (value instanceof Error) throw value;
    return value;
  };
  const ports: DispatchPorts = {
    head: async (_bucket, key) => {
      seen.heads.push(key);
      return orThrow(script.head ? script.head(key) : head);
    },
    discard: async (_bucket, key) => {
      seen.discarded.push(key);
    },
    claim: async (candidate) => {
      seen.claims.push(candidate);
      const won = (): ClaimOutcome => ({
        kind: 'claimed',
        record: record({ imageId: candidate.imageId, key: candidate.key, attempt: candidate.receiveCount }),
      });
      return orThrow(script.claim ? script.claim(candidate) : won());
    },
    runWorkflow: async (input) => {
      seen.inputs.push(input);
      if (script.workflow) throw script.workflow;
      return input.images.flatMap(({ imageId }) => {
        const status = script.status ? script.status(imageId) : 'READY';
        return status === undefined ? [] : [{ imageId, status }];
      });
    },
    delay: async (handle, seconds) => {
      seen.delays.set(handle, seconds);
      if (script.delay) throw script.delay;
    },
    countRejected: (messages) => {
      seen.rejected += messages;
    },
    now: () => NOW,
    tell: (_level, text) => seen.told.push(text),
    defaultTenant: 'default',
    originalsBucket: BUCKET,
  };
  return { ports, seen };
};

const batchOf = (bodies: readonly string[]) => bodies.map((body, n) => message(body, { messageId: `m${n}` }));
const failedIds = async (ports: DispatchPorts, messages: ReturnType<typeof batchOf>) =>
  (await dispatch(ports, messages)).batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
const imagesOf = (inputs: WorkflowInput[]) => inputs.flatMap(({ images }) => images.map(({ imageId }) => imageId));

describe('dispatch', () => {
  it('runs one workflow for a batch and lets all of it go', async () => {
    const { ports, seen } = scripted();
    const messages = batchOf(Array.from({ length: 10 }, (_, n) => notification(nthId(n))));

    await expect(dispatch(ports, messages)).resolves.toEqual({ batchItemFailures: [] });

    expect(seen.inputs).toHaveLength(1);
    expect(imagesOf(seen.inputs)).toEqual(Array.from({ length: 10 }, (_, n) => nthId(n)));
    expect(seen.delays.size).toBe(0);
  });

  it('hands the workflow what the object and the record say', async () => {
    const { ports, seen } = scripted();
    await dispatch(ports, [message(notification(IMAGE_ID))]);
    expect(seen.inputs[0]?.images[0]).toMatchObject({
      imageId: IMAGE_ID,
      tenant: 'acme',
      attempt: 1,
      announcedSha256: 'a'.repeat(64),
    });
  });

  it('lets the test event go', async () => {
    const { ports, seen } = scripted();
    await expect(dispatch(ports, [message(TEST_EVENT)])).resolves.toEqual({ batchItemFailures: [] });
    expect(seen.inputs).toEqual([]);
    expect(seen.discarded).toEqual([]);
  });

  it('deletes bytes that came after their image was deleted, and lets the message go', async () => {
    const { ports, seen } = scripted({ claim: () => ({ kind: 'deleted' }) });
    await expect(failedIds(ports, batchOf([notification(IMAGE_ID)]))).resolves.toEqual([]);
    expect(seen.discarded).toEqual(seen.heads);
    expect(seen.inputs).toEqual([]);
  });

  it('gives back exactly the image that must be tried again, after the wait of its attempt', async () => {
    const { ports, seen } = scripted({ status: (imageId) => (imageId === nthId(1) ? 'RETRY' : 'READY') });
    const messages = [
      message(notification(nthId(0)), { messageId: 'm0' }),
      message(notification(nthId(1)), { messageId: 'm1', receiveCount: 2 }),
    ];
    await expect(failedIds(ports, messages)).resolves.toEqual(['m1']);
    expect([...seen.delays]).toEqual([['handle of m1', 30]]);
  });

  it.each(['READY', 'REJECTED', 'REVIEW', 'FAILED', 'SUPERSEDED'] as const)(
    'lets an image go that is %s',
    async (status) => {
      const { ports } = scripted({ status: () => status });
      await expect(failedIds(ports, batchOf([notification(IMAGE_ID)]))).resolves.toEqual([]);
    },
  );

  it('gives back an image that the workflow does not mention', async () => {
    const { ports } = scripted({ status: (imageId) => (imageId === nthId(0) ? undefined : 'READY') });
    await expect(failedIds(ports, batchOf([notification(nthId(0)), notification(nthId(1))]))).resolves.toEqual(['m0']);
  });

  it('gives back the images of an execution that failed, and lets go what was never in it', async () => {
    const { ports, seen } = scripted({
      workflow: new Error('TIMED_OUT'),
      claim: ({ imageId }) =>
        imageId === nthId(0) ? { kind: 'done' } : { kind: 'claimed', record: record({ imageId }) },
    });
    const messages = batchOf([notification(nthId(0)), notification(nthId(1)), TEST_EVENT]);
    await expect(failedIds(ports, messages)).resolves.toEqual(['m1']);
    expect(seen.delays.get('handle of m1')).toBe(5);
  });

  it.each(['done', 'held'] as const)('lets a message go whose image is %s', async (kind) => {
    const { ports, seen } = scripted({ claim: () => ({ kind }) });
    await expect(failedIds(ports, batchOf([notification(IMAGE_ID)]))).resolves.toEqual([]);
    expect(seen.inputs).toEqual([]);
  });

  it('gives back only the image whose claim fails', async () => {
    const { ports, seen } = scripted({
      claim: ({ imageId }) =>
        imageId === nthId(1) ? new Error('throttled') : { kind: 'claimed', record: record({ imageId }) },
    });
    await expect(failedIds(ports, batchOf([notification(nthId(0)), notification(nthId(1))]))).resolves.toEqual(['m1']);
    expect(imagesOf(seen.inputs)).toEqual([nthId(0)]);
  });

  it('gives back an image that S3 does not answer for', async () => {
    const { ports } = scripted({ head: () => new Error('503') });
    await expect(failedIds(ports, batchOf([notification(IMAGE_ID)]))).resolves.toEqual(['m0']);
  });

  it('lets a message go whose object is gone', async () => {
    const { ports, seen } = scripted({ head: () => undefined });
    await expect(failedIds(ports, batchOf([notification(IMAGE_ID)]))).resolves.toEqual([]);
    expect(seen.claims).toEqual([]);
    expect(seen.told).toContain('original is gone, nothing to process');
  });

  it('brings an image to an end whose object is gone, when the sweeper asks', async () => {
    const { ports, seen } = scripted({ head: () => undefined });
    const redrive = JSON.stringify({ kind: 'redrive', imageId: IMAGE_ID, bucket: BUCKET, key: originalKey(IMAGE_ID) });
    await expect(failedIds(ports, batchOf([redrive]))).resolves.toEqual([]);
    expect(seen.claims).toMatchObject([{ facts: null, redrive: true }]);
    expect(imagesOf(seen.inputs)).toEqual([IMAGE_ID]);
  });

  it('answers the same when SQS does not take the wait', async () => {
    const { ports } = scripted({ status: () => 'RETRY', delay: new Error('throttled') });
    await expect(failedIds(ports, batchOf([notification(IMAGE_ID)]))).resolves.toEqual(['m0']);
  });
});

describe('the same image more than once in a batch', () => {
  const twice = [
    message(notification(IMAGE_ID), { messageId: 'm0' }),
    message(notification(IMAGE_ID), { messageId: 'm1' }),
  ];

  it('is looked at, claimed and processed once', async () => {
    const { ports, seen } = scripted();
    await expect(failedIds(ports, twice)).resolves.toEqual([]);
    expect([seen.heads.length, seen.claims.length, imagesOf(seen.inputs)]).toEqual([1, 1, [IMAGE_ID]]);
  });

  it('is given back by all its messages', async () => {
    const { ports } = scripted({ status: () => 'RETRY' });
    await expect(failedIds(ports, twice)).resolves.toEqual(['m0', 'm1']);
  });

  it('is claimed by the redelivery among them that proves the holder gone', async () => {
    const { ports, seen } = scripted({
      claim: ({ messageId, imageId }) =>
        messageId === 'm1' ? { kind: 'claimed', record: record({ imageId }) } : { kind: 'held' },
    });
    await expect(failedIds(ports, twice)).resolves.toEqual([]);
    expect(seen.claims.map(({ messageId }) => messageId)).toEqual(['m0', 'm1']);
    expect(imagesOf(seen.inputs)).toEqual([IMAGE_ID]);
  });

  it('is claimed for a notification before a redrive, which knows less', async () => {
    const { ports, seen } = scripted();
    const redrive = JSON.stringify({ kind: 'redrive', imageId: IMAGE_ID, bucket: BUCKET, key: originalKey(IMAGE_ID) });
    await dispatch(ports, batchOf([redrive, notification(IMAGE_ID)]));
    expect(seen.claims).toMatchObject([{ messageId: 'm1', redrive: false }]);
  });
});

describe('a message of many records', () => {
  it('spreads more than ten images over several executions', async () => {
    const { ports, seen } = scripted();
    const ids = Array.from({ length: 23 }, (_, n) => nthId(n));
    await dispatch(ports, [message(notification(...ids))]);
    expect(seen.inputs.map(({ images }) => images.length)).toEqual([10, 10, 3]);
    expect(imagesOf(seen.inputs)).toEqual(ids);
  });

  it('is given back once when some of its images must be tried again', async () => {
    const { ports } = scripted({ status: (imageId) => (imageId === nthId(0) ? 'READY' : 'RETRY') });
    const messages = [message(notification(nthId(0), nthId(1), nthId(2)))];
    await expect(failedIds(ports, messages)).resolves.toEqual(['m1']);
  });

  it('is processed as far as it is understood, and given back for the rest', async () => {
    const { ports, seen } = scripted();
    const [foreign] = (JSON.parse(poisons['a foreign bucket'] ?? '') as { Records: unknown[] }).Records;
    const [good] = (JSON.parse(notification(IMAGE_ID)) as { Records: unknown[] }).Records;
    await expect(failedIds(ports, batchOf([JSON.stringify({ Records: [foreign, good] })]))).resolves.toEqual(['m0']);
    expect(imagesOf(seen.inputs)).toEqual([IMAGE_ID]);
    expect(seen.rejected).toBe(1);
  });
});

describe('poison in a batch of ten', () => {
  const kinds = Object.values(poisons);
  /** Bit n of a layout: poison at position n. All 1,024 of them. */
  const layouts = Array.from({ length: 1024 }, (_, bits) => bits);

  it('gives back exactly the poison and does the rest once, for every number of them in every position', async () => {
    for (const bits of layouts) {
      const isPoison = (n: number) => (bits & (1 << n)) !== 0;
      const { ports, seen } = scripted();
      const bodies = Array.from({ length: 10 }, (_, n) =>
        isPoison(n) ? (kinds[(n + bits) % kinds.length] ?? '') : notification(nthId(n)),
      );
      const positions = Array.from({ length: 10 }, (_, n) => n);

      const failed = await failedIds(ports, batchOf(bodies));

      expect(failed).toEqual(positions.filter(isPoison).map((n) => `m${n}`));
      expect(imagesOf(seen.inputs)).toEqual(positions.filter((n) => !isPoison(n)).map(nthId));
      expect(seen.rejected).toBe(failed.length);
    }
  });

  it.each(Object.entries(poisons))('names %s to the operator and counts it', async (_what, body) => {
    const { ports, seen } = scripted();
    await expect(failedIds(ports, batchOf([body]))).resolves.toEqual(['m0']);
    expect(seen.told).toEqual(['message cannot be understood']);
    expect(seen.rejected).toBe(1);
    expect(seen.delays.get('handle of m0')).toBe(5);
  });
});
