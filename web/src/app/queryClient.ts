import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';

import { ApiError } from '@/api/problem';

const LOGGED_OUT = new Set(['NOT_LOGGED_IN', 'SECOND_FACTOR_NEEDED']);
const TRIES = 2;

/** The query client of the page; whoever is no longer logged in is told so once, by `me`. */
export function makeQueryClient(): QueryClient {
  const noticeLogout = (error: unknown): void => {
    if (error instanceof ApiError && LOGGED_OUT.has(error.code)) client.setQueryData(['me'], null);
  };
  const client = new QueryClient({
    queryCache: new QueryCache({ onError: noticeLogout }),
    mutationCache: new MutationCache({ onError: noticeLogout }),
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        retry: (failures, error) =>
          failures < TRIES && error instanceof ApiError && error.isDoubtful,
      },
      mutations: { retry: 0 }, // what moves money is asked for once
    },
  });
  return client;
}
