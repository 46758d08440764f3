import { createAnnouncer } from './announce.ts';
import type { ItemState, Phase } from './item.ts';

const item = (name: string, phase: Phase, code?: string): ItemState =>
  ({
    key: name,
    name,
    phase,
    failure: code === undefined ? null : { code, message: 'why' },
    trouble: null,
  }) as ItemState;

const prepare = () => {
  const said: string[] = [];
  const flushes: (() => void)[] = [];
  const announce = createAnnouncer({ say: (text) => said.push(text), after: (_ms, flush) => flushes.push(flush) });
  return { announce, said, flush: () => flushes.splice(0).forEach((run) => run()) };
};

describe('what a screen reader is told', () => {
  it('keeps quiet about progress and about steps that nobody waits for', () => {
    const { announce, flush, said } = prepare();
    announce(item('a', 'uploading'), 'uploading');
    announce(item('a', 'uploading'), 'waiting');
    announce(item('a', 'completing'), 'uploading');
    flush();
    expect(said).toEqual([]);
  });

  it('tells of few by name, with the latest state of each', () => {
    const { announce, flush, said } = prepare();
    announce(item('a', 'stored'), 'completing');
    announce(item('a', 'ready'), 'developing');
    announce(item('b', 'failed', 'TOO_LARGE'), 'uploading');
    flush();
    expect(said).toEqual(['a: Ready. b: Refused: why']);
  });

  it('counts when they are many', () => {
    const { announce, flush, said } = prepare();
    for (const name of ['a', 'b', 'c']) announce(item(name, 'offline'), 'uploading');
    announce(item('d', 'failed', 'BAD_ASPECT'), 'uploading');
    announce(item('e', 'failed', 'UNREACHABLE'), 'uploading');
    flush();
    expect(said).toEqual(['3 photographs offline, 1 photograph refused, 1 photograph not sent']);
  });
});
