import {
  type CreateUploadRequest,
  type CreateUploadResponse,
  completeUploadResponseSchema,
  createUploadResponseSchema,
  errorBodySchema,
  listImagesResponseSchema,
  listPartsResponseSchema,
  type PublicImage,
  publicImageSchema,
  resignResponseSchema,
  signPartsResponseSchema,
  type UploadInstructions,
} from '@darkroom/types/api';
import type * as z from 'zod';
import { CliError } from '../errors.ts';

/** An answer of the API that is not a success: status, code and sentence as it gave them. */
export class ApiError extends CliError {
  readonly status: number;
  readonly apiCode: string;

  constructor(status: number, apiCode: string, message: string) {
    super('API_ERROR', message);
    this.name = 'ApiError';
    this.status = status;
    this.apiCode = apiCode;
  }
}

export type SignedPart = z.infer<typeof signPartsResponseSchema>['parts'][number];

export interface ApiClient {
  readonly createUpload: (request: CreateUploadRequest) => Promise<CreateUploadResponse>;
  readonly resign: (imageId: string, uploadToken: string) => Promise<UploadInstructions>;
  readonly signParts: (imageId: string, uploadToken: string, partNumbers: number[]) => Promise<SignedPart[]>;
  readonly listParts: (
    imageId: string,
    uploadToken: string,
  ) => Promise<{ partNumber: number; etag: string; size: number }[]>;
  readonly complete: (
    imageId: string,
    uploadToken: string,
    parts: { partNumber: number; etag: string }[],
  ) => Promise<void>;
  /** Undefined while the catalogue does not know the image (yet). */
  readonly image: (imageId: string) => Promise<PublicImage | undefined>;
  readonly countByStatus: () => Promise<Record<string, number>>;
}

const toError = async (response: Response): Promise<ApiError> => {
  const text = await response.text();
  const body = errorBodySchema.safeParse(parseJson(text));
  if (body.success) return new ApiError(response.status, body.data.code, body.data.message);
  return new ApiError(
    response.status,
    'UNKNOWN',
    `expected an answer of the API but received status ${response.status}: ${text.slice(0, 120)}`,
  );
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: the caller reports the text itself.
    return undefined;
  }
};

/** A client of Darkroom's public REST API. `api` is its base URL, `token` an access token. */
export const createApiClient = (api: string, token: string): ApiClient => {
  const call = async <T extends z.ZodType>(
    schema: T,
    path: string,
    options: { method?: string; bearer?: string; body?: unknown } = {},
  ): Promise<z.output<T>> => {
    const response = await fetch(`${api}${path}`, {
      method: options.method ?? 'GET',
      headers: {
        authorization: `Bearer ${options.bearer ?? token}`,
        ...(options.body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(options.body !== undefined && { body: JSON.stringify(options.body) }),
    }).catch((cause: unknown) => {
      throw new CliError('API_UNREACHABLE', `expected the API at ${api} to answer but it cannot be reached`, { cause });
    });
    if (!response.ok) throw await toError(response);
    return schema.parse(await response.json());
  };

  return {
    createUpload: (request) => call(createUploadResponseSchema, '/uploads', { method: 'POST', body: request }),
    resign: async (imageId, bearer) =>
      (await call(resignResponseSchema, `/uploads/${imageId}/sign`, { method: 'POST', bearer })).upload,
    signParts: async (imageId, bearer, partNumbers) =>
      (
        await call(signPartsResponseSchema, `/uploads/${imageId}/parts`, {
          method: 'POST',
          bearer,
          body: { partNumbers },
        })
      ).parts,
    listParts: async (imageId, bearer) => {
      const parts: z.infer<typeof listPartsResponseSchema>['parts'] = [];
      for (let after: number | null = 0; after !== null; ) {
        const page: z.infer<typeof listPartsResponseSchema> = await call(
          listPartsResponseSchema,
          `/uploads/${imageId}/parts?after=${after}`,
          { bearer },
        );
        parts.push(...page.parts);
        after = page.next;
      }
      return parts;
    },
    complete: async (imageId, bearer, parts) => {
      await call(completeUploadResponseSchema, `/uploads/${imageId}/complete`, {
        method: 'POST',
        bearer,
        body: { parts },
      });
    },
    image: async (imageId) => {
      try {
        return await call(publicImageSchema, `/images/${imageId}`);
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return undefined;
        throw error;
      }
    },
    countByStatus: async () => {
      const counts: Record<string, number> = {};
      for (let cursor: string | null = ''; cursor !== null; ) {
        const query: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
        const page: z.infer<typeof listImagesResponseSchema> = await call(
          listImagesResponseSchema,
          `/images?limit=100${query}`,
        );
        for (const image of page.images) counts[image.status] = (counts[image.status] ?? 0) + 1;
        cursor = page.next;
      }
      return counts;
    },
  };
};
