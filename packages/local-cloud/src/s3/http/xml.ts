import { s3Error } from '../errors.ts';
import { parseDocument } from './xml-parse.ts';

/** An element's children by name. Everything is text; what repeats is an array. */
export interface XmlNode {
  readonly [name: string]: XmlValue | undefined;
}
export type XmlValue = string | number | boolean | XmlNode | readonly (string | number | XmlNode)[];

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';
/**
 * The document whose root element is `root`.
 * @throws AwsError MalformedXML for anything that is not well-formed, has a DTD or another root.
 */
export function parseXml(text: string, root: string): XmlNode {
  try {
    const document = parseDocument(text);
    const node = document[root];
    if (node === undefined)
      throw new Error(`expected ${root} for the root element but received ${Object.keys(document).join()}`);
    return typeof node === 'object' && !Array.isArray(node) ? (node as XmlNode) : {};
  } catch (cause) {
    throw s3Error('MalformedXML', { cause });
  }
}

function list(value: XmlValue | undefined): readonly (string | number | boolean | XmlNode)[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as readonly (string | XmlNode)[]) : [value as string | XmlNode];
}

/** Child elements of a name that have children themselves; an empty element counts. */
export function nodes(node: XmlNode, name: string): XmlNode[] {
  return list(node[name]).flatMap((value) =>
    typeof value === 'object' ? [value] : String(value).trim() === '' ? [{}] : [],
  );
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

/** Characters that XML reads as layout or does not have at all, too: they are written by number. */
const UNSAFE = /[&<>"\p{Cc}\ufffe\uffff]/gu;

function escape(value: string): string {
  return value.replace(UNSAFE, (char) => ESCAPES[char] ?? `&#x${char.charCodeAt(0).toString(16)};`);
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
    .map(([name, value]) => (name === '#text' && typeof value === 'string' ? escape(value) : element(name, value)))
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
