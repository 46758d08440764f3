import { AwsError } from '../service.ts';
import type { Dict } from '../stack/values.ts';
import { MAX_STATE_BYTES } from './asl/failure.ts';
import { validation } from './errors.ts';

/** Names of machines and executions: 1 to 80 characters without spaces, brackets and control characters. */
// eslint-disable-next-line no-control-regex -- control characters are what it refuses
const NAME = /^[^\s<>{}[\]?*"#%\\^|~`$&,;:/\u0000-\u001f\u007f-\u009f]{1,80}$/u;

export function requiredText(input: Dict, field: string): string {
  const value = input[field];
  if (typeof value === 'string' && value !== '') return value;
  throw validation(
    `1 validation error detected: Value null at '${field}' failed to satisfy constraint: Member must not be null`,
  );
}

export function optionalText(input: Dict, field: string): string | undefined {
  const value = input[field];
  if (value === undefined || value === null || typeof value === 'string') return value ?? undefined;
  throw validation(`expected a string for ${field} but received ${JSON.stringify(value)}`);
}

/** @throws AwsError InvalidName */
export function checkName(name: string): string {
  if (NAME.test(name)) return name;
  throw new AwsError('InvalidName', `Invalid Name: '${name}'`);
}

/** The JSON text of an execution's input; `{}` where none is given. @throws AwsError InvalidExecutionInput */
export function executionInput(input: Dict): string {
  const text = optionalText(input, 'input') ?? '{}';
  if (Buffer.byteLength(text) > MAX_STATE_BYTES)
    throw validation(`expected at most ${String(MAX_STATE_BYTES)} bytes for input but received more`);
  try {
    JSON.parse(text);
    return text;
  } catch (cause) {
    throw new AwsError('InvalidExecutionInput', `Invalid State Machine Execution Input: '${String(cause)}'`, { cause });
  }
}

/** A page's size: 1 to 1,000, 100 unless given. */
export function pageSize(input: Dict): number {
  const { maxResults = 0 } = input;
  if (!Number.isInteger(maxResults) || Number(maxResults) < 0 || Number(maxResults) > 1_000)
    throw validation(`expected 0 to 1000 for maxResults but received ${JSON.stringify(maxResults)}`);
  return maxResults === 0 ? 100 : Number(maxResults);
}

/** The number that a page starts after. @throws AwsError InvalidToken */
export function pageStart(input: Dict, first: number): number {
  const token = optionalText(input, 'nextToken');
  if (token === undefined) return first;
  const number = Number(Buffer.from(token, 'base64url').toString());
  if (Number.isSafeInteger(number)) return number;
  throw new AwsError('InvalidToken', `Invalid Token: '${token}'`);
}

export const pageToken = (start: number): string => Buffer.from(String(start)).toString('base64url');
