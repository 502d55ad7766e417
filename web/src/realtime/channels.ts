/** What is asked of the stream, and what each message does to what the page knows. */

import type { QueryClient } from '@tanstack/react-query';

import type { components } from '@/api/schema.gen';

import type { TickStore } from './tickStore';

type Schemas = components['schemas'];
export type StreamMessage = Schemas['StreamMessage'];
type Channel = Schemas['Channel'];
type Asking = Schemas['Subscribe'] | Schemas['Unsubscribe'];
type Key = (...rest: readonly unknown[]) => readonly unknown[];

/** Channels that can be gone on with from a number; the others begin with how it is now. */
const RESUMABLE: readonly Channel[] = ['ORDERS', 'EXECUTIONS', 'STATUS', 'ALERTS'];
const NEWEST_ONLY: readonly Channel[] = ['POSITIONS', 'BALANCES', 'STRATEGIES'];

/** Which queries are asked again once a channel has spoken. */
const CONCERNED: Readonly<Partial<Record<Channel, readonly string[]>>> = {
  ORDERS: ['orders', 'kill'],
  EXECUTIONS: ['executions', 'positions', 'balances'],
  STATUS: ['kill', 'runs'],
  ALERTS: ['alerts'],
  POSITIONS: ['positions'],
  BALANCES: ['balances'],
  STRATEGIES: ['runs'],
};
const GATHERING_MS = 200;

export class Channels {
  readonly #accountId: string;
  readonly #key: Key;
  readonly #client: QueryClient;
  readonly #ticks: TickStore;
  /** Number of the last message of each channel that can be gone on with. */
  readonly #seen = new Map<Channel, number>();
  readonly #stale = new Set<string>();
  #gathering: ReturnType<typeof setTimeout> | undefined;

  constructor(accountId: string, key: Key, client: QueryClient, ticks: TickStore) {
    this.#accountId = accountId;
    this.#key = key;
    this.#client = client;
    this.#ticks = ticks;
  }

  /** What to say once a line is open. */
  hello(): Asking {
    const account_id = this.#accountId;
    const resumed = RESUMABLE.map((channel) => ({
      channel,
      account_id,
      symbols: [],
      after: this.#seen.get(channel) ?? null,
    }));
    const newest = [...NEWEST_ONLY, 'CLOCK' as const].map((channel) => asked(channel, account_id));
    const quotes = this.#ticks.wanted.length > 0 ? [this.#quotes()] : [];
    return { op: 'SUBSCRIBE', channels: [...resumed, ...newest, ...quotes] };
  }

  /** What to say once other symbols are looked at. */
  quotes(): Asking {
    const isNobodyLooking = this.#ticks.wanted.length === 0;
    return {
      op: isNobodyLooking ? 'UNSUBSCRIBE' : 'SUBSCRIBE',
      channels: [this.#quotes()],
    };
  }

  take(message: StreamMessage): void {
    if (message.kind === 'HEARTBEAT' || message.kind === 'ERROR') return;
    if (RESUMABLE.includes(message.channel)) this.#seen.set(message.channel, message.sequence);
    if (message.kind === 'RESYNC') {
      this.#ask(message.channel);
    } else if (message.channel === 'QUOTES') {
      this.#ticks.put(
        message.data.map((quote) => ({
          symbol: quote.symbol,
          price: quote.px,
          base: quote.base_price ?? null,
          at: Date.parse(quote.at),
        })),
      );
    } else if (message.channel === 'CLOCK') {
      this.#client.setQueryData(this.#key('venue-clock'), message.data);
    } else {
      this.#ask(message.channel);
    }
  }

  close(): void {
    clearTimeout(this.#gathering);
  }

  #quotes(): ReturnType<typeof asked> {
    return asked('QUOTES', this.#accountId, this.#ticks.wanted);
  }

  /** Ask again what a channel concerns; what comes together is asked together. */
  #ask(channel: Channel): void {
    for (const name of CONCERNED[channel] ?? []) this.#stale.add(name);
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined;
      const names = [...this.#stale];
      this.#stale.clear();
      for (const name of names) void this.#client.invalidateQueries({ queryKey: this.#key(name) });
    }, GATHERING_MS);
  }
}

function asked(channel: Channel, account_id: string, symbols: string[] = []) {
  return { channel, account_id, symbols, after: null };
}
