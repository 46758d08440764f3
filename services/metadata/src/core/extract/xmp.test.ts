import fc from 'fast-check';
import { readXmp } from './xmp.ts';

const SPACES = [
  'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"',
  'xmlns:dc="http://purl.org/dc/elements/1.1/"',
  'xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"',
  'xmlns:exif="http://ns.adobe.com/exif/1.0/"',
].join(' ');
const packet = (properties: string, attributes = '', prologue = ''): Buffer =>
  Buffer.from(
    `${prologue}<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF ${SPACES}>` +
      `<rdf:Description rdf:about="" ${attributes}>${properties}</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>`,
  );

describe('readXmp', () => {
  it('reads simple properties, as elements and as attributes, and lists', () => {
    const texts = readXmp(
      packet(
        '<dc:creator><rdf:Seq><rdf:li>Ada</rdf:li><rdf:li>Bob</rdf:li></rdf:Seq></dc:creator>' +
          '<dc:subject><rdf:Bag><rdf:li>sea</rdf:li></rdf:Bag></dc:subject>' +
          '<photoshop:Headline>Tom &amp; &#x4a;erry</photoshop:Headline>',
        'photoshop:Credit="Agency"',
      ),
    );
    expect(Object.fromEntries(texts)).toEqual({
      creator: ['Ada', 'Bob'],
      subject: ['sea'],
      headline: ['Tom & Jerry'],
      credit: ['Agency'],
    });
  });

  it('puts the default language first', () => {
    const items = '<rdf:li xml:lang="de">Hafen</rdf:li><rdf:li xml:lang="x-default">Harbour</rdf:li>';
    expect(readXmp(packet(`<dc:title><rdf:Alt>${items}</rdf:Alt></dc:title>`)).get('title')).toEqual([
      'Harbour',
      'Hafen',
    ]);
  });

  it('knows properties by their namespace, whatever their prefix', () => {
    const texts = readXmp(
      packet(
        '<a:title xmlns:a="http://purl.org/dc/elements/1.1/">right</a:title><dc:title xmlns:dc="urn:other">wrong</dc:title>',
      ),
    );
    expect(texts.get('title')).toEqual(['right']);
  });

  it('does not look at the location', () => {
    const texts = readXmp(packet('<exif:GPSLatitude>51,30.5N</exif:GPSLatitude>', 'exif:GPSLongitude="0,7.5W"'));
    expect(texts.size).toBe(0);
  });

  it.each([
    ['entities within entities', '<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">', '&c;'],
    ['a file of this machine', '<!ENTITY c SYSTEM "file:///etc/passwd">', '&c;'],
    ['a parameter entity', '<!ENTITY % p SYSTEM "http://169.254.169.254/"> %p;', '&c;'],
  ])('leaves %s the words they are', (_name, entities, reference) => {
    const bomb = packet(`<photoshop:Credit>${reference}</photoshop:Credit>`, '', `<!DOCTYPE x [${entities}]>`);
    expect(readXmp(bomb).get('credit')).toEqual([reference]);
  });

  it.each([
    ['deeper than XMP', '<b:a xmlns:b="urn:b">'.repeat(12_000)],
    ['without namespaces', '<b:a/>'.repeat(45_000)],
    ['full of entities', '&x;'.repeat(80_000)],
    ['full of brackets', '<'.repeat(250_000)],
  ])('gives up on what is %s, in no time, and keeps what came before', (_name, hostile) => {
    const start = performance.now();
    expect(readXmp(packet(`<dc:title>kept</dc:title>${hostile}`)).get('title')).toEqual(['kept']);
    expect(performance.now() - start).toBeLessThan(500);
  });

  it('keeps 64 values and no text beyond its limit', () => {
    const items = '<rdf:li>word</rdf:li>'.repeat(5_000);
    const text = 'y'.repeat(100_000);
    const texts = readXmp(
      packet(`<dc:subject><rdf:Bag>${items}</rdf:Bag></dc:subject><photoshop:Credit>${text}</photoshop:Credit>`),
    );
    expect(texts.get('subject')).toHaveLength(64);
    expect(texts.get('credit')?.[0]?.length).toBeLessThanOrEqual(8_192);
  });

  it('never throws, whatever the packet holds', () => {
    const sound = packet(
      '<dc:title><rdf:Alt><rdf:li xml:lang="x-default">A</rdf:li></rdf:Alt></dc:title>',
      'photoshop:Credit="B"',
    );
    const pieces = [
      '<',
      '>',
      '&',
      ']]>',
      '<![CDATA[',
      '<!--',
      '<?',
      '"',
      "'",
      '&#xd800;',
      '&#99999999;',
      '\0',
      'rdf:li',
      '/',
      '=',
    ];
    const insertions = fc.array(fc.tuple(fc.nat(sound.length), fc.constantFrom(...pieces)), { maxLength: 6 });
    fc.assert(
      fc.property(insertions, fc.nat(sound.length), (changes, length) => {
        let text = sound.toString('latin1', 0, length);
        for (const [at, piece] of changes) text = text.slice(0, at) + piece + text.slice(at);
        return readXmp(Buffer.from(text, 'latin1')) instanceof Map;
      }),
      { numRuns: 500 },
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => readXmp(Buffer.from(bytes)) instanceof Map));
  });
});
