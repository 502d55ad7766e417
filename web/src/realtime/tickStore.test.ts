import { beforeEach, describe, expect, it, vi } from 'vitest';

import { TickStore } from './tickStore';

let flushes: (() => void)[];
let now: number;
let store: TickStore;

const flush = (): void => {
  for (const each of flushes.splice(0)) each();
};
const tick = (symbol: string, price: number) => ({ symbol, price, base: null, at: 1 });

beforeEach(() => {
  flushes = [];
  now = 1_000;
  store = new TickStore(
    (each) => flushes.push(each),
    () => now,
  );
});

describe('a tick store', () => {
  it('tells of many ticks of a symbol once', () => {
    const listener = vi.fn();
    store.subscribe('005930', listener);
    for (let price = 1; price <= 50; price++) store.put([tick('005930', price)]);
    expect(listener).not.toHaveBeenCalled();
    flush();
    expect(listener).toHaveBeenCalledTimes(1);
    expect(store.get('005930')?.price).toBe(50);
  });

  it('leaves listeners of other symbols alone', () => {
    const other = vi.fn();
    store.subscribe('000660', other);
    store.put([tick('005930', 1)]);
    flush();
    expect(other).not.toHaveBeenCalled();
  });

  it('tells sums once however many symbols changed', () => {
    const sums = vi.fn();
    store.subscribeToAny(sums);
    store.put([tick('005930', 1), tick('000660', 2)]);
    store.put([tick('005930', 3)]);
    flush();
    expect(sums).toHaveBeenCalledTimes(1);
  });

  it('knows which way a price moved', () => {
    store.put([tick('005930', 100)]);
    expect(store.get('005930')?.move).toBe('same');
    store.put([tick('005930', 101)]);
    expect(store.get('005930')?.move).toBe('up');
    store.put([tick('005930', 99)]);
    expect(store.get('005930')?.move).toBe('down');
  });

  it('wants a symbol as long as anybody looks at it', () => {
    const wanted = vi.fn();
    store.onWanted(wanted);
    const first = store.subscribe('005930', vi.fn());
    const second = store.subscribe('005930', vi.fn());
    expect(wanted).toHaveBeenCalledTimes(1);
    first();
    expect(store.wanted).toEqual(['005930']);
    second();
    expect(store.wanted).toEqual([]);
    expect(wanted).toHaveBeenCalledTimes(2);
    second();
    expect(wanted).toHaveBeenCalledTimes(2);
  });

  it('keeps the page time of the newest tick', () => {
    expect(store.newest).toBeNull();
    now = 5_000;
    store.put([tick('005930', 1)]);
    expect(store.newest).toBe(5_000);
    store.put([]);
    store.clear();
    expect(store.newest).toBeNull();
    expect(store.get('005930')).toBeUndefined();
  });
});
