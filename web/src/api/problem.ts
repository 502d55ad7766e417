/** What the server says when it refuses, and what is said where it cannot be reached. */

import type { components } from './schema.gen';

export type Problem = components['schemas']['Problem'];

export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly code: string;
  readonly ko: string;
  readonly en: string;
  readonly requestId: string;
  /** Where the request is wrong, one each. */
  readonly fields: readonly string[];

  constructor(status: number, problem: Partial<Problem> & Pick<Problem, 'code' | 'ko' | 'en'>) {
    super(problem.en);
    this.status = status;
    this.code = problem.code;
    this.ko = problem.ko;
    this.en = problem.en;
    this.requestId = problem.request_id ?? '';
    this.fields = problem.fields ?? [];
  }

  sentence(language: string): string {
    return language === 'en' ? this.en : this.ko;
  }

  /** Whether nobody can say if the server did what it was asked. */
  get isDoubtful(): boolean {
    return this.status === 0 || this.status >= 502;
  }
}

/** The error for an answer that is no success, whatever its body is. */
export function errorFrom(status: number, body: unknown): ApiError {
  if (isProblem(body)) return new ApiError(status, body);
  return new ApiError(status, {
    code: `HTTP_${status}`,
    ko: `서버가 알아볼 수 없는 답을 했습니다 (${status}). 잠시 뒤 다시 하세요.`,
    en: `The server gave an answer that cannot be read (${status}). Try again in a moment.`,
  });
}

export const UNREACHABLE = {
  code: 'UNREACHABLE',
  ko: '서버에 닿지 못했습니다. 연결을 확인하세요.',
  en: 'The server was not reached. Check the connection.',
} as const;

function isProblem(body: unknown): body is Problem {
  if (typeof body !== 'object' || body === null) return false;
  return 'code' in body && 'ko' in body && 'en' in body;
}
