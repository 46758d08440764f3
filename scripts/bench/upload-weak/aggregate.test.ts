import { measurements, ratios, type Sample } from './aggregate.ts';

const sample = (changes: Partial<Sample>): Sample => ({
  profile: 'train',
  client: 'darkroom',
  file: 'a.jpg',
  round: 0,
  size: 1000,
  isComplete: true,
  seconds: 10,
  upBytes: 1000,
  ...changes,
});

describe('a line of results', () => {
  it('holds the completion rate, the median and all bytes sent by a byte of file', () => {
    const samples = [
      sample({ seconds: 10, upBytes: 1000 }),
      sample({ seconds: 30, upBytes: 1100 }),
      sample({ seconds: 600, upBytes: 3000, isComplete: false }),
    ];
    expect(measurements(samples)).toEqual([
      { name: 'train/darkroom/a.jpg', completion: 0.667, seconds: 30, bytesPerFileByte: 1.7 },
    ]);
  });
});

describe('ratios', () => {
  it('weigh bytes by the files, so that a small file with large headers does not rule', () => {
    const samples = [sample({ upBytes: 2000 }), sample({ file: 'b.jpg', size: 99_000, upBytes: 99_000 })];
    expect(ratios(samples)).toMatchObject({ 'train/bytes/file': 1.01, 'train/completion': 1 });
  });

  it('compare uploads over the same link, one by one, and take the geometric mean and the best of the peers', () => {
    const samples = [
      sample({ seconds: 10 }),
      sample({ client: 'tus', seconds: 20 }),
      sample({ client: 'plainPut', seconds: 5 }),
      sample({ round: 1, seconds: 40 }),
      sample({ round: 1, client: 'tus', seconds: 20 }),
      sample({ file: 'b.jpg', seconds: 10 }),
      sample({ file: 'b.jpg', client: 'tus', seconds: 20 }),
      sample({ file: 'b.jpg', client: 'plainPut', seconds: 600, isComplete: false }),
    ];
    expect(ratios(samples)).toMatchObject({
      'train/time/bestPeer': 0.794,
      'train/time/tus': 0.794,
      'train/time/plainPut': 0.183,
    });
  });

  it('keep profiles apart', () => {
    const samples = [sample({}), sample({ profile: 'good4g', isComplete: false })];
    expect(ratios(samples)).toMatchObject({ 'train/completion': 1, 'good4g/completion': 0 });
  });

  it('leave out what there is nothing to divide by', () => {
    expect(Object.keys(ratios([sample({})]))).toEqual(['train/completion', 'train/bytes/file']);
    expect(ratios([sample({ client: 'tus' })])).toEqual({});
  });
});
