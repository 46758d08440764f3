import type { XmlNode } from './xml.ts';

interface OpenElement {
  readonly name: string;
  readonly children: Map<string, (string | XmlNode)[]>;
  text: string;
}

/** Comments, the declaration, CDATA, end tags and start tags; attributes are passed over, for no document of S3 needs them. */
const MARKUP =
  /<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!\[CDATA\[(?<data>[\s\S]*?)\]\]>|<\/(?<end>[\w.:-]+)\s*>|<(?<start>[\w.:-]+)(?:\s+[\w.:-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*\s*(?<empty>\/?)>/y;
const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
/** S3's documents are a few levels deep. */
const MAX_DEPTH = 32;

const malformed = (what: string) => new Error(`expected well-formed XML but received ${what}`);

/** Decodes the five named and all numeric entities; there are no others, for a DTD is not read. */
function decodeEntities(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&([^;\s]{0,10};?)/g, (all, body: string) => {
    const name = body.slice(0, -1);
    const point = /^#(?:\d+|x[0-9a-fA-F]+)$/.test(name)
      ? Number(name.replace('#x', '0x').replace('#', ''))
      : Number.NaN;
    const char = point <= 0x10ffff ? String.fromCodePoint(point) : NAMED[name];
    if (!body.endsWith(';') || char === undefined) throw malformed(`the entity ${all}`);
    return char;
  });
}

const localName = (name: string): string => name.slice(name.indexOf(':') + 1);

function add(parent: OpenElement, name: string, value: string | XmlNode): void {
  const siblings = parent.children.get(name);
  if (siblings) siblings.push(value);
  else parent.children.set(name, [value]);
}

/** An element without children is its text; the text between elements is layout. */
function close(element: OpenElement): string | XmlNode {
  if (element.children.size === 0) return element.text;
  return Object.fromEntries(
    [...element.children].map(([name, values]) => [name, values.length === 1 ? values[0] : values]),
  );
}

class Builder {
  readonly #open: OpenElement[] = [{ name: '', children: new Map(), text: '' }];

  text(text: string): void {
    const top = this.#top();
    if (this.#open.length === 1 && text.trim() !== '') throw malformed('text outside the root element');
    top.text += decodeEntities(text);
  }

  data(text: string): void {
    this.#top().text += text;
  }

  start(name: string): void {
    if (this.#open.length > MAX_DEPTH) throw malformed('elements nested too deep');
    this.#open.push({ name, children: new Map(), text: '' });
  }

  end(name: string): void {
    const element = this.#open.pop();
    if (element?.name !== name || this.#open.length === 0) throw malformed(`the end tag ${name}`);
    add(this.#top(), localName(name), close(element));
  }

  root(): XmlNode {
    const [document] = this.#open;
    const roots = [...(document?.children.values() ?? [])].flat();
    if (!document || this.#open.length !== 1 || roots.length !== 1)
      throw malformed('an end before the root element was closed');
    return close(document) as XmlNode;
  }

  #top(): OpenElement {
    const top = this.#open.at(-1);
    if (!top) throw malformed('an end tag too many');
    return top;
  }
}

function apply(builder: Builder, groups: Readonly<Record<string, string | undefined>>): void {
  const { data, end, start, empty } = groups;
  if (data !== undefined) builder.data(data);
  else if (end !== undefined) builder.end(end);
  else if (start !== undefined) {
    builder.start(start);
    if (empty === '/') builder.end(start);
  }
}

/**
 * A document as nested records, with its root element as the only entry: the subset of XML that S3's requests are written in.
 * Namespaces and attributes are dropped; document type definitions are refused, and with them every entity trick.
 * @throws Error for anything that is not well-formed
 */
export function parseDocument(text: string): XmlNode {
  const builder = new Builder();
  const source = text.replace(/^\uFEFF/, '');
  for (let at = 0; at < source.length; ) {
    const next = source.indexOf('<', at);
    if (next !== at) builder.text(source.slice(at, next < 0 ? source.length : next));
    if (next < 0) break;
    MARKUP.lastIndex = next;
    const match = MARKUP.exec(source);
    if (!match) throw malformed(source.slice(next, next + 20));
    apply(builder, match.groups ?? {});
    at = MARKUP.lastIndex;
  }
  return builder.root();
}
