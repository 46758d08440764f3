import { parseEventTime } from './instant.ts';

describe('parseEventTime', () => {
  it.each([
    ['AWS', '2026-11-23T20:39:58.123Z', '2026-11-23T20:39:58.123Z'],
    ['moto, without a zone', '2026-11-23T20:39:58.123456', '2026-11-23T20:39:58.123Z'],
    ['without a fraction', '2026-11-23T20:39:58Z', '2026-11-23T20:39:58.000Z'],
    ['with an offset', '2026-11-23T22:39:58+02:00', '2026-11-23T20:39:58.000Z'],
    ['no time at all', 'yesterday', undefined],
    ['empty', '', undefined],
  ])('reads %s', (_who, given, instant) => {
    expect(parseEventTime(given)).toBe(instant);
  });
});
