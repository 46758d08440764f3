/** How much is measured: `VARIANTS='photos=12&rounds=1&naive=2'` measures less, or more, than the defaults. */
export interface Scale {
  /** Most photographs, spread evenly over the folder. */
  readonly photos: number;
  readonly rounds: number;
  /** Photographs for the naive design, once each: it takes ten times as long. */
  readonly naive: number;
}

const defaults: Scale = { photos: 24, rounds: 3, naive: 4 };

/** Reads the scale. Throws RangeError for a name or number that makes no sense. */
export const scaleOf = (text: string | undefined): Scale => {
  const scale: Record<string, number> = { ...defaults };
  for (const [name, value] of new URLSearchParams(text ?? '')) {
    const least = name === 'naive' ? 0 : 1;
    if (!(name in defaults) || !/^\d+$/.test(value) || Number(value) < least)
      throw new RangeError(`expected photos, rounds or naive with a count in VARIANTS but received ${name}=${value}`);
    scale[name] = Number(value);
  }
  return { ...defaults, ...scale };
};
