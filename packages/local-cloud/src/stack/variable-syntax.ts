/** One `${…}`: its sources in order, the first that yields a value wins. */
export interface Variable {
  readonly kind: 'variable';
  readonly sources: readonly string[];
}

export type Part = string | Variable;

/** `${type:…}` or `${type(…):…}`; `${AWS::Region}` and `${Name}` belong to Fn::Sub and are left alone. */
const VARIABLE_START = /^\$\{\s*[a-zA-Z]+(?:\(|:(?!:))/;

/** Index just past the `}` that closes the `${` at `start`, or -1. */
function endOfVariable(text: string, start: number): number {
  let depth = 0;
  for (let index = start; index < text.length; index += 1) {
    if (text.startsWith('${', index)) {
      depth += 1;
      index += 1;
    } else if (text[index] === '}') {
      depth -= 1;
      if (depth === 0) return index + 1;
    }
  }
  return -1;
}

interface Scan {
  depth: number;
  quote: string;
}

function scanCharacter(state: Scan, character: string): void {
  if (state.quote !== '') {
    if (character === state.quote) state.quote = '';
  } else if (character === "'" || character === '"') state.quote = character;
  else if (character === '{' || character === '(') state.depth += 1;
  else if (character === '}' || character === ')') state.depth -= 1;
}

/** Splits `self:a, file(b), 'c'` at its top-level commas. */
export function splitSources(inner: string): string[] {
  const sources: string[] = [];
  const state: Scan = { depth: 0, quote: '' };
  let from = 0;
  for (let index = 0; index < inner.length; index += 1) {
    const character = inner.charAt(index);
    if (character === ',' && state.depth === 0 && state.quote === '') {
      sources.push(inner.slice(from, index).trim());
      from = index + 1;
    } else scanCharacter(state, character);
  }
  sources.push(inner.slice(from).trim());
  return sources;
}

/** Splits text into literal parts and Serverless variables; text without variables comes back as one part. */
export function parseParts(text: string): Part[] {
  const parts: Part[] = [];
  let literalFrom = 0;
  let index = text.indexOf('${');
  while (index !== -1) {
    const end = VARIABLE_START.test(text.slice(index)) ? endOfVariable(text, index) : -1;
    if (end !== -1) {
      if (index > literalFrom) parts.push(text.slice(literalFrom, index));
      parts.push({ kind: 'variable', sources: splitSources(text.slice(index + 2, end - 1)) });
      literalFrom = end;
    }
    index = text.indexOf('${', end === -1 ? index + 2 : end);
  }
  if (literalFrom < text.length || parts.length === 0) parts.push(text.slice(literalFrom));
  return parts;
}
