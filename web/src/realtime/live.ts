import { createContext, useContext } from 'react';

import type { LinkState } from './socket';
import type { TickStore } from './tickStore';

/** What is live about an account: its ticks, and the line that they come over. */
export interface Live {
  readonly ticks: TickStore;
  readonly link: LinkState;
  /** How often in a row the line failed; from 3 on the page asks by itself. */
  readonly failures: number;
}

export const LiveContext = createContext<Live | null>(null);

export function useLive(): Live {
  const live = useContext(LiveContext);
  if (!live) throw new Error('outside of what is live');
  return live;
}

export const FAILURES_UNTIL_POLLING = 3;
export const POLLING_MS = 5_000;

/** How often queries are asked again by themselves: never while the line stands. */
export function usePolling(): number | false {
  const { link, failures } = useLive();
  return link !== 'open' && failures >= FAILURES_UNTIL_POLLING ? POLLING_MS : false;
}
