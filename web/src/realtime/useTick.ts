import { useCallback, useSyncExternalStore } from 'react';

import { useLive } from './live';
import type { Tick } from './tickStore';

/** The last tick of one symbol; renders only when that one changed. */
export function useTick(symbol: string): Tick | undefined {
  const { ticks } = useLive();
  const subscribe = useCallback(
    (listener: () => void) => (symbol ? ticks.subscribe(symbol, listener) : () => undefined),
    [ticks, symbol],
  );
  return useSyncExternalStore(subscribe, () => ticks.get(symbol));
}

/** A figure over many symbols; counted once for all of their ticks, not in each render. */
export function useOverTicks(
  figure: (priceOf: (symbol: string) => number | null) => number | null,
): number | null {
  const { ticks } = useLive();
  const subscribe = useCallback((listener: () => void) => ticks.subscribeToAny(listener), [ticks]);
  return useSyncExternalStore(subscribe, () =>
    figure((symbol) => ticks.get(symbol)?.price ?? null),
  );
}
