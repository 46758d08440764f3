import { SaxesParser, type SaxesTagNS } from 'saxes';

/** Bytes of a packet that are read: a JPEG segment holds 64 KiB, and the history of edits comes after what is wanted. */
const MAX_BYTES = 262_144;
/** Elements within each other: five lead to an item of a list. A parser of namespaces is quadratic in them. */
const MAX_DEPTH = 16;
/** Faults after which a packet is given up: sound ones have none, and each costs the parser a stack trace. */
const MAX_FAULTS = 64;
/** Values kept of one property, and characters of one value. */
const MAX_VALUES = 64;
const MAX_TEXT = 8_192;

const RDF = 'http://www.w3.org/1999/02/22-rdf-syntax-ns#';
const XML = 'http://www.w3.org/XML/1998/namespace';
const DC = 'http://purl.org/dc/elements/1.1/';
const PHOTOSHOP = 'http://ns.adobe.com/photoshop/1.0/';
const XAP = 'http://ns.adobe.com/xap/1.0/';
const TIFF = 'http://ns.adobe.com/tiff/1.0/';
const EXIF = 'http://ns.adobe.com/exif/1.0/';
const AUX = 'http://ns.adobe.com/exif/1.0/aux/';
const EXIF_EX = 'http://cipa.jp/exif/1.0/';

/** Properties that are kept, by namespace and name (XMP specification, parts 1 and 2). A location is not among them. */
const WANTED = {
  [`${DC}title`]: 'title',
  [`${DC}description`]: 'description',
  [`${DC}creator`]: 'creator',
  [`${DC}rights`]: 'rights',
  [`${DC}subject`]: 'subject',
  [`${PHOTOSHOP}Credit`]: 'credit',
  [`${PHOTOSHOP}Headline`]: 'headline',
  [`${PHOTOSHOP}DateCreated`]: 'dateCreated',
  [`${EXIF}DateTimeOriginal`]: 'dateTimeOriginal',
  [`${XAP}CreateDate`]: 'createDate',
  [`${TIFF}Make`]: 'make',
  [`${TIFF}Model`]: 'model',
  [`${AUX}Lens`]: 'lens',
  [`${EXIF_EX}LensModel`]: 'lensModel',
} as const;
export type XmpProperty = (typeof WANTED)[keyof typeof WANTED];
/** Property → its values in order, an x-default before other languages. */
export type XmpTexts = ReadonlyMap<XmpProperty, readonly string[]>;

const isWanted = (name: string): name is keyof typeof WANTED => Object.hasOwn(WANTED, name);

/** Ends the parsing, since the parser has no other way. */
class Enough extends Error {}

/** What is gathered while the packet goes by. */
class Gatherer {
  readonly texts = new Map<XmpProperty, string[]>();
  readonly #open: string[] = [];
  #property: { readonly name: XmpProperty; readonly depth: number; hasItems: boolean } | undefined;
  #text = '';
  #isDefault = false;

  opened({ uri, local, attributes }: SaxesTagNS): void {
    const name = `${uri}${local}`;
    const parent = this.#open.at(-1);
    if (this.#open.push(name) > MAX_DEPTH) throw new Enough();
    if (this.#property !== undefined) this.#openedWithin(name, Object.values(attributes));
    else if (parent === `${RDF}Description` && isWanted(name)) {
      this.#property = { name: WANTED[name], depth: this.#open.length, hasItems: false };
      this.#text = '';
    }
    // A simple property may be written as an attribute.
    if (name === `${RDF}Description`)
      for (const { uri: space, local: attribute, value } of Object.values(attributes)) {
        const full = `${space}${attribute}`;
        if (isWanted(full)) this.#keep(WANTED[full], value, false);
      }
  }

  #openedWithin(name: string, attributes: readonly { uri: string; local: string; value: string }[]): void {
    if (name !== `${RDF}li`) return;
    this.#text = '';
    this.#isDefault = attributes.some(
      ({ uri, local, value }) => uri === XML && local === 'lang' && value === 'x-default',
    );
  }

  said(text: string): void {
    if (this.#property !== undefined && this.#text.length < MAX_TEXT) this.#text += text.slice(0, MAX_TEXT);
  }

  closed(): void {
    const depth = this.#open.length;
    const name = this.#open.pop();
    const property = this.#property;
    if (property === undefined) return;
    if (name === `${RDF}li`) {
      property.hasItems = true;
      this.#keep(property.name, this.#text, this.#isDefault);
    } else if (depth === property.depth) {
      if (!property.hasItems) this.#keep(property.name, this.#text, false);
      this.#property = undefined;
    }
  }

  #keep(name: XmpProperty, text: string, isFirst: boolean): void {
    const known = this.texts.get(name) ?? [];
    if (text.trim() === '' || known.length >= MAX_VALUES) return;
    if (isFirst) known.unshift(text);
    else known.push(text);
    this.texts.set(name, known);
  }
}

/**
 * Properties of an XMP packet. The parser knows XML's five entities and no others: those of a DOCTYPE, nested or
 * external, stay the words they are, so nothing unfolds and nothing is fetched. A broken packet gives what came before
 * the break. Never throws.
 */
export const readXmp = (packet: Buffer): XmpTexts => {
  const gatherer = new Gatherer();
  const parser = new SaxesParser({ xmlns: true, position: false });
  let faults = 0;
  parser.on('error', () => {
    faults += 1;
    if (faults > MAX_FAULTS) throw new Enough();
  });
  parser.on('opentag', (tag) => {
    gatherer.opened(tag);
  });
  parser.on('text', (text) => {
    gatherer.said(text);
  });
  parser.on('cdata', (text) => {
    gatherer.said(text);
  });
  parser.on('closetag', () => {
    gatherer.closed();
  });
  try {
    parser.write(packet.toString('utf8', 0, MAX_BYTES)).close();
  } catch {
    // Deeper or more broken than XMP is, or not to be parsed at all: what was gathered stays.
  }
  return gatherer.texts;
};
