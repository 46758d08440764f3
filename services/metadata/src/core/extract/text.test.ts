import fc from 'fast-check';
import { cleanText, decodeText } from './text.ts';

describe('cleanText', () => {
  it.each([
    ['  two\r\n\tlines  ', 'two lines'],
    ['\u001b[31mred\u0007', '[31mred'],
    ['safe\u202egnp.exe', 'safe gnp.exe'],
    ['👩\u200d🚀 and خانه\u200cها', '👩\u200d🚀 and خانه\u200cها'],
    ['half \ud83d', 'half'],
    ['\0\0', null],
    ['', null],
  ])('makes of %j %j', (text, clean) => {
    expect(cleanText(text, 64)).toBe(clean);
  });

  it('cuts between characters', () => {
    expect(cleanText('abc😀', 4)).toBe('abc');
    expect(cleanText('abc😀', 5)).toBe('abc😀');
  });

  it('gives one line of well-formed text within its limit, or nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 40 }), (text, max) => {
        const clean = cleanText(text, max);
        if (clean === null) return;
        expect(clean.length).toBeGreaterThan(0);
        expect(clean.length).toBeLessThanOrEqual(max);
        expect(clean.isWellFormed()).toBe(true);
        expect(clean).not.toMatch(/\p{Cc}|[\u202a-\u202e\u2066-\u2069]/u);
      }),
    );
  });
});

describe('decodeText', () => {
  it('knows UTF-8 from Latin-1', () => {
    expect(decodeText(Buffer.from('Zoë 写真', 'utf8'))).toBe('Zoë 写真');
    expect(decodeText(Buffer.from('Zoë', 'latin1'))).toBe('Zoë');
  });
});
