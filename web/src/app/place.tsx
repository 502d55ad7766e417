import { createContext, useContext } from 'react';

import type { Account } from '@/api/types';

import type { ModePath } from './me';

/** Which account is looked at; its mode is the server's word, and the path only repeats it. */
export interface Place {
  readonly path: ModePath;
  readonly account: Account;
}

export const PlaceContext = createContext<Place | null>(null);

export function usePlace(): Place {
  const place = useContext(PlaceContext);
  if (!place) throw new Error('outside of a place');
  return place;
}

/** The beginning of every query key of an account. */
export function useKey(): (...rest: readonly unknown[]) => readonly unknown[] {
  const { path, account } = usePlace();
  return (...rest) => [path, account.account_id, ...rest];
}
