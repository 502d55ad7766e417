import { queryOptions, useQuery } from '@tanstack/react-query';
import type { QueryClient } from '@tanstack/react-query';

import { api, told } from '@/api/client';
import { ApiError } from '@/api/problem';
import type { Account, Me, Mode } from '@/api/types';

/** Who is logged in; null for nobody. */
export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: async (): Promise<Me | null> => {
    try {
      return await told(api.GET('/api/auth/me'));
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return null;
      throw error;
    }
  },
  staleTime: 60_000,
});

export const useMe = () => useQuery(meQuery);

/** Nobody is logged in any more: nothing of theirs stays, and the page is told first. */
export function forgetMe(client: QueryClient): void {
  client.setQueryData(meQuery.queryKey, null);
  client.removeQueries({ predicate: (query) => query.queryKey[0] !== 'me' });
}

export type ModePath = 'sim' | 'paper' | 'real';
export const MODE_PATHS: readonly ModePath[] = ['sim', 'paper', 'real'];

export function pathOf(mode: Mode): ModePath {
  return mode === 'REAL' ? 'real' : mode === 'PAPER' ? 'paper' : 'sim';
}

export function isModePath(text: string | undefined): text is ModePath {
  return MODE_PATHS.some((path) => path === text);
}

/** The accounts of a mode. */
export function accountsOf(me: Me, path: ModePath): Account[] {
  return me.accounts.filter((account) => pathOf(account.mode) === path);
}

/** Where somebody begins: the most harmless market that they have an account in. */
export function firstPath(me: Me): ModePath {
  return MODE_PATHS.find((path) => accountsOf(me, path).length > 0) ?? 'sim';
}
