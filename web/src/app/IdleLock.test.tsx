import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { IdleLock } from './IdleLock';

const MINUTE = 60_000;

const shown = (afterMs: number | null) => (
  <QueryClientProvider client={new QueryClient()}>
    <IdleLock afterMs={afterMs}>
      <p>holdings</p>
    </IdleLock>
  </QueryClientProvider>
);
const pass = (ms: number): void => {
  act(() => {
    vi.advanceTimersByTime(ms);
  });
};

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('the lock of a page that nobody is at', () => {
  it('hides everything after its time, whatever is touched then', () => {
    render(shown(15 * MINUTE));
    pass(14 * MINUTE);
    expect(screen.queryByText('holdings')).not.toBeNull();
    pass(2 * MINUTE);
    expect(screen.queryByText('holdings')).toBeNull();
    fireEvent.keyDown(window, { key: 'a' });
    pass(MINUTE);
    expect(screen.queryByText('holdings')).toBeNull();
  });

  it('waits anew whenever somebody touches something', () => {
    render(shown(15 * MINUTE));
    for (let times = 0; times < 5; times += 1) {
      pass(14 * MINUTE);
      fireEvent.pointerMove(window);
    }
    expect(screen.queryByText('holdings')).not.toBeNull();
  });

  it('asks for the second factor to show it again', () => {
    render(shown(MINUTE));
    pass(2 * MINUTE);
    fireEvent.click(screen.getByRole('button'));
    expect(screen.getByRole('dialog')).not.toBeNull();
    expect(screen.queryByText('holdings')).toBeNull();
  });

  it('never comes where it is not wanted', () => {
    render(shown(null));
    pass(10 * 60 * MINUTE);
    expect(screen.queryByText('holdings')).not.toBeNull();
  });
});
