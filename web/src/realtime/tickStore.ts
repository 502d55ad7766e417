/**
 * The last tick of each symbol, outside of React.
 *
 * Ticks are many and cells are few: a component listens to one symbol, and all listeners are told
 * together, at most once in `SPACING_MS`.
 */

export interface Tick {
  /** Price of the last trade [won]. */
  readonly price: number;
  /** What the day's change is counted from [won]. */
  readonly base: number | null;
  /** When the exchange saw it [ms since the epoch]. */
  readonly at: number;
  /** When it reached this page, by a clock that never jumps [ms]. */
  readonly received: number;
  /** Against the tick before. */
  readonly move: 'up' | 'down' | 'same';
}

export interface TickMessage {
  readonly symbol: string;
  readonly price: number;
  readonly base: number | null;
  readonly at: number;
}

type Listener = () => void;
/** Calls back later; a test calls back when it likes. */
export type Scheduler = (flush: () => void) => void;

const SPACING_MS = 100;

export class TickStore {
  readonly #ticks = new Map<string, Tick>();
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #anyListeners = new Set<Listener>();
  readonly #dirty = new Set<string>();
  readonly #schedule: Scheduler;
  readonly #now: () => number;
  #isScheduled = false;
  #newest: number | null = null;
  #wantedListener: Listener | null = null;

  constructor(schedule: Scheduler = nextFrame, now: () => number = () => performance.now()) {
    this.#schedule = schedule;
    this.#now = now;
  }

  /** When any tick came last [ms of the page's clock]; null before the first. */
  get newest(): number | null {
    return this.#newest;
  }

  /** Symbols that somebody looks at, in order. */
  get wanted(): string[] {
    return [...this.#listeners.keys()].toSorted();
  }

  /** Be told when other symbols are looked at than before. */
  onWanted(listener: Listener | null): void {
    this.#wantedListener = listener;
  }

  get(symbol: string): Tick | undefined {
    return this.#ticks.get(symbol);
  }

  put(messages: readonly TickMessage[]): void {
    if (messages.length === 0) return;
    const received = this.#now();
    this.#newest = received;
    for (const { symbol, price, base, at } of messages) {
      const before = this.#ticks.get(symbol);
      this.#ticks.set(symbol, { price, base, at, received, move: moveFrom(before, price) });
      this.#dirty.add(symbol);
    }
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#schedule(this.#flush);
  }

  /** Be told of a symbol's changes; returns how to stop it. */
  subscribe(symbol: string, listener: Listener): () => void {
    const listeners = this.#listeners.get(symbol) ?? new Set();
    const isNew = listeners.size === 0;
    listeners.add(listener);
    this.#listeners.set(symbol, listeners);
    if (isNew) this.#wantedListener?.();
    return () => {
      listeners.delete(listener);
      if (listeners.size > 0 || this.#listeners.get(symbol) !== listeners) return;
      this.#listeners.delete(symbol);
      this.#wantedListener?.();
    };
  }

  /** Be told once whenever something changed, as sums are. */
  subscribeToAny(listener: Listener): () => void {
    this.#anyListeners.add(listener);
    return () => this.#anyListeners.delete(listener);
  }

  /** Forget everything, as when another market is looked at. */
  clear(): void {
    this.#ticks.clear();
    this.#dirty.clear();
    this.#newest = null;
  }

  readonly #flush = (): void => {
    this.#isScheduled = false;
    const changed = [...this.#dirty];
    this.#dirty.clear();
    for (const symbol of changed) {
      for (const listener of this.#listeners.get(symbol) ?? []) listener();
    }
    for (const listener of this.#anyListeners) listener();
  };
}

function moveFrom(before: Tick | undefined, price: number): Tick['move'] {
  if (!before || before.price === price) return 'same';
  return price > before.price ? 'up' : 'down';
}

/** Animation frames stop in hidden tabs, and an alarm in the title must not. */
function nextFrame(flush: () => void): void {
  setTimeout(() => {
    if (document.hidden) flush();
    else requestAnimationFrame(flush);
  }, SPACING_MS);
}
