import { XMLParser } from 'fast-xml-parser';
import { s3Error } from '../errors.ts';

/** An element's children by name. Everything is text; what repeats is an array. */
export interface XmlNode {
  readonly [name: string]: XmlValue | undefined;
}
export type XmlValue = string | number | boolean | XmlNode | readonly (string | number | XmlNode)[];

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';
const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Decodes the five named and all numeric entities; others stay as they are, for no DTD is ever read. */
function decodeEntities(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(
    /&(?:#x([0-9a-fA-F]{1,6})|#(\d{1,7})|(\w+));/g,
    (all, hex?: string, decimal?: string, name = '') => {
      if (hex === undefined && decimal === undefined) return NAMED[name as string] ?? all;
      const point = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
      return point <= 0x10ffff ? String.fromCodePoint(point) : all;
    },
  );
}

const parser = new XMLParser({
  ignoreAttributes: true,
  removeNSPrefix: true,
  ignoreDeclaration: true,
  parseTagValue: false,
  // A key may begin or end with spaces.
  trimValues: false,
  processEntities: false,
  tagValueProcessor: (_name, value) => decodeEntities(value),
});

/**
 * The document whose root element is `root`.
 * @throws AwsError MalformedXML for anything that is not well-formed, has a DTD or another root.
 */
export function parseXml(text: string, root: string): XmlNode {
  try {
    if (text.includes('<!DOCTYPE')) throw new Error('a document type definition is not taken');
    const parsed = parser.parse(text, true) as XmlNode;
    const node = parsed[root];
    if (node === undefined)
      throw new Error(`expected ${root} for the root element but received ${Object.keys(parsed).join(', ')}`);
    return typeof node === 'object' && !Array.isArray(node) ? withoutSpace(node as XmlNode) : {};
  } catch (cause) {
    throw s3Error('MalformedXML', { cause });
  }
}

/** Drops the text between elements, which is layout. */
function withoutSpace(node: XmlNode): XmlNode {
  const tidy = (value: XmlValue | undefined): XmlValue | undefined => {
    if (Array.isArray(value)) return value.map((one: XmlValue) => tidy(one)) as XmlNode[];
    return typeof value === 'object' ? withoutSpace(value as XmlNode) : value;
  };
  const entries = Object.entries(node).filter(([name]) => name !== '#text');
  return Object.fromEntries(entries.map(([name, value]) => [name, tidy(value)]));
}

function list(value: XmlValue | undefined): readonly (string | number | boolean | XmlNode)[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as readonly (string | XmlNode)[]) : [value as string | XmlNode];
}

/** Child elements of a name that have children themselves; an empty element counts. */
export function nodes(node: XmlNode, name: string): XmlNode[] {
  return list(node[name]).flatMap((value) => (typeof value === 'object' ? [value] : value === '' ? [{}] : []));
}

export function child(node: XmlNode, name: string): XmlNode | undefined {
  return nodes(node, name)[0];
}

/** Text of all child elements of a name. */
export function texts(node: XmlNode, name: string): string[] {
  return list(node[name]).flatMap((value) => (typeof value === 'object' ? [] : [String(value)]));
}

export function text(node: XmlNode, name: string): string | undefined {
  return texts(node, name)[0];
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escape(value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what has to be escaped.
  // eslint-disable-next-line no-control-regex -- the same.
  return value.replace(
    /[&<>"\u0000-\u001f\ufffe\uffff]/g,
    (char) => ESCAPES[char] ?? `&#x${char.charCodeAt(0).toString(16)};`,
  );
}

function element(name: string, value: XmlValue | undefined): string {
  if (value === undefined) return '';
  if (Array.isArray(value)) return value.map((one: XmlValue) => element(name, one)).join('');
  // A name may carry attributes: `Grantee xsi:type="…"`.
  const [tag] = name.split(' ', 1);
  const inside = typeof value === 'object' ? children(value as XmlNode) : escape(String(value));
  return `<${name}>${inside}</${tag}>`;
}

function children(node: XmlNode): string {
  return Object.entries(node)
    .map(([name, value]) => (name === '#text' ? escape(String(value)) : element(name, value)))
    .join('');
}

/** Writes a document in S3's namespace; undefined children are left out. */
export function buildXml(root: string, node: XmlNode): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="${NAMESPACE}">${children(node)}</${root}>`;
}

/** Errors carry no namespace (https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html). */
export function buildErrorXml(node: XmlNode): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${children(node)}</Error>`;
}
