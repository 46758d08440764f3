import { StackError } from './errors.ts';
import { readConfigFile } from './files.ts';
import { isDict, textOf, type Dict } from './values.ts';
import { parseParts, type Variable } from './variable-syntax.ts';

export interface VariableContext {
  /** Folder that `${file(…)}` is relative to. */
  readonly directory: string;
  readonly stage: string;
  readonly region: string;
  readonly accountId: string;
  /** `${env:NAME}` */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

const SOURCE = /^([a-zA-Z]+)(?:\(([\s\S]*?)\))?(?::([\s\S]*))?$/;
const QUOTED = /^(['"])([\s\S]*)\1$/;

/** Words and numbers that may stand as a fallback without quotes. */
function bareLiteral(text: string): unknown {
  if (text === 'true') return true;
  if (text === 'false') return false;
  if (text === 'null' || text === '') return null;
  return Number.isNaN(Number(text)) ? undefined : Number(text);
}

/**
 * Resolves the Serverless Framework's variables (`${self:…}`, `${opt:…}`, `${sls:…}`, `${param:…}`, `${env:…}`, `${file(…):…}`,
 * `${aws:…}`, `${strToBool(…)}`) in one service's configuration. Needs no network and no credentials.
 */
export class VariableResolver {
  readonly #root: Dict;
  readonly #context: VariableContext;
  readonly #open = new Set<string>();
  readonly #files = new Map<string, Promise<unknown>>();

  constructor(root: Dict, context: VariableContext) {
    this.#root = root;
    this.#context = context;
  }

  /** A copy of the value with every variable replaced. @throws StackError STACK_VARIABLE_UNRESOLVED, STACK_CYCLE */
  async resolve(value: unknown): Promise<unknown> {
    if (typeof value === 'string') return this.#resolveText(value);
    if (Array.isArray(value)) {
      const list: unknown[] = [];
      for (const item of value) list.push(await this.resolve(item));
      return list;
    }
    if (!isDict(value)) return value;
    const result: Dict = {};
    for (const [key, item] of Object.entries(value)) {
      result[key.includes('${') ? String(await this.#resolveText(key)) : key] = await this.resolve(item);
    }
    return result;
  }

  async #resolveText(text: string): Promise<unknown> {
    if (!text.includes('${')) return text;
    const parts = parseParts(text);
    const [only] = parts;
    if (parts.length === 1 && only !== undefined && typeof only !== 'string') return this.#resolveVariable(only, text);
    let result = '';
    for (const part of parts) result += typeof part === 'string' ? part : await this.#resolveToText(part, text);
    return result;
  }

  async #resolveToText(variable: Variable, whole: string): Promise<string> {
    const value = await this.#resolveVariable(variable, whole);
    const text = textOf(value);
    if (text !== undefined) return text;
    if (value === null) return '';
    throw this.#unresolved(`a string inside "${whole}"`, JSON.stringify(value));
  }

  async #resolveVariable(variable: Variable, whole: string): Promise<unknown> {
    for (const [index, source] of variable.sources.entries()) {
      const value = await this.#resolveSource(source);
      const isLast = index === variable.sources.length - 1;
      if (value !== undefined && (value !== null || isLast)) return this.resolve(value);
    }
    throw this.#unresolved(`a value for "${whole}"`, 'nothing from any of its sources');
  }

  async #resolveSource(source: string): Promise<unknown> {
    if (source.startsWith('${')) return this.#nestedSource(source);
    const quoted = QUOTED.exec(source);
    if (quoted) return this.#resolveText(quoted[2] ?? '');
    const flat = String(await this.#resolveText(source));
    const match = SOURCE.exec(flat);
    if (!match || (match[2] === undefined && match[3] === undefined)) return bareLiteral(flat);
    return this.#fromSource(match[1] ?? '', match[2], match[3]);
  }

  /** A fallback that is itself a variable may find nothing; then the next source is asked. */
  async #nestedSource(source: string): Promise<unknown> {
    const [part, ...rest] = parseParts(source);
    if (rest.length > 0 || part === undefined || typeof part === 'string') return this.#resolveText(source);
    for (const inner of part.sources) {
      const value = await this.#resolveSource(inner);
      if (value !== undefined && value !== null) return value;
    }
    return undefined;
  }

  #fromSource(type: string, argument: string | undefined, address: string | undefined): unknown {
    const key = address?.trim() ?? '';
    const sources: Readonly<Record<string, () => unknown>> = {
      self: () => this.#self(key),
      opt: () => this.#option(key),
      sls: () => this.#option(key),
      aws: () =>
        new Map([
          ['accountId', this.#context.accountId],
          ['region', this.#context.region],
        ]).get(key),
      env: () => this.#context.environment[key],
      param: () => this.#param(key),
      file: () => this.#file(argument ?? '', address === undefined ? undefined : key),
      strToBool: () => ['true', '1'].includes(argument ?? ''),
    };
    const source = Object.hasOwn(sources, type) ? sources[type] : undefined;
    if (source) return source();
    throw this.#unresolved(
      `a variable source among ${Object.keys(sources).join(', ')}`,
      `"${type}", which needs a deployed stack (use a CloudFormation parameter of type AWS::SSM::Parameter::Value<String>)`,
    );
  }

  #option(key: string): string | undefined {
    if (key === 'stage') return this.#context.stage;
    if (key === 'region') return this.#context.region;
    // One id per process is what Serverless promises; a fixed one keeps names stable over restarts.
    return key === 'instanceId' ? 'local' : undefined;
  }

  async #param(key: string): Promise<unknown> {
    const params = `params.${this.#context.stage}.${key}`;
    return (await this.#self(params)) ?? this.#self(`params.default.${key}`);
  }

  async #file(file: string, key: string | undefined): Promise<unknown> {
    const id = `${file}:${key ?? ''}`;
    let content = this.#files.get(id);
    if (!content) {
      const options = { stage: this.#context.stage, region: this.#context.region };
      content = readConfigFile(this.#context.directory, file.trim(), { key: key?.split('.')[0], options });
      this.#files.set(id, content);
    }
    const value = await content;
    return key === undefined || key === '' ? value : this.#walk(value, key);
  }

  async #self(address: string): Promise<unknown> {
    if (address === '') return this.#root;
    if (this.#open.has(address))
      throw new StackError(
        'STACK_CYCLE',
        `expected no circular variable in ${this.#context.directory} but received self:${address}`,
      );
    this.#open.add(address);
    try {
      return await this.#walk(this.#root, address);
    } finally {
      this.#open.delete(address);
    }
  }

  async #walk(start: unknown, address: string): Promise<unknown> {
    let value = start;
    for (const step of address.split('.')) {
      if (typeof value === 'string') value = await this.#resolveText(value);
      if (typeof value !== 'object' || value === null) return undefined;
      value = (value as Dict)[step];
    }
    return typeof value === 'string' ? this.#resolveText(value) : value;
  }

  #unresolved(expected: string, received: string): StackError {
    return new StackError(
      'STACK_VARIABLE_UNRESOLVED',
      `expected ${expected} in ${this.#context.directory} but received ${received}`,
    );
  }
}
