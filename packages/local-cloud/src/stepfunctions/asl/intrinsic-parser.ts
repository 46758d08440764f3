import { runtimeFailure } from './failure.ts';

/** An argument of an intrinsic function. */
export type Expression =
  | { readonly kind: 'literal'; readonly value: string | number | boolean | null }
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[] };

const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;
const CALL = /States\.[A-Za-z0-9]+(?=\()/y;
const QUOTED = /'[^']*'|"[^"]*"/y;
const OPENING = new Set('([');
const CLOSING = new Set(')]');
const ENDING = new Set(',)');
const STRING = /'((?:[^'\\]|\\.)*)'/y;

class Parser {
  private at = 0;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  parse(): Expression {
    const call = this.expression();
    this.skip();
    if (this.at < this.text.length) throw this.error();
    return call;
  }

  private error(): Error {
    return runtimeFailure(
      `expected an intrinsic function but received ${this.text}, wrong at character ${String(this.at)}`,
    );
  }

  private skip(): void {
    while (this.text[this.at] === ' ') this.at += 1;
  }

  private take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.text);
    if (!match) return undefined;
    this.at = pattern.lastIndex;
    return match;
  }

  private expression(): Expression {
    this.skip();
    const name = this.take(CALL)?.[0];
    if (name !== undefined) return { kind: 'call', name, args: this.args() };
    if (this.text[this.at] === '$') return { kind: 'path', path: this.path() };
    const string = this.take(STRING)?.[1];
    // Escapes of the language: \' \{ \} \\. Braces stay escaped, because States.Format reads them.
    if (string !== undefined) return { kind: 'literal', value: string.replace(/\\(['\\])/g, '$1') };
    const word = this.take(WORD)?.[0] ?? this.take(NUMBER)?.[0];
    if (word === undefined) throw this.error();
    return { kind: 'literal', value: JSON.parse(word) as number | boolean | null };
  }

  private args(): Expression[] {
    const args: Expression[] = [];
    this.at += 1;
    this.skip();
    if (this.text[this.at] === ')') {
      this.at += 1;
      return args;
    }
    for (;;) {
      args.push(this.expression());
      this.skip();
      const separator = this.text[this.at];
      this.at += 1;
      if (separator === ')') return args;
      if (separator !== ',') throw this.error();
    }
  }

  /** A path ends at the first comma or closing parenthesis that is inside no bracket, parenthesis or string of its own. */
  private path(): string {
    const start = this.at;
    let depth = 0;
    for (; this.at < this.text.length; this.at += 1) {
      const char = this.text[this.at] ?? '';
      if (this.take(QUOTED)) this.at -= 1;
      else if (OPENING.has(char)) depth += 1;
      else if (depth === 0 && ENDING.has(char)) break;
      else if (CLOSING.has(char)) depth -= 1;
    }
    return this.text.slice(start, this.at).trim();
  }
}

const parsed = new Map<string, Expression>();

/** Parses `States.Name(arguments…)` once. @throws StateFailure States.Runtime */
export function parseIntrinsic(text: string): Expression {
  const known = parsed.get(text);
  if (known) return known;
  const expression = new Parser(text).parse();
  parsed.set(text, expression);
  return expression;
}
