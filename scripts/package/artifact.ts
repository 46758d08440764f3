import type { ZipEntry } from './zip.ts';

/** What a function's zip holds. `needsSharp`: the bundle asks for it; `sharpArch`: the platforms it is packed for. */
export interface Artifact {
  readonly service: string;
  readonly name: string;
  readonly bytes: number;
  readonly needsSharp: boolean;
  readonly sharpArch: readonly string[];
  /** Packages that bundles leave out and the zip should hold, but does not. */
  readonly missing: readonly string[];
}

const MB = 1_000_000;
/** With sharp: about 10 MB as packed today; 15 leaves room for a model and keeps cold starts short. */
export const LIMIT_WITH_SHARP = 15 * MB;
/** Without sharp: SDK clients, zod and Powertools take about 1 MB. More means something was bundled by mistake. */
export const LIMIT_PLAIN = 1.5 * MB;
const LAMBDA_ARCH = 'linux-arm64';

const BUNDLE = /\.(c|m)?js$/;
const ASKS_FOR_SHARP = /(require|import)\(\s*["']sharp["']\s*\)|from\s*["']sharp["']/;
const SHARP_BINARY = /^node_modules\/@img\/sharp-(?!libvips)([a-z0-9-]+)\/.+\.node$/;

/** Other packages that stay outside of bundles, by the file that is asked for. */
const SEPARATE = ['libheif-js/libheif-wasm/libheif-bundle.js'];

const platforms = (entries: readonly ZipEntry[]): string[] =>
  entries.flatMap(({ name }) => SHARP_BINARY.exec(name)?.[1] ?? []).sort();

/** e_machine of an ELF header (offset 18) for AArch64: a folder's name may lie, the binary does not. */
const EM_AARCH64 = 183;
const isForArm = (entry: ZipEntry): boolean => entry.size > 20 && entry.read().readUInt16LE(18) === EM_AARCH64;

/** sharp and the libvips it loads are both there, and for Lambda's processor where they say so. */
const isComplete = (entries: readonly ZipEntry[], arch: string): boolean => {
  const binary = entries.find(({ name }) => SHARP_BINARY.exec(name)?.[1] === arch);
  const libvips = entries.find(
    ({ name }) => name.startsWith(`node_modules/@img/sharp-libvips-${arch}/`) && name.includes('libvips-cpp'),
  );
  if (binary === undefined || libvips === undefined) return false;
  return arch !== LAMBDA_ARCH || (isForArm(binary) && isForArm(libvips));
};

/** Looks into a zip: is sharp asked for, and for which platforms is it complete (binary and libvips)? */
export const inspect = (from: {
  service: string;
  name: string;
  bytes: number;
  entries: readonly ZipEntry[];
}): Artifact => {
  const { entries, ...rest } = from;
  const bundles = entries.filter(({ name }) => BUNDLE.test(name) && !name.startsWith('node_modules/'));
  const texts = bundles.map((bundle) => bundle.read().toString('utf8'));
  const isThere = (file: string): boolean => entries.some(({ name }) => name === `node_modules/${file}`);
  return {
    ...rest,
    needsSharp: texts.some((text) => ASKS_FOR_SHARP.test(text)),
    missing: SEPARATE.filter((file) => texts.some((text) => text.includes(`"${file}"`)) && !isThere(file)),
    sharpArch: platforms(entries).filter((arch) => isComplete(entries, arch)),
  };
};

const megabytes = (bytes: number): string => (bytes / MB).toFixed(2);

/** One sentence for each limit that an artifact breaks. */
export const checkArtifact = ({ service, name, bytes, needsSharp, sharpArch, missing }: Artifact): string[] => {
  const complaints = missing.map(
    (file) => `expected ${file} in ${service}/${name}, whose code asks for it, but received none`,
  );
  const where = `${service}/${name}`;
  if (needsSharp && !sharpArch.includes(LAMBDA_ARCH)) {
    complaints.push(`expected sharp for ${LAMBDA_ARCH} in ${where} but received ${sharpArch.join(', ') || 'none'}`);
  }
  const strangers = sharpArch.filter((arch) => arch !== LAMBDA_ARCH);
  if (strangers.length > 0)
    complaints.push(`expected sharp for ${LAMBDA_ARCH} only in ${where} but also received ${strangers.join(', ')}`);
  if (!needsSharp && sharpArch.length > 0)
    complaints.push(
      `expected no sharp in ${where}, whose code never asks for it, but received ${sharpArch.join(', ')}`,
    );
  const limit = needsSharp ? LIMIT_WITH_SHARP : LIMIT_PLAIN;
  if (bytes > limit)
    complaints.push(`expected at most ${megabytes(limit)} MB for ${where} but received ${megabytes(bytes)} MB`);
  return complaints;
};
