/** The typed way to the API. */

import createClient from 'openapi-fetch';

import { ApiError, errorFrom, UNREACHABLE } from './problem';
import type { paths } from './schema.gen';

/** Bound late, so that a test may put itself in its place after this module was loaded. */
const lateFetch = (request: Request): Promise<Response> => globalThis.fetch(request);

export const api = createClient<paths>({ baseUrl: globalThis.location.origin, fetch: lateFetch });

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/**
 * The body of an answer.
 *
 * Raises ApiError for everything that is no success; a request is never repeated by itself.
 */
export async function told<T>(asking: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await asking;
  } catch {
    throw new ApiError(0, UNREACHABLE);
  }
  if (!answer.response.ok) throw errorFrom(answer.response.status, answer.error);
  return answer.data as T;
}

/** A key of one wish to change something: the same wish, sent again, carries the same one. */
export function newKey(): string {
  return crypto.randomUUID();
}
