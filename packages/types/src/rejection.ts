import { type Reason, type RejectCode, rejectCodeSchema, rejectCodes } from './codes.ts';

/**
 * Thrown by a task of the workflow when the image itself is at fault. Its `name` is the error type that Lambda hands to
 * Step Functions, where the state machine catches it by that name; code and sentence travel in the message.
 */
export class ImageRejected extends Error {
  readonly code: RejectCode;

  constructor(code: RejectCode, detail: string = rejectCodes[code], options?: ErrorOptions) {
    super(`${code}: ${detail}`, options);
    this.name = 'ImageRejected';
    this.code = code;
  }
}

/** Builds the reason of a record from a code and, where there is one, a more exact sentence. */
export const reasonOf = (code: RejectCode, message: string = rejectCodes[code]): Reason => ({ code, message });

/**
 * Reads the reason out of what Step Functions gives a Catch: `Cause` is a JSON string
 * `{"errorType":"ImageRejected","errorMessage":"CODE: sentence",…}`. Undefined when it is not such an error.
 */
export const parseRejection = (error: { Error: string; Cause?: string | undefined }): Reason | undefined => {
  if (error.Error !== 'ImageRejected') return undefined;
  const message = causeMessage(error.Cause ?? '');
  const [, code, detail] = /^([A-Z_]+): (.*)$/s.exec(message) ?? [];
  const known = rejectCodeSchema.safeParse(code);
  return known.success ? reasonOf(known.data, detail) : undefined;
};

/** The `errorMessage` of a Lambda error's Cause, or the Cause itself when it is not such JSON. */
export const causeMessage = (cause: string): string => {
  try {
    const parsed: unknown = JSON.parse(cause);
    if (typeof parsed === 'object' && parsed !== null && 'errorMessage' in parsed) return String(parsed.errorMessage);
    return cause;
  } catch {
    // Step Functions' own errors (timeouts, runtime errors) carry plain text.
    return cause;
  }
};
