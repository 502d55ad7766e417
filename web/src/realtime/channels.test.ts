import { QueryClient } from '@tanstack/react-query';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Channels } from './channels';
import type { StreamMessage } from './channels';
import { TickStore } from './tickStore';

let client: QueryClient;
let ticks: TickStore;
let channels: Channels;

const key = (...rest: readonly unknown[]) => ['sim', 'A1', ...rest];
const orders = (sequence: number): StreamMessage => ({
  version: 1,
  channel: 'ORDERS',
  kind: 'EVENT',
  account_id: 'A1',
  sequence,
  data: [],
});
const quote = (symbol: string, px: number): StreamMessage => ({
  version: 1,
  channel: 'QUOTES',
  kind: 'DELTA',
  account_id: 'A1',
  sequence: 1,
  data: [{ symbol, px, qty: 1, at: '2026-11-02T09:00:05+09:00', base_price: 70_000 }],
});

beforeEach(() => {
  vi.useFakeTimers();
  client = new QueryClient();
  ticks = new TickStore((flush) => {
    flush();
  });
  channels = new Channels('A1', key, client, ticks);
});
afterEach(() => {
  channels.close();
  vi.useRealTimers();
});

describe('channels', () => {
  it('begin anew at first and go on from the last number later', () => {
    const after = () => channels.hello().channels.find((each) => each.channel === 'ORDERS')?.after;
    expect(after()).toBeNull();
    channels.take(orders(41));
    expect(after()).toBe(41);
  });

  it('ask for quotes of what is looked at, and of nothing where nobody looks', () => {
    expect(channels.hello().channels.some((each) => each.channel === 'QUOTES')).toBe(false);
    const stop = ticks.subscribe('005930', vi.fn());
    expect(channels.quotes()).toMatchObject({
      op: 'SUBSCRIBE',
      channels: [{ channel: 'QUOTES', account_id: 'A1', symbols: ['005930'] }],
    });
    stop();
    expect(channels.quotes().op).toBe('UNSUBSCRIBE');
  });

  it('put quotes into the tick store', () => {
    channels.take(quote('005930', 71_300));
    expect(ticks.get('005930')).toMatchObject({
      price: 71_300,
      base: 70_000,
      at: Date.parse('2026-11-02T00:00:05Z'),
    });
  });

  it('ask again once for many events', () => {
    const asked = vi.spyOn(client, 'invalidateQueries').mockResolvedValue();
    for (let sequence = 1; sequence <= 20; sequence++) channels.take(orders(sequence));
    expect(asked).not.toHaveBeenCalled();
    vi.advanceTimersByTime(200);
    expect(asked.mock.calls.map(([filter]) => filter?.queryKey)).toEqual([
      ['sim', 'A1', 'orders'],
      ['sim', 'A1', 'kill'],
    ]);
    channels.take(orders(21));
    vi.advanceTimersByTime(200);
    expect(asked).toHaveBeenCalledTimes(4);
  });

  it('show the time of the exchange as it is told', () => {
    channels.take({
      version: 1,
      channel: 'CLOCK',
      kind: 'SNAPSHOT',
      account_id: null,
      sequence: 1,
      data: { at: null, phase: 'CONTINUOUS', session_date: null, is_live: false },
    });
    expect(client.getQueryData(key('venue-clock'))).toMatchObject({ phase: 'CONTINUOUS' });
  });
});
