import fc from 'fast-check';
import { IMAGE_ID, VERSION } from '../../test/support/pictures.ts';
import { createLogReader } from './access-log.ts';

const NAMES = [
  'date',
  'time',
  'x-edge-location',
  'sc-bytes',
  'c-ip',
  'cs-method',
  'cs-uri-stem',
  'sc-status',
  'cs-uri-query',
  'x-edge-request-id',
  'sc-content-type',
];
const FIELDS = `#Fields: ${NAMES.join(' ')}`;

const line = (changes: Record<string, string> = {}): string => {
  const values: Record<string, string> = {
    date: '2026-11-23',
    time: '20:40:00',
    'x-edge-location': 'FRA56-P3',
    'sc-bytes': '30500',
    'c-ip': '192.0.2.1',
    'cs-method': 'GET',
    'cs-uri-stem': `/v/${IMAGE_ID}/${VERSION}/640-n.avif`,
    'sc-status': '200',
    'cs-uri-query': '-',
    'x-edge-request-id': 'r1',
    'sc-content-type': 'image/avif',
    ...changes,
  };
  return NAMES.map((name) => values[name]).join('\t');
};
const key = (name: string): string => `v/${IMAGE_ID}/${VERSION}/${name}`;

const read = (text: string) => {
  const reader = createLogReader();
  expect(reader('#Version: 1.0')).toBeUndefined();
  expect(reader(FIELDS)).toBeUndefined();
  return reader(text);
};

describe('a line of the access log', () => {
  it('is a view of the rendition it names', () => {
    expect(read(line())).toEqual({ key: key('640-n.avif'), width: 640, tier: 'n', bytes: 30_500, requestId: 'r1' });
  });

  it.each([
    ['w=500', '640-n.avif'],
    ['w=640', '640-n.avif'],
    ['w=640.5&x=1', '960-n.avif'],
    ['t=l&w=1280', '1280-l.avif'],
    ['t=l&w=300', '320-n.avif'],
    ['w=99999', '2048-n.avif'],
    ['w=300&t=s', '320-s.avif'],
    ['w=321&t=s', '640-s.avif'],
    ['w=99999&t=s', '640-s.avif'],
  ])('with a negotiated address and %s is a view of %s', (query, name) => {
    const stem = `/i/${IMAGE_ID}/${VERSION}`;
    expect(read(line({ 'cs-uri-stem': stem, 'cs-uri-query': query }))?.key).toBe(key(name));
  });

  it('with a low tier that is folded at the edge is a view of the normal one', () => {
    expect(read(line({ 'cs-uri-stem': `/${key('320-l.avif')}` }))?.key).toBe(key('320-n.avif'));
  });

  it('with a square is a view of it, whose width no low tier has to do with', () => {
    expect(read(line({ 'cs-uri-stem': `/${key('320-s.avif')}` }))).toMatchObject({
      key: key('320-s.avif'),
      width: 320,
      tier: 's',
    });
  });

  it.each([
    ['another format', { 'sc-content-type': 'image/jpeg' }],
    ['a negotiated address without a width', { 'cs-uri-stem': `/i/${IMAGE_ID}/${VERSION}` }],
    ['a width that is none', { 'cs-uri-stem': `/i/${IMAGE_ID}/${VERSION}`, 'cs-uri-query': 'w=-1' }],
    ['a part of a file', { 'sc-status': '206' }],
    ['what the viewer held already', { 'sc-status': '304' }],
    ['an error', { 'sc-status': '404' }],
    ['HEAD', { 'cs-method': 'HEAD' }],
    ['no bytes', { 'sc-bytes': '-' }],
    ['a width off the ladder', { 'cs-uri-stem': `/${key('641-n.avif')}` }],
    ['a width that squares do not have', { 'cs-uri-stem': `/${key('960-s.avif')}` }],
    ['something else', { 'cs-uri-stem': '/favicon.ico' }],
  ])('about %s is no view', (_what, changes) => {
    expect(read(line(changes))).toBeUndefined();
  });

  it('means nothing before the line that names its fields', () => {
    expect(createLogReader()(line())).toBeUndefined();
  });

  it('is read by the names of its fields, whatever their order', () => {
    const reader = createLogReader();
    reader(`#Fields: ${[...NAMES].reverse().join(' ')}`);
    expect(reader(line().split('\t').reverse().join('\t'))?.key).toBe(key('640-n.avif'));
  });

  it('may be anything at all', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.constant(FIELDS), fc.constant(line()))),
        (lines) => {
          const reader = createLogReader();
          for (const text of lines) reader(text);
        },
      ),
    );
    fc.assert(
      fc.property(fc.constantFrom(...NAMES), fc.string({ unit: 'binary' }), (name, value) => {
        const view = read(line({ [name]: value }));
        expect(view === undefined || view.key.startsWith('v/')).toBe(true);
      }),
    );
  });

  it('of absurd length is not looked at', () => {
    expect(read(`${line()}\t${'x'.repeat(40_000)}`)).toBeUndefined();
  });
});
