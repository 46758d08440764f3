import { checkArtifact, inspect } from './artifact.ts';
import type { ZipEntry } from './zip.ts';

const file = (name: string, content: string | Buffer = ''): ZipEntry => ({
  name,
  size: content.length,
  read: () => Buffer.from(content),
});

const AARCH64 = 183;
const X86_64 = 62;
const elf = (machine: number): Buffer => {
  const header = Buffer.alloc(64);
  header.write('\x7fELF');
  header.writeUInt16LE(machine, 18);
  return header;
};

const sharpFor = (arch: string, machine = AARCH64): ZipEntry[] => [
  file(`node_modules/@img/sharp-${arch}/lib/sharp-${arch}-0.35.5.node`, elf(machine)),
  file(`node_modules/@img/sharp-libvips-${arch}/lib/libvips-cpp.so.8.18.3`, elf(machine)),
];
const look = (entries: ZipEntry[], bytes = 1_000_000) => inspect({ service: 's', name: 'fn', bytes, entries });

describe('inspect', () => {
  it('sees that a bundle asks for sharp, and for which platforms it is packed', () => {
    const artifact = look([file('src/handler.cjs', 'var a=require("sharp");'), ...sharpFor('linux-arm64')]);

    expect(artifact).toMatchObject({ needsSharp: true, sharpArch: ['linux-arm64'] });
  });

  it('does not count a platform whose libvips is missing: it would fail at its first image', () => {
    const artifact = look([file('a.cjs', 'require("sharp")'), ...sharpFor('linux-arm64').slice(0, 1)]);

    expect(artifact.sharpArch).toEqual([]);
  });

  it('does not believe a folder name when the binary inside is for another processor', () => {
    const artifact = look([file('a.cjs', 'require("sharp")'), ...sharpFor('linux-arm64', X86_64)]);

    expect(artifact.sharpArch).toEqual([]);
  });
});

describe('checkArtifact', () => {
  const asks = file('a.cjs', 'require("sharp")');
  const libheif = 'libheif-js/libheif-wasm/libheif-bundle.js';
  const decodesHeic = file('a.cjs', `require("${libheif}")`);

  it.each([
    ['a zip with sharp for Lambda', look([asks, ...sharpFor('linux-arm64')], 10_000_000)],
    ['libheif beside the bundle that asks for it', look([decodesHeic, file(`node_modules/${libheif}`)])],
    ['a small zip without sharp', look([file('a.cjs', 'exports.handler=1')], 400_000)],
  ])('passes %s', (_, artifact) => {
    expect(checkArtifact(artifact)).toEqual([]);
  });

  it.each([
    ['sharp is missing', look([asks]), 'expected sharp for linux-arm64 in s/fn but received none'],
    ['sharp is for the developer', look([asks, ...sharpFor('linux-x64', X86_64)]), 'but received linux-x64'],
    ['libheif is missing', look([decodesHeic]), `expected ${libheif} in s/fn`],
    ['nobody asks for sharp', look([file('a.cjs', ''), ...sharpFor('linux-arm64')]), 'never asks for it'],
    ['a plain zip is too big', look([file('a.cjs', '')], 1_600_000), 'at most 1.50 MB'],
    ['a zip with sharp is too big', look([asks, ...sharpFor('linux-arm64')], 16_000_000), 'at most 15.00 MB'],
  ])('complains when %s', (_, artifact, sentence) => {
    expect(checkArtifact(artifact).join()).toContain(sentence);
  });
});
