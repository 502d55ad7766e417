import { beforeEach, describe, expect, it, vi } from 'vitest';

import { reloadOnce } from './staleChunk';

const gone = new TypeError('Failed to fetch dynamically imported module: /assets/a.js');

beforeEach(() => {
  sessionStorage.clear();
});

describe('reloadOnce', () => {
  it('reloads for a chunk that is gone, and not again at once', () => {
    const reload = vi.fn();
    expect(reloadOnce(gone, 1_000_000, reload)).toBe(true);
    expect(reloadOnce(gone, 1_030_000, reload)).toBe(false);
    expect(reloadOnce(gone, 1_060_000, reload)).toBe(true);
    expect(reload).toHaveBeenCalledTimes(2);
  });

  it('leaves other errors alone', () => {
    const reload = vi.fn();
    expect(reloadOnce(new Error('anything'), 1_000_000, reload)).toBe(false);
    expect(reload).not.toHaveBeenCalled();
  });
});
