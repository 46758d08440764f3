import { s3Error } from '../errors.ts';

/** All fields before the file together, as S3 limits them. */
const MAX_FIELDS_BYTES = 20 * 1024;
/** Headers of one part. */
const MAX_HEADER_BYTES = 8 * 1024;
const CRLF = Buffer.from('\r\n');
const HEADER_END = Buffer.from('\r\n\r\n');

const malformed = () => s3Error('MalformedPOSTRequest');

export interface FormFile {
  readonly filename: string;
  readonly contentType: string | undefined;
  /** The file's bytes; whatever follows it in the form is ignored, as S3 does. */
  readonly pieces: AsyncGenerator<Buffer, void, undefined>;
}

interface PartHead {
  readonly name: string;
  readonly filename: string | undefined;
  readonly contentType: string | undefined;
}

/** Bytes of a request that can be looked at before they are taken. */
class Window {
  readonly #source: AsyncIterator<Buffer>;
  buffer: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Reads on; false at the end. */
  async more(): Promise<boolean> {
    const next = await this.#source.next();
    if (next.done === true) return false;
    this.buffer = this.buffer.length === 0 ? next.value : Buffer.concat([this.buffer, next.value]);
    return true;
  }

  take(length: number): Buffer {
    const taken = this.buffer.subarray(0, length);
    this.buffer = this.buffer.subarray(length);
    return taken;
  }

  /** The bytes before `mark`, which is taken, too. @throws AwsError MalformedPOSTRequest beyond `limit` or at the end */
  async until(mark: Buffer, limit: number): Promise<Buffer> {
    for (let at = this.buffer.indexOf(mark); ; at = this.buffer.indexOf(mark)) {
      if (at >= 0) {
        const before = this.take(at);
        this.take(mark.length);
        return before;
      }
      if (this.buffer.length > limit + mark.length) {
        throw s3Error('MalformedPOSTRequest', {
          message: `Your POST request fields preceding the upload file were too large.`,
        });
      }
      if (!(await this.more())) throw malformed();
    }
  }
}

function parameter(disposition: string, name: string): string | undefined {
  const match = new RegExp(`;\\s*${name}="((?:[^"\\\\]|\\\\.)*)"`, 'i').exec(disposition);
  const plain = match ?? new RegExp(`;\\s*${name}=([^;"\\s]+)`, 'i').exec(disposition);
  // Browsers write a quote as %22 and send UTF-8; backslashes are for quotes only.
  return plain?.[1]?.replaceAll('\\"', '"').replaceAll('%22', '"');
}

function parseHead(text: string): PartHead {
  const headers = new Map(
    text.split('\r\n').map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const disposition = headers.get('content-disposition') ?? '';
  const name = parameter(disposition, 'name');
  if (name === undefined) throw malformed();
  return {
    name: name.toLowerCase(),
    filename: parameter(disposition, 'filename'),
    contentType: headers.get('content-type'),
  };
}

async function* filePieces(window: Window, delimiter: Buffer): AsyncGenerator<Buffer, void, undefined> {
  for (;;) {
    const at = window.buffer.indexOf(delimiter);
    if (at >= 0) {
      if (at > 0) yield window.take(at);
      return;
    }
    // The delimiter may lie across two reads.
    const safe = window.buffer.length - delimiter.length + 1;
    if (safe > 0) yield window.take(safe);
    if (!(await window.more())) throw s3Error('IncompleteBody');
  }
}

function boundaryOf(contentType: string): string {
  const match = /^multipart\/form-data\s*;.*boundary=(?:"([^"]{1,70})"|([^;,\s]{1,70}))/i.exec(contentType);
  const boundary = match?.[1] ?? match?.[2];
  if (boundary !== undefined) return boundary;
  throw s3Error('PreconditionFailed', {
    message: 'Bucket POST must be of the enclosure-type multipart/form-data',
    fields: { Condition: 'Bucket POST must be of the enclosure-type multipart/form-data' },
  });
}

/**
 * Reads a browser form up to its file (RFC 7578). The fields are by lower-case name; the file's bytes are left to be streamed.
 * @throws AwsError PreconditionFailed, MalformedPOSTRequest, InvalidArgument for a form without a file.
 */
export async function readForm(source: AsyncIterable<Buffer>, contentType: string) {
  const boundary = Buffer.from(`--${boundaryOf(contentType)}`);
  const delimiter = Buffer.concat([CRLF, boundary]);
  const window = new Window(source);
  const fields = new Map<string, string>();
  let left = MAX_FIELDS_BYTES;
  await window.until(boundary, MAX_HEADER_BYTES);
  for (;;) {
    const rest = await window.until(CRLF, MAX_HEADER_BYTES);
    if (rest.toString('latin1').startsWith('--')) break;
    window.buffer = Buffer.concat([CRLF, window.buffer]);
    const head = parseHead((await window.until(HEADER_END, MAX_HEADER_BYTES)).toString('utf8').replace(/^\r\n/, ''));
    if (head.name === 'file') {
      const file: FormFile = {
        filename: head.filename ?? '',
        contentType: head.contentType,
        pieces: filePieces(window, delimiter),
      };
      return { fields, file };
    }
    const value = await window.until(delimiter, left);
    left -= value.length;
    fields.set(head.name, value.toString('utf8'));
  }
  throw s3Error('InvalidArgument', {
    message: 'POST requires exactly one file upload per request.',
    fields: { ArgumentName: 'file', ArgumentValue: 0 },
  });
}
