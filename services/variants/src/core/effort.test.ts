import { ladder, ladderSchema } from '@darkroom/types/ladder';
import { withEffort } from './effort.ts';

describe('withEffort', () => {
  it('changes the effort of AVIF and nothing else', () => {
    const changed = withEffort(ladder, 4);
    expect(ladderSchema.parse(changed)).toEqual(changed);
    expect([changed.encoders.avif.n.effort, changed.encoders.avif.l.effort]).toEqual([4, 4]);
    const { n, l } = ladder.encoders.avif;
    expect(withEffort(changed, n.effort).encoders.avif.n).toEqual(n);
    expect(withEffort(changed, l.effort).encoders.avif.l).toEqual(l);
    expect({ ...changed, encoders: null }).toEqual({ ...ladder, encoders: null });
    expect(changed.encoders.webp).toEqual(ladder.encoders.webp);
  });

  it('lowers the quality by what high effort gains, and never below one', () => {
    expect(withEffort(ladder, 4, -2).encoders.avif.n.quality).toBe(ladder.encoders.avif.n.quality - 2);
    expect(withEffort(ladder, 4, -200).encoders.avif.l.quality).toBe(1);
  });
});
