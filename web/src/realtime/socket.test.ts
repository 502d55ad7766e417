import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { backoffMs, ReturningSocket } from './socket';

class FakeSocket extends EventTarget {
  readyState: number = WebSocket.CONNECTING;
  sent: string[] = [];
  isClosed = false;

  send(text: string): void {
    this.sent.push(text);
  }
  close(): void {
    this.isClosed = true;
  }
  open(): void {
    this.readyState = WebSocket.OPEN;
    this.dispatchEvent(new Event('open'));
  }
  say(text: string): void {
    this.dispatchEvent(new MessageEvent('message', { data: text }));
  }
  drop(): void {
    this.dispatchEvent(new Event('close'));
  }
}

let dialed: FakeSocket[];
let refusals: number;
const onOpen = vi.fn();
const onMessage = vi.fn();
const onState = vi.fn();

const made = (): ReturningSocket =>
  new ReturningSocket({
    dial: () => {
      if (refusals > 0) {
        refusals -= 1;
        return Promise.reject(new Error('no ticket'));
      }
      const socket = new FakeSocket();
      dialed.push(socket);
      return Promise.resolve(socket as unknown as WebSocket);
    },
    onOpen,
    onMessage,
    onState,
    random: () => 1,
  });

const settle = (ms = 0) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  vi.useFakeTimers();
  dialed = [];
  refusals = 0;
  for (const mock of [onOpen, onMessage, onState]) mock.mockReset();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('backoffMs', () => {
  it('doubles up to half a minute and is never nothing', () => {
    expect(backoffMs(1, () => 1)).toBe(1_000);
    expect(backoffMs(3, () => 1)).toBe(4_000);
    expect(backoffMs(20, () => 1)).toBe(30_000);
    expect(backoffMs(5, () => 0)).toBe(250);
  });
});

describe('a returning socket', () => {
  it('says when it is open and passes on what it hears', async () => {
    const socket = made();
    socket.start();
    await settle();
    dialed[0]?.open();
    dialed[0]?.say('{"a":1}');
    expect(onOpen).toHaveBeenCalledTimes(1);
    expect(onMessage).toHaveBeenCalledWith('{"a":1}');
    expect(onState).toHaveBeenLastCalledWith('open', 0);
    expect(socket.send({ hello: 1 })).toBe(true);
    expect(dialed[0]?.sent).toEqual(['{"hello":1}']);
    socket.stop();
    expect(dialed[0]?.isClosed).toBe(true);
  });

  it('comes back after a loss, and counts from the beginning once it is open', async () => {
    const socket = made();
    socket.start();
    await settle();
    dialed[0]?.open();
    dialed[0]?.drop();
    expect(onState).toHaveBeenLastCalledWith('retrying', 1);
    await settle(1_000);
    expect(dialed).toHaveLength(2);
    dialed[1]?.open();
    expect(onState).toHaveBeenLastCalledWith('open', 0);
    socket.stop();
  });

  it('tries again where no ticket was given', async () => {
    refusals = 2;
    const socket = made();
    socket.start();
    await settle(1_000);
    await settle(2_000);
    expect(dialed).toHaveLength(1);
    expect(onState).toHaveBeenCalledWith('retrying', 2);
    socket.stop();
  });

  it('takes silence for a loss', async () => {
    const socket = made();
    socket.start();
    await settle();
    dialed[0]?.open();
    await settle(15_000);
    expect(dialed[0]?.isClosed).toBe(true);
    expect(onState).toHaveBeenLastCalledWith('retrying', 1);
    socket.stop();
  });

  it('does not wait when the network is back', async () => {
    const socket = made();
    socket.start();
    await settle();
    dialed[0]?.drop();
    window.dispatchEvent(new Event('online'));
    await settle();
    expect(dialed).toHaveLength(2);
    socket.stop();
  });

  it('listens to its newest life only', async () => {
    const socket = made();
    socket.start();
    await settle();
    const old = dialed[0];
    old?.drop();
    await settle(1_000);
    old?.say('late');
    old?.drop();
    expect(onMessage).not.toHaveBeenCalled();
    expect(onState).not.toHaveBeenCalledWith('retrying', 2);
    socket.stop();
  });

  it('stays away once it was stopped, as strict mode stops it at once', async () => {
    const socket = made();
    socket.start();
    socket.stop();
    socket.start();
    await settle();
    expect(dialed.filter((each) => !each.isClosed)).toHaveLength(1);
    socket.stop();
    dialed.at(-1)?.drop();
    await settle(60_000);
    expect(dialed).toHaveLength(2);
    expect(socket.send({})).toBe(false);
  });
});
