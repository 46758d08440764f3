import type { VariantName } from '../../../packages/types/src/keys.ts';
import { type Family, ladder } from '../../../packages/types/src/ladder.ts';
import { type Developed, develop, type Made } from './darkroom.ts';
import { judge, type Verdict, witness } from './judge.ts';
import type { Space } from './magick.ts';

/** One original, and what is expected of its renditions. */
export interface Golden {
  readonly name: string;
  readonly file: Buffer;
  /** The same picture in a file that is simpler to read, so that less has to be believed of the witness; otherwise the file itself. */
  readonly expected?: Buffer;
  /** The renditions keep colours beyond sRGB. */
  readonly wide?: boolean;
  /** The renditions keep transparency where their format has it. */
  readonly transparent?: boolean;
  /** How colours are meant where the file says nothing. */
  readonly untagged?: Buffer;
  /** Of one colour: there is no composition to compare. */
  readonly plain?: boolean;
  /** Only this family is made: the others would show nothing new. */
  readonly only?: Family;
  /** The file as a program with a bug would take it, whose renditions the judge must refuse. */
  readonly mistaken?: Buffer;
}

type Rung = Pick<VariantName, 'width' | 'tier'>;

/** Furthest that renditions may be from what the witness sees; docs/golden.md says why. */
const bounds = {
  thumbnail: { hash: 4, mean: 1.9, p95: 5 },
  normal: { hash: 4, mean: 1.6, p95: 5 },
  low: { hash: 4, mean: 2, p95: 5 },
} satisfies Readonly<Record<string, Verdict>>;

const boundsOf = ({ width, tier }: Rung): Verdict => {
  if (tier === 'l') return bounds.low;
  return width > 320 ? bounds.normal : bounds.thumbnail;
};

/** True when a rendition of a rung is the picture, in its colours. */
export const isWithin = (verdict: Verdict, rung: Rung): boolean => {
  const { hash, mean, p95 } = boundsOf(rung);
  return verdict.hash <= hash && verdict.mean <= mean && verdict.p95 <= p95;
};

/** What transparent pixels are looked at on: JPEG has been put on the dominant colour, the others are still transparent. */
const backgroundsOf = (isTransparent: boolean, { metadata }: Developed, { name }: Made): readonly string[] => {
  if (!isTransparent) return ['#ffffff'];
  return name.format === 'jpeg' ? [metadata.dominantColour] : ['#000000', '#ffffff'];
};

const spaceOf = ({ wide }: Golden): Space => (wide === true ? 'wide' : 'srgb');

const witnesses = new WeakMap<Golden, ReturnType<typeof witness>>();
/** One for all tests of a case: what it has seen it need not look at again. */
const witnessOf = (golden: Golden): ReturnType<typeof witness> => {
  const { file, expected = file, untagged } = golden;
  const found = witnesses.get(golden) ?? witness(expected, { space: spaceOf(golden), untagged });
  witnesses.set(golden, found);
  return found;
};

/** Every rendition with the judge's verdict on it. */
const judged = (golden: Golden, developed: Developed): (Made & { verdict: Verdict })[] => {
  const { file, expected = file, untagged } = golden;
  const squareAt = developed.metadata.focus;
  const ofSquares = witness(expected, { space: spaceOf(golden), untagged, squareAt });
  return developed.renditions.map((made) => ({
    ...made,
    verdict: judge(made.data, made.name.tier === 's' ? ofSquares : witnessOf(golden), {
      space: spaceOf(golden),
      backgrounds: backgroundsOf(golden.transparent === true, developed, made),
    }),
  }));
};

const label = ({ name: { width, tier, format } }: Made): string => `${width}-${tier}.${format}`;

const rounded = ({ hash, mean, p95 }: Verdict): string =>
  `hash ${hash}, mean ${mean.toFixed(2)}, p95 ${p95.toFixed(2)}`;

/** Tests each: the renditions are the picture that the witness sees, and those of the mistaken file are not. */
export const describeGolden = (title: string, goldens: readonly Golden[]): void => {
  describe(title, () => {
    it.each(goldens)('$name', async (golden) => {
      const { only } = golden;
      const developed = await develop(golden.file, { only });
      expect(developed.metadata.hasAlpha).toBe(golden.transparent ?? false);
      expect(developed.metadata.wideGamut).toBe(golden.wide ?? false);
      const { width, height } = witnessOf(golden)('#ffffff');
      expect({ width: developed.metadata.width, height: developed.metadata.height }).toEqual({ width, height });
      const results = judged(golden, developed);
      const formats = only === undefined ? ladder.formats : ladder.formats.filter((format) => format !== 'webp');
      expect(new Set(results.map(({ name }) => name.format))).toEqual(new Set(formats));
      const hashed = (verdict: Verdict): Verdict => (golden.plain === true ? { ...verdict, hash: 0 } : verdict);
      const refused = results.filter(({ verdict, name }) => !isWithin(hashed(verdict), name));
      expect(refused.map((made) => `${label(made)}: ${rounded(made.verdict)}`)).toEqual([]);
    });

    const mistakes = goldens.filter(({ mistaken }) => mistaken !== undefined);
    if (mistakes.length === 0) return;
    it.each(mistakes)('$name: the mistake would show', async (golden) => {
      const developed = await develop(golden.mistaken ?? Buffer.alloc(0), { only: 'thumbnail' });
      expect(
        judged(golden, developed)
          .filter(({ verdict, name }) => isWithin(verdict, name))
          .map(label),
      ).toEqual([]);
    });
  });
};
