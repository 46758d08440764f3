import { Script, createContext } from 'node:vm';

/** CloudFront's quota for the code of a function, in bytes. */
const MAX_CODE_BYTES = 10_240;
/** CloudFront allows about a millisecond of compute; a hundred tells a loop without end from a busy machine. */
const TIME_LIMIT_MS = 100;

export interface EdgeRequest {
  method: string;
  uri: string;
  querystring: Record<string, { value: string; multiValue?: { value: string }[] }>;
  headers: Record<string, { value: string; multiValue?: { value: string }[] }>;
  cookies: Record<string, { value: string }>;
}

export interface EdgeResponse {
  statusCode: number;
  statusDescription?: string;
  headers?: Record<string, { value: string }>;
  body?: string | { encoding: 'text' | 'base64'; data: string };
}

export type EdgeEventType = 'viewer-request' | 'viewer-response';
export type ViewerFunction = (
  type: EdgeEventType,
  request: EdgeRequest,
  response?: EdgeResponse,
) => EdgeRequest | EdgeResponse;

/** True when a function answered itself instead of passing the request on. */
export const isResponse = (answer: EdgeRequest | EdgeResponse): answer is EdgeResponse => 'statusCode' in answer;

/**
 * Compiles the code of a CloudFront Function (event structure version 1.0). Each function has a context of its own that
 * holds nothing of Node's, as at the edge. Throws RangeError above 10 KB, SyntaxError for code that does not parse.
 */
export const compileViewerFunction = (name: string, code: string): ViewerFunction => {
  if (Buffer.byteLength(code) > MAX_CODE_BYTES)
    throw new RangeError(
      `expected at most ${MAX_CODE_BYTES} bytes for ${name} but received ${Buffer.byteLength(code)}`,
    );
  const context = createContext({}, { name, codeGeneration: { strings: false, wasm: false } });
  new Script(code, { filename: `${name}.js` }).runInContext(context, { timeout: TIME_LIMIT_MS });
  const call = new Script('JSON.stringify(handler(JSON.parse(event)))', { filename: `${name}-call.js` });
  return (type, request, response) => {
    const event = {
      version: '1.0',
      context: { distributionDomainName: 'localhost', eventType: type, requestId: '' },
      viewer: { ip: '127.0.0.1' },
      request,
      response,
    };
    // Values cross the border as JSON text: nothing inside can reach an object of ours.
    Object.assign(context, { event: JSON.stringify(event) });
    return JSON.parse(String(call.runInContext(context, { timeout: TIME_LIMIT_MS }))) as EdgeRequest | EdgeResponse;
  };
};
