import { isAlias, isMap, isScalar, isSeq, parseDocument, type Document, type Node, type Pair } from 'yaml';
import { StackError } from './errors.ts';
import { isDict, type Dict } from './values.ts';

/** Short forms whose long form is not `Fn::<name>`. */
const BARE_TAGS: Readonly<Record<string, string>> = { '!Ref': 'Ref', '!Condition': 'Condition' };

function longForm(tag: string): string {
  return BARE_TAGS[tag] ?? `Fn::${tag.slice(1)}`;
}

function isIntrinsicTag(tag: string | undefined): tag is string {
  return tag !== undefined && /^![A-Z][A-Za-z0-9]*$/.test(tag);
}

function withTag(tag: string, value: unknown): Dict {
  // `!GetAtt Table.StreamArn` is the one short form whose text stands for a list.
  if (tag === '!GetAtt' && typeof value === 'string') {
    const dot = value.indexOf('.');
    return { 'Fn::GetAtt': [value.slice(0, dot), value.slice(dot + 1)] };
  }
  return { [longForm(tag)]: value };
}

function addPair(target: Dict, pair: Pair, document: Document): void {
  const key = isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
  const value = toValue(pair.value as Node | null, document);
  if (key !== '<<') {
    target[key] = value;
    return;
  }
  for (const merged of Array.isArray(value) ? value : [value]) {
    if (isDict(merged)) for (const [name, part] of Object.entries(merged)) target[name] ??= part;
  }
}

function untagged(node: Node, document: Document): unknown {
  if (isAlias(node)) return toValue(node.resolve(document) ?? null, document);
  if (isSeq(node)) return node.items.map((item) => toValue(item as Node | null, document));
  if (isScalar(node)) return node.value;
  const target: Dict = {};
  if (isMap(node)) for (const pair of node.items) addPair(target, pair, document);
  return target;
}

function toValue(node: Node | null | undefined, document: Document): unknown {
  if (node === null || node === undefined) return null;
  const value = untagged(node, document);
  const { tag } = node as { tag?: string };
  return isIntrinsicTag(tag) ? withTag(tag, value) : value;
}

/**
 * Parses YAML with CloudFormation's short forms (`!Ref`, `!GetAtt`, `!Sub`, …) turned into their long forms.
 * @param file named in errors
 * @throws StackError STACK_FILE_INVALID with the line of the first syntax error
 */
export function parseYaml(text: string, file: string): unknown {
  const document = parseDocument(text, { logLevel: 'silent' });
  const [error] = document.errors;
  if (error)
    throw new StackError('STACK_FILE_INVALID', `expected YAML in ${file} but received: ${error.message}`, {
      cause: error,
    });
  return toValue(document.contents, document);
}
