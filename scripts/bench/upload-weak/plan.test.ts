import { profiles } from '../link/profiles.ts';
import { giveUpAfter, parseSelection } from './plan.ts';

describe('a selection', () => {
  it('is everything when nothing is said', () => {
    const { profiles: names, clients, files, rounds } = parseSelection('');
    expect(names).toEqual(['good4g', '3g', '2g', 'train']);
    expect(clients).toContain('darkroom');
    expect([files, rounds]).toEqual([null, null]);
  });

  it('takes names, files and rounds', () => {
    expect(parseSelection('profiles=train,2g&clients=tus&files=0,2&rounds=5')).toEqual({
      profiles: ['train', '2g'],
      clients: ['tus'],
      files: [0, 2],
      rounds: 5,
    });
  });

  it('refuses a name that nobody has', () => {
    expect(() => parseSelection('profiles=5g')).toThrow(
      'expected one of good4g, 3g, 2g, train for profiles but received 5g',
    );
  });
});

describe('patience', () => {
  it('is five minutes, and three times the bare transfer where that is longer', () => {
    expect(giveUpAfter(3_000_000, profiles.train)).toBe(300_000);
    expect(giveUpAfter(25_000_000, profiles['2g'])).toBe(3_000_000);
  });
});
