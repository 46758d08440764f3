import type * as z from 'zod';
import { apiErrorStatus, type ApiErrorCode, type ErrorCode, VERDICT_STATUS } from '../codes.ts';
import type { Scope } from '../tokens.ts';

export type HttpMethod = 'GET' | 'HEAD' | 'POST' | 'PATCH' | 'DELETE' | 'OPTIONS';

/** Who may call a route: anybody; the bearer of an access token with a scope, in the header or the path; the bearer of this upload's token. */
export type RouteToken =
  | { readonly kind: 'none' }
  | { readonly kind: 'access'; readonly place: 'header' | 'path'; readonly scope: Scope }
  | { readonly kind: 'upload' };

export interface RouteBody {
  /** Media types it may come in. */
  readonly types: readonly string[];
  /** Of JSON; bytes have none. */
  readonly schema?: z.ZodType;
  readonly optional?: boolean;
}

export interface RouteAnswer {
  readonly description: string;
  /** Of a JSON body; no body without it. */
  readonly schema?: z.ZodType;
  /** The body may be missing. */
  readonly optional?: boolean;
  /** Headers beside those of every answer, by their names in the usual spelling. */
  readonly headers?: z.ZodObject;
}

/** One public route, as the OpenAPI document, the tests of real answers and the token matrix read it. */
export interface Route {
  /** `operationId`; unique. */
  readonly id: string;
  readonly service: 'upload' | 'metadata';
  readonly tag: 'uploads' | 'images' | 'uppy' | 'files' | 'health';
  readonly method: HttpMethod;
  /** Parameters in braces, each with an entry in `params`. */
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  readonly token: RouteToken;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly headers?: z.ZodObject;
  readonly body?: RouteBody;
  /** Answers that are no errors, by status. */
  readonly answers: Readonly<Record<number, RouteAnswer>>;
  /** Codes of its own errors; those of its token, its body and any failure are added by `errorsOf`. */
  readonly errors: readonly RouteError[];
  /** Shape of its error bodies; `errorBodySchema` without it, and none for HEAD. */
  readonly errorSchema?: z.ZodType;
  /** Errors with these statuses may be problems (RFC 9457) of this shape instead. */
  readonly problem?: { readonly statuses: readonly number[]; readonly schema: z.ZodType };
  /** Headers of every error answer. */
  readonly errorHeaders?: z.ZodObject;
}

/** A code, or a code with a status that is not the one of `apiErrorStatus`. */
export type RouteError = ErrorCode | { readonly code: ErrorCode; readonly status: number };

/** What a token can be refused with; RFC 6750 §3.1. A foreign upload is as unknown as one that does not exist. */
const TOKEN_ERRORS = {
  none: [],
  header: ['TOKEN_MISSING', 'TOKEN_INVALID', 'TOKEN_EXPIRED', 'FORBIDDEN'],
  // Without a token in the path there is no such path.
  path: ['TOKEN_INVALID', 'TOKEN_EXPIRED', 'FORBIDDEN'],
  upload: ['TOKEN_MISSING', 'TOKEN_INVALID', 'TOKEN_EXPIRED', 'NOT_FOUND'],
} as const satisfies Record<string, readonly ErrorCode[]>;

/** What any JSON body can be refused with. */
const BODY_ERRORS = ['INVALID_JSON', 'INVALID_REQUEST', 'TOO_MANY_BYTES'] as const satisfies readonly ErrorCode[];

/** What can happen to any call: our fault, or storage that asks to come back later. */
const ANY_ERRORS = ['INTERNAL', 'UNAVAILABLE'] as const satisfies readonly ErrorCode[];

const tokenErrors = (token: RouteToken): readonly ErrorCode[] =>
  TOKEN_ERRORS[token.kind === 'access' ? token.place : token.kind];

const withStatus = (error: RouteError): { code: ErrorCode; status: number } => {
  if (typeof error !== 'string') return error;
  return { code: error, status: error in apiErrorStatus ? apiErrorStatus[error as ApiErrorCode] : VERDICT_STATUS };
};

/** Every error that a route may answer, each once, by status and then in the order of their reasons. */
export const errorsOf = (route: Route): readonly { code: ErrorCode; status: number }[] => {
  const all = [
    ...tokenErrors(route.token),
    ...(route.body?.schema === undefined ? [] : BODY_ERRORS),
    ...route.errors,
    ...(route.token.kind === 'none' ? [] : ANY_ERRORS),
  ].map(withStatus);
  const unique = new Map(all.map((error) => [`${error.status} ${error.code}`, error]));
  return [...unique.values()].sort((a, b) => a.status - b.status);
};

/** Names of the parameters in a path, in order. */
export const pathParameters = (path: string): string[] =>
  [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '');
