import { isRecord, type Json } from './json-schema.ts';

type Paths = Readonly<Record<string, Json>>;

/** `401.TOKEN_MISSING`, and with a number behind it when another answer has that name. */
const nameFor = (status: string, answer: Json, taken: ReadonlyMap<string, unknown>): string => {
  const [, code = 'ERROR'] = /`(\w+)`/.exec(String(answer['description'])) ?? [];
  const base = `${status}.${code}`;
  let name = base;
  for (let n = 2; taken.has(name); n += 1) name = `${base}.${n}`;
  return name;
};

/**
 * Moves every error answer to the components and refers to it: most are the same on many routes, and a reader who has seen one
 * need not read it again. Answers the paths and what to put under `components.responses`.
 */
export const shareErrors = (paths: Paths): { paths: Record<string, Json>; responses: Record<string, Json> } => {
  const names = new Map<string, string>();
  const responses = new Map<string, Json>();
  const reference = (status: string, answer: Json): Json => {
    const text = `${status} ${JSON.stringify(answer)}`;
    const name = names.get(text) ?? nameFor(status, answer, responses);
    names.set(text, name);
    responses.set(name, answer);
    return { $ref: `#/components/responses/${name}` };
  };
  const share = (operation: unknown): unknown => {
    if (!isRecord(operation) || !isRecord(operation['responses'])) return operation;
    const entries = Object.entries(operation['responses']);
    const shared = entries.map(([status, answer]) => [
      status,
      status >= '400' && isRecord(answer) ? reference(status, answer) : answer,
    ]);
    return { ...operation, responses: Object.fromEntries(shared) as Json };
  };
  const shared = Object.entries(paths).map(([path, operations]) => [
    path,
    Object.fromEntries(Object.entries(operations).map(([method, operation]) => [method, share(operation)])),
  ]);
  return { paths: Object.fromEntries(shared) as Record<string, Json>, responses: Object.fromEntries(responses) };
};
