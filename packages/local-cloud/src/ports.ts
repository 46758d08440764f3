/** How the emulated services reach one another inside the process. Each is one function type, given at composition. */

/** Puts a message on a queue, as S3 notifications and EventBridge targets do. Throws AwsError when the queue does not exist. */
export type SendToQueue = (
  queueArn: string,
  body: string,
  messageAttributes?: Record<string, { DataType: string; StringValue: string }>,
) => void;

export interface InvokeResult {
  /** Parsed JSON answer, or `{ errorType, errorMessage, trace }` when `functionError` is set. */
  readonly payload: unknown;
  readonly functionError?: 'Handled' | 'Unhandled';
}

/** Invokes a function by name or ARN and waits for its answer. Throws AwsError ResourceNotFoundException for an unknown name. */
export type InvokeFunction = (functionNameOrArn: string, payload: unknown) => Promise<InvokeResult>;

/**
 * Invokes a function whose answer may be streamed: `onChunk` is handed each piece with the content type of the whole. A
 * function that does not stream gives its answer at the end, as with InvokeFunction. Throws AwsError ResourceNotFoundException.
 */
export type StreamFunction = (
  functionNameOrArn: string,
  payload: unknown,
  onChunk: (chunk: Buffer, contentType: string) => void,
) => Promise<InvokeResult>;

/** Puts one object, as CloudFront delivers its logs. Throws AwsError NoSuchBucket. */
export type PutObject = (object: {
  readonly bucket: string;
  readonly key: string;
  readonly body: Buffer;
  readonly contentType: string;
}) => Promise<void>;

/** Reads one object, as CloudFront does through origin access control. Undefined when the key does not exist. */
export type ReadObject = (
  bucket: string,
  key: string,
) => Promise<
  | {
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: NodeJS.ReadableStream;
    }
  | undefined
>;
