import { createHash, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import type { PutObject, ReadObject, SendToQueue } from '../ports.ts';
import type { CloudContext, HttpService } from '../service.ts';
import { configFromCloudFormation } from './cloudformation.ts';
import { endWriter } from './http/body.ts';
import { detailHeaders } from './http/details.ts';
import { createFront } from './http/front.ts';
import { requireBucketName } from './ops/bucket.ts';
import { configureNotifications } from './ops/bucket-config.ts';
import { parseCors } from './rules/cors.ts';
import { parseLifecycle } from './rules/lifecycle.ts';
import { S3Store } from './store/store.ts';
import { sweep } from './sweeper.ts';

export interface S3Service extends HttpService {
  /**
   * Creates a bucket or brings its configuration up to date; what is not named stays as it is.
   * @param properties of `AWS::S3::Bucket`, CloudFormation functions resolved; besides, `PolicyDocument` of its bucket policy.
   * @throws AwsError InvalidBucketName, MalformedXML, InvalidArgument (a notification's queue does not exist)
   */
  createBucket(name: string, properties?: Readonly<Record<string, unknown>>): void;
  readonly readObject: ReadObject;
  readonly putObject: PutObject;
  /** Acts on the lifecycle rules of all buckets as of now: aborts uploads, expires objects. */
  sweepLifecycle(): void;
  /** How many buckets, objects, bytes, uploads and waiting notifications there are. */
  stats(): Record<string, number>;
  close(): void;
}

/** S3 runs its lifecycle rules once a day; an hour is soon enough here and costs nothing. */
const SWEEP_INTERVAL_MS = 60 * 60 * 1000;

function createBucket(store: S3Store, name: string, properties: Readonly<Record<string, unknown>>): void {
  requireBucketName(name);
  const { notification, ...config } = configFromCloudFormation(properties);
  if (config.cors) parseCors(config.cors);
  if (config.lifecycle) parseLifecycle(config.lifecycle);
  const { region, now } = store.context;
  if (!store.buckets.find(name)) store.buckets.put({ name, created: now(), region, config: {} });
  store.buckets.configure(name, config);
  const isChanged = JSON.stringify(notification) !== JSON.stringify(store.buckets.require(name).config.notification);
  if (notification && isChanged) {
    configureNotifications(store, { bucket: name, document: notification, requestId: randomUUID(), validates: true });
  }
}

function createReader(store: S3Store): ReadObject {
  // eslint-disable-next-line @typescript-eslint/require-await -- the port is asynchronous, this reader happens not to be.
  return async (bucket, key) => {
    const object = store.objects.find(bucket, key);
    if (!object) return undefined;
    const body = store.bodies.open(store.objects.segments(object));
    const small = body.length === 0 ? Buffer.alloc(0) : body.readAtOnce();
    return {
      status: 200,
      headers: {
        ...detailHeaders(object.details),
        etag: `"${object.etag}"`,
        'last-modified': new Date(object.modified).toUTCString(),
        'content-length': String(object.size),
      },
      body: small ? Readable.from([small], { objectMode: false }) : Readable.from(body.stream(), { objectMode: false }),
    };
  };
}

/** As a PUT of another AWS service: without a signature, with notifications. */
function createPutter(store: S3Store): PutObject {
  return async ({ bucket, key, body, contentType }) => {
    store.buckets.require(bucket);
    const writer = store.bodies.createWriter();
    try {
      await writer.write(body);
      const file = await endWriter(writer);
      const etag = createHash('md5').update(body).digest('hex');
      const details = { headers: { 'content-type': contentType }, metadata: {}, storageClass: 'STANDARD' };
      store.putObject(
        { bucket, key, file, upload: null, size: body.length, etag, details },
        { event: 'ObjectCreated:Put', requestId: randomUUID(), sourceIp: '127.0.0.1' },
      );
    } catch (error) {
      await writer.abort();
      throw error;
    }
  };
}

/**
 * S3: metadata in `dataDir/s3/s3.sqlite`, bodies in `dataDir/s3/objects`. Speaks path and virtual-host style, verifies every
 * signature, and hands notifications to SQS through `ports.sendToQueue`.
 */
export function createS3(context: CloudContext, ports: { sendToQueue: SendToQueue }): S3Service {
  const store = new S3Store(context, ports.sendToQueue);
  const timer = setInterval(() => sweep(store), SWEEP_INTERVAL_MS);
  timer.unref();
  return {
    handle: createFront(store),
    createBucket: (name, properties = {}) => createBucket(store, name, properties),
    readObject: createReader(store),
    putObject: createPutter(store),
    sweepLifecycle: () => sweep(store),
    stats: () => store.counts(),
    close() {
      clearInterval(timer);
      store.close();
    },
  };
}
