import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { readBody } from '../read-body.ts';
import { AwsError, type CloudContext, type HttpService } from '../service.ts';

/** The largest request of STS is a policy document of a few KB. */
const MAX_BODY_BYTES = 64 * 1024;
const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/';
/** Seconds; AWS's defaults and bounds. */
const ASSUME_ROLE = { default: 3600, min: 900, max: 43_200 };
const SESSION = { default: 43_200, min: 900, max: 129_600 };

type Answer = Readonly<Record<string, unknown>>;

const escapeXml = (text: string): string =>
  text.replace(/[<>&'"]/g, (character) => `&#${String(character.charCodeAt(0))};`);

function xml(fields: Answer): string {
  return Object.entries(fields)
    .map(([name, value]) => {
      const inner = typeof value === 'object' && value !== null ? xml(value as Answer) : escapeXml(String(value));
      return `<${name}>${inner}</${name}>`;
    })
    .join('');
}

const readForm = async (request: IncomingMessage): Promise<URLSearchParams> =>
  new URLSearchParams((await readBody(request, MAX_BODY_BYTES)).toString());

function duration(form: URLSearchParams, bounds: typeof SESSION): number {
  const text = form.get('DurationSeconds');
  if (text === null) return bounds.default;
  const seconds = Number(text);
  if (Number.isInteger(seconds) && seconds >= bounds.min && seconds <= bounds.max) return seconds;
  throw new AwsError(
    'ValidationError',
    `expected ${bounds.min} to ${bounds.max} for DurationSeconds but received ${text}`,
  );
}

/**
 * Keys with a token, as AWS gives out. They are not in the context's credentials, so S3, which checks signatures, refuses them;
 * no other service of the stand-in looks at signatures.
 */
function temporaryCredentials(context: CloudContext, seconds: number): Answer {
  return {
    AccessKeyId: `ASIA${randomBytes(10).toString('hex').slice(0, 16).toUpperCase()}`,
    SecretAccessKey: randomBytes(30).toString('base64'),
    SessionToken: randomBytes(96).toString('base64'),
    Expiration: new Date(context.now() + seconds * 1000).toISOString(),
  };
}

function required(form: URLSearchParams, name: string, pattern: RegExp): string {
  const value = form.get(name);
  if (value === null) {
    throw new AwsError('ValidationError', `expected a value for ${name} but received none`);
  }
  if (!pattern.test(value)) throw new AwsError('ValidationError', `expected a valid ${name} but received ${value}`);
  return value;
}

function assumeRole(context: CloudContext, form: URLSearchParams): Answer {
  const arn = required(form, 'RoleArn', /^arn:aws[\w-]*:iam::\d{12}:role\/.{1,500}$/);
  const session = required(form, 'RoleSessionName', /^[\w+=,.@-]{2,64}$/);
  const [, , , , account = context.accountId, path = ''] = arn.split(':');
  const role = path.slice(path.lastIndexOf('/') + 1);
  const id = createHash('sha256').update(arn).digest('hex').slice(0, 16).toUpperCase();
  return {
    Credentials: temporaryCredentials(context, duration(form, ASSUME_ROLE)),
    AssumedRoleUser: {
      AssumedRoleId: `AROA${id}:${session}`,
      Arn: `arn:aws:sts::${account}:assumed-role/${role}/${session}`,
    },
  };
}

/** AWS Security Token Service: who am I, and temporary keys. Query protocol, answers in XML. */
export function createSts(context: CloudContext): HttpService {
  const actions: Readonly<Record<string, (form: URLSearchParams) => Answer>> = {
    GetCallerIdentity: () => ({
      Arn: `arn:aws:iam::${context.accountId}:root`,
      UserId: context.accountId,
      Account: context.accountId,
    }),
    AssumeRole: (form) => assumeRole(context, form),
    GetSessionToken: (form) => ({ Credentials: temporaryCredentials(context, duration(form, SESSION)) }),
  };

  const answer = async (request: IncomingMessage): Promise<{ action: string; result: Answer }> => {
    const form = await readForm(request);
    const action = form.get('Action') ?? '';
    const run = Object.hasOwn(actions, action) ? actions[action] : undefined;
    if (!run) throw new AwsError('InvalidAction', `Could not find operation ${action} for version 2011-06-15`);
    return { action, result: run(form) };
  };

  return {
    async handle(request, response, { requestId }) {
      let status = 200;
      let body: string;
      try {
        const { action, result } = await answer(request);
        const fields = { [`${action}Result`]: result, ResponseMetadata: { RequestId: requestId } };
        body = `<${action}Response xmlns="${NAMESPACE}">${xml(fields)}</${action}Response>`;
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        status = error.status;
        const fields = { Error: { Type: 'Sender', Code: error.code, Message: error.message }, RequestId: requestId };
        body = `<ErrorResponse xmlns="${NAMESPACE}">${xml(fields)}</ErrorResponse>`;
      }
      response.writeHead(status, {
        'content-type': 'text/xml',
        'content-length': Buffer.byteLength(body),
        'x-amzn-requestid': requestId,
      });
      response.end(body);
    },
  };
}
