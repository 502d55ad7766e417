/** Answers of the API for tests, held to its types: a mock that drifts does not compile. */

import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';

import type { paths } from '@/api/schema.gen';

type Method = 'get' | 'post';
type Told<P extends keyof paths, M extends Method> = paths[P][M] extends {
  responses: { 200: { content: { 'application/json': infer T } } };
}
  ? T
  : never;

export const server = setupServer();

/** Bodies that were sent to a path, and the headers that came with them. */
export interface Heard {
  readonly body: unknown;
  readonly headers: Headers;
}

/** Answer a path; what was asked is heard. */
export function answer<P extends keyof paths, M extends Method>(
  method: M,
  path: P,
  told: (() => Told<P, M> | Response) | Told<P, M>,
): Heard[] {
  const heard: Heard[] = [];
  const pattern = `*${path.replaceAll(/\{(\w+)\}/g, ':$1')}`;
  server.use(
    http[method](pattern, async ({ request }) => {
      const text = await request.text();
      heard.push({ body: text ? (JSON.parse(text) as unknown) : null, headers: request.headers });
      const result = typeof told === 'function' ? (told as () => unknown)() : told;
      return result instanceof Response ? result : HttpResponse.json(result as object);
    }),
  );
  return heard;
}

/** A refusal as the server tells it. */
export function refusal(status: number, code: string, ko: string, en: string): Response {
  return HttpResponse.json(
    { type: '', title: '', detail: ko, request_id: 'r-1', fields: [], status, code, ko, en },
    { status },
  );
}

/** No answer at all. */
export function silence(): Response {
  return HttpResponse.error();
}
