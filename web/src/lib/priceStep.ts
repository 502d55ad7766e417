/**
 * The next price up or down on the grid of KRX stocks, for arrow keys.
 *
 * A convenience: the server rounds and refuses by its own tables, which know every product.
 * Source: KRX, tick sizes in force since 2023-01-25, read 2026-11-30.
 */

const BANDS: readonly (readonly [from: number, tick: number])[] = [
  [500_000, 1_000],
  [200_000, 500],
  [50_000, 100],
  [20_000, 50],
  [5_000, 10],
  [2_000, 5],
  [1, 1],
];

function tickAt(price: number): number {
  return BANDS.find(([from]) => price >= from)?.[1] ?? 1;
}

/** The price `steps` ticks away, never below one won; a price off the grid goes to its edge first. */
export function stepPrice(price: number, steps: number): number {
  let at = price;
  for (let step = 0; step < Math.abs(steps); step++) at = steps > 0 ? above(at) : below(at);
  return at;
}

function above(price: number): number {
  const tick = tickAt(price);
  return (Math.floor(price / tick) + 1) * tick;
}

function below(price: number): number {
  const tick = tickAt(price - 1);
  return Math.max(1, (Math.ceil(price / tick) - 1) * tick);
}
