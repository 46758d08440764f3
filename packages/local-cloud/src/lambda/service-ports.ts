/** One message as the in-process receive of SQS gives it: the fields of a Lambda SQS record. */
export interface MappedMessage {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly messageAttributes: Readonly<Record<string, unknown>>;
  readonly md5OfBody: string;
}

/** What an event source mapping needs of SQS. */
export interface QueueSource {
  receive(
    queueArn: string,
    options: { max: number; waitMs: number; signal: AbortSignal },
  ): Promise<readonly MappedMessage[]>;
  remove(queueArn: string, receiptHandles: readonly string[]): void | Promise<void>;
}
