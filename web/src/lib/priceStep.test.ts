import { describe, expect, it } from 'vitest';

import { stepPrice } from './priceStep';

describe('stepPrice', () => {
  it.each([
    [71_300, 1, 71_400],
    [71_300, -1, 71_200],
    [71_300, 10, 72_300],
    [49_950, 1, 50_000],
    [50_000, -1, 49_950],
    [199_900, 2, 200_500],
    [200_000, -1, 199_900],
    [1_999, 1, 2_000],
    [2_000, -1, 1_999],
    [71_333, 1, 71_400],
    [71_333, -1, 71_300],
    [1, -3, 1],
  ])('from %i by %i is %i', (price, steps, expected) => {
    expect(stepPrice(price, steps)).toBe(expected);
  });
});
