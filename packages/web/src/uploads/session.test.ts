import type { PublicImage } from '@darkroom/types/api';
import { fakeUploader, recordOf, sourceOf } from '../../test/fake-uploader.ts';
import type { FollowOrder } from './follow.ts';
import type { Item, ItemState, Phase } from './item.ts';
import { createSession, type Entry, type SessionPorts } from './session.ts';

/** Lets everything that is ready to run, run. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

const prepare = (ports: Partial<SessionPorts> = {}) => {
  const uploader = fakeUploader();
  const follows: FollowOrder[] = [];
  const changes: [string, Phase][] = [];
  const removed: string[] = [];
  const items: Item[] = [];
  const events = {
    onAdded: ({ item }: Entry) => void items.push(item),
    onChange: ({ name, phase }: ItemState, before: Phase) => {
      if (phase !== before) changes.push([name, phase]);
    },
    onRemoved: (key: string) => void removed.push(key),
  };
  const held: string[] = [];
  const session = createSession(
    {
      uploader,
      now: () => 5000,
      fromBlob: (blob) => sourceOf((blob as File).name, blob.size),
      fromRecord: (record) => sourceOf(record.name ?? 'unnamed', record.size),
      hold: async (name) => {
        held.push(name);
        return () => void held.splice(held.indexOf(name), 1);
      },
      smaller: async (file) => file,
      follow: async (order) => void follows.push(order),
      ...ports,
    },
    events,
  );
  return { session, uploader, follows, changes, removed, held, items };
};

const photo = (name: string): File => new File(['0123456789'], name, { type: 'image/jpeg' });
const state = (session: { states: () => readonly ItemState[] }, index = 0): ItemState => session.states()[index]!;

describe('the photographs of a page', () => {
  it('go from being chosen to being ready', async () => {
    const { session, uploader, follows, changes, held } = prepare();
    session.add([photo('a.jpg')], { smaller: false });
    await settle();
    const [upload] = uploader.uploads;
    expect(held).toEqual(['a.jpg']);
    upload!.move({ state: 'uploading', sentBytes: 4 });
    upload!.move({ state: 'completing', sentBytes: 10 });
    upload!.finish();
    await settle();
    expect(held).toEqual([]);
    const [{ imageId, onSight }] = follows as [FollowOrder];
    expect(imageId).toBe('image-1');
    onSight({ image: null, trouble: null });
    onSight({ image: { status: 'PROCESSING' } as PublicImage, trouble: null });
    onSight({ image: { status: 'READY' } as PublicImage, trouble: null });
    expect(changes.map(([, phase]) => phase)).toEqual([
      'waiting',
      'uploading',
      'completing',
      'stored',
      'developing',
      'ready',
    ]);
  });

  it('are shrunk one at a time, and one that cannot be read fails alone', async () => {
    let running = 0;
    const smaller = async (file: File) => {
      running += 1;
      expect(running).toBe(1);
      await settle();
      running -= 1;
      if (file.name === 'b.jpg') throw new DOMException('gone', 'NotReadableError');
      return file;
    };
    const { session, uploader } = prepare({ smaller });
    session.add([photo('a.jpg'), photo('b.jpg'), photo('c.jpg')], { smaller: true });
    for (let i = 0; i < 10; i += 1) await settle();
    expect(uploader.uploads.map(({ source }) => source.name)).toEqual(['a.jpg', 'c.jpg']);
    expect(state(session, 1)).toMatchObject({ phase: 'failed', failure: { code: 'NotReadableError' } });
  });

  it('tell why one was refused, and leave the others alone', async () => {
    const { session, uploader } = prepare();
    session.add([photo('a.jpg'), photo('b.jpg')], { smaller: false });
    await settle();
    uploader.uploads[0]!.fail('TOO_LARGE', 'the image has more pixels than it may have');
    await settle();
    expect(state(session)).toMatchObject({ phase: 'failed', failure: { code: 'TOO_LARGE' } });
    expect(state(session, 1).phase).toBe('waiting');
  });

  it('pause and resume together, also before they are under way', async () => {
    const { session, uploader } = prepare();
    session.add([photo('a.jpg')], { smaller: false });
    session.pauseAll();
    expect(state(session).phase).toBe('paused');
    await settle();
    expect(uploader.uploads[0]!.calls).toEqual(['pause']);
    session.resumeAll();
    expect(uploader.uploads[0]!.calls).toEqual(['pause', 'resume']);
    expect(state(session).phase).toBe('uploading');
  });

  it('are tried again with the same bytes', async () => {
    const { session, uploader, items } = prepare();
    session.add([photo('a.jpg')], { smaller: false });
    await settle();
    uploader.uploads[0]!.fail('UNREACHABLE');
    await settle();
    expect(state(session).phase).toBe('failed');
    items[0]!.retry();
    await settle();
    expect(uploader.uploads).toHaveLength(2);
    expect(state(session)).toMatchObject({ phase: 'waiting', failure: null });
  });

  it('are given up on the server when they are taken off the list', async () => {
    const { session, uploader, removed, held } = prepare();
    session.add([photo('a.jpg')], { smaller: false });
    await settle();
    session.remove(state(session).key);
    await settle();
    expect(uploader.uploads[0]!.calls).toEqual(['cancel']);
    expect(removed).toEqual(['photo-1']);
    expect(session.states()).toEqual([]);
    expect(held).toEqual([]);
  });

  it('that failed do not come back with the next reload once they are taken off the list', async () => {
    const { session, uploader } = prepare();
    session.add([photo('a.jpg')], { smaller: false });
    await settle();
    uploader.records = [recordOf('a.jpg')];
    uploader.uploads[0]!.fail('UNREACHABLE');
    await settle();
    session.clear();
    await settle();
    expect(uploader.forgotten).toEqual(['a.jpg']);
  });
});

describe('after a reload', () => {
  it('goes on by itself with what was under way', async () => {
    const { session, uploader } = prepare();
    uploader.records = [recordOf('a.jpg', new Blob(['0123456789']))];
    await session.restore();
    await settle();
    expect(uploader.uploads.map(({ source }) => source.name)).toEqual(['a.jpg']);
    expect(state(session)).toMatchObject({ name: 'a.jpg', restored: true, phase: 'waiting' });
  });

  it('waits for another page that works on the same file, and stays away when that one finished it', async () => {
    const free = Promise.withResolvers<() => void>();
    const release = import.meta.jest.fn();
    const { session, uploader } = prepare({ hold: () => free.promise });
    uploader.records = [recordOf('a.jpg', new Blob(['x']))];
    await session.restore();
    await settle();
    expect(session.states()).toEqual([]);
    uploader.records = [];
    free.resolve(release);
    await settle();
    expect(session.states()).toEqual([]);
    expect(release).toHaveBeenCalledTimes(1);
  });

  it('asks for a file that was not kept, and goes on in its place when it is chosen again', async () => {
    const { session, uploader, removed } = prepare();
    uploader.records = [recordOf('a.jpg')];
    await session.restore();
    await settle();
    expect(state(session)).toMatchObject({ phase: 'failed', failure: { code: 'FILE_NEEDED' } });
    session.add([photo('a.jpg')], { smaller: false });
    await settle();
    expect(removed).toEqual(['photo-1']);
    expect(uploader.forgotten).toEqual([]);
    expect(session.states().map(({ name, phase }) => [name, phase])).toEqual([['a.jpg', 'waiting']]);
  });
});
