import { compilePattern } from './pattern.ts';

const EVENT = {
  source: 'darkroom.local',
  'detail-type': 'image.ready',
  region: 'us-east-1',
  resources: ['arn:a', 'arn:b'],
  detail: {
    status: 'READY',
    width: 4032,
    ratio: 1.5,
    tags: ['cat', 'sofa'],
    empty: [],
    nothing: null,
    exif: { make: 'Canon' },
  },
};

const matches = (pattern: unknown): boolean => compilePattern(JSON.stringify(pattern))(EVENT);

describe('event patterns', () => {
  it.each([
    ['an exact value', { source: ['darkroom.local'] }],
    ['one of several', { source: ['other', 'darkroom.local'] }],
    ['several fields', { source: ['darkroom.local'], detail: { status: ['READY'] } }],
    ['a nested field', { detail: { exif: { make: ['Canon'] } } }],
    ['a number', { detail: { width: [4032] } }],
    ['null', { detail: { nothing: [null] } }],
    ['a member of a list', { detail: { tags: ['sofa'] } }],
    ['a prefix', { source: [{ prefix: 'darkroom.' }] }],
    ['a prefix, looking away from case', { source: [{ prefix: { 'equals-ignore-case': 'DARK' } }] }],
    ['a suffix', { 'detail-type': [{ suffix: '.ready' }] }],
    ['a value, looking away from case', { detail: { status: [{ 'equals-ignore-case': 'ready' }] } }],
    ['a wildcard', { 'detail-type': [{ wildcard: 'im*.r*y' }] }],
    ['anything but a value', { source: [{ 'anything-but': 'aws.s3' }] }],
    ['anything but some values', { source: [{ 'anything-but': ['aws.s3', 'aws.ec2'] }] }],
    ['anything but a prefix', { source: [{ 'anything-but': { prefix: 'aws.' } }] }],
    ['a range', { detail: { width: [{ numeric: ['>', 4000, '<=', 4032] }] } }],
    ['a fraction', { detail: { ratio: [{ numeric: ['=', 1.5] }] } }],
    ['a field that exists', { detail: { exif: { make: [{ exists: true }] } } }],
    ['a field that does not exist', { detail: { exif: { model: [{ exists: false }] } } }],
    ['a field that does not exist in an object that does not', { detail: { gps: { latitude: [{ exists: false }] } } }],
    ['one of two patterns', { $or: [{ source: ['other'] }, { detail: { width: [{ numeric: ['>', 4000] }] } }] }],
    ['resources', { resources: [{ suffix: ':b' }] }],
  ])('match %s', (_, pattern) => {
    expect(matches(pattern)).toBe(true);
  });

  it.each([
    ['another value', { source: ['other'] }],
    ['a number given as text', { detail: { width: ['4032'] } }],
    ['one field of two', { source: ['darkroom.local'], detail: { status: ['FAILED'] } }],
    ['a missing field', { detail: { height: [3024] } }],
    ['a prefix elsewhere', { source: [{ prefix: 'local' }] }],
    ['a range it is outside of', { detail: { width: [{ numeric: ['>', 4032] }] } }],
    ['anything but its value', { source: [{ 'anything-but': 'darkroom.local' }] }],
    ['anything but its suffix', { source: [{ 'anything-but': { suffix: '.local' } }] }],
    ['anything but a value, of a field that is not there', { detail: { height: [{ 'anything-but': [1] }] } }],
    ['exists of a missing field', { detail: { height: [{ exists: true }] } }],
    ['exists of an empty list', { detail: { empty: [{ exists: true }] } }],
    ['neither of two patterns', { $or: [{ source: ['other'] }, { region: ['eu-west-1'] }] }],
    [
      'one of two patterns, with another field wrong',
      { region: ['x'], $or: [{ source: ['darkroom.local'] }, { region: ['y'] }] },
    ],
    ['a wildcard that stops short', { 'detail-type': [{ wildcard: 'image.*d' }] }],
  ])('do not match %s', (_, pattern) => {
    expect(matches(pattern)).toBe(false);
  });

  it.each([
    ['no JSON', '{'],
    ['a list', '[]'],
    ['nothing', '{}'],
    ['a bare value', '{"source":"x"}'],
    ['an empty list', '{"source":[]}'],
    ['an unknown matcher', '{"source":[{"regex":"x"}]}'],
    ['half a range', '{"detail":{"n":[{"numeric":[">"]}]}}'],
    ['a single alternative', '{"$or":[{"source":["x"]}]}'],
  ])('refuse %s: InvalidEventPatternException', (_, pattern) => {
    expect(() => compilePattern(pattern)).toThrow(expect.objectContaining({ code: 'InvalidEventPatternException' }));
  });
});
