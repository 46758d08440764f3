import { errorBodySchema, listImagesResponseSchema, type PublicImage, publicImageSchema } from '@darkroom/types/api';
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

export interface ApiClient {
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

/** A client of Darkroom's image API: what was uploaded is read by it, the uploading is `@darkroom/client`'s. `api` is its base URL, `token` an access token. */
export const createApiClient = (api: string, token: string): ApiClient => {
  const call = async <T extends z.ZodType>(schema: T, path: string): Promise<z.output<T>> => {
    const response = await fetch(`${api}${path}`, { headers: { authorization: `Bearer ${token}` } }).catch(
      (cause: unknown) => {
        throw new CliError('API_UNREACHABLE', `expected the API at ${api} to answer but it cannot be reached`, {
          cause,
        });
      },
    );
    if (!response.ok) throw await toError(response);
    return schema.parse(await response.json());
  };

  return {
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
