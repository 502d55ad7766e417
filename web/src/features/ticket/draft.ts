/** What stands in the ticket, and the wish that it makes; no component and no request is here. */

import { ppmFromText, wholeFromText } from '@/lib/format';

export type Side = 'BUY' | 'SELL';
export type OrdType = 'MARKET' | 'LIMIT';
export type SizeKind = 'SHARES' | 'CASH' | 'EVERYTHING';
export type DraftField = 'symbol' | 'price' | 'size' | 'stopLoss' | 'takeProfit';

export interface Draft {
  readonly symbol: string;
  readonly side: Side;
  readonly ordType: OrdType;
  readonly sizeKind: SizeKind;
  /** As they were typed. */
  readonly size: string;
  readonly price: string;
  readonly stopLoss: string;
  readonly takeProfit: string;
}

/** A wish in whole numbers: won, shares and parts per million. */
export interface Wish {
  readonly symbol: string;
  readonly side: Side;
  readonly size:
    | { readonly kind: 'SHARES'; readonly qty: number }
    | { readonly kind: 'CASH'; readonly won: number }
    | { readonly kind: 'EVERYTHING' };
  readonly price: number | null;
  readonly stopLoss: number | null;
  readonly takeProfit: number | null;
}

export const EMPTY: Draft = {
  symbol: '',
  side: 'BUY',
  ordType: 'LIMIT',
  sizeKind: 'SHARES',
  size: '',
  price: '',
  stopLoss: '',
  takeProfit: '',
};

const WHOLE = 1_000_000; // ppm

/** The draft with a change; what the change makes impossible goes with it. */
export function changed(draft: Draft, change: Partial<Draft>): Draft {
  const next = { ...draft, ...change };
  const isSale = next.side === 'SELL';
  const sizeKind = !isSale && next.sizeKind === 'EVERYTHING' ? 'SHARES' : next.sizeKind;
  return {
    ...next,
    sizeKind,
    stopLoss: isSale ? '' : next.stopLoss,
    takeProfit: isSale ? '' : next.takeProfit,
  };
}

/** The wish of a draft, or the fields that keep it from being one. */
export function wishOf(draft: Draft): Wish | { readonly wrong: readonly DraftField[] } {
  const price = draft.ordType === 'LIMIT' ? wholeFromText(draft.price) : null;
  const size = sizeOf(draft);
  const stopLoss = distance(draft.stopLoss);
  const takeProfit = distance(draft.takeProfit);
  const wrong: DraftField[] = [];
  if (!draft.symbol) wrong.push('symbol');
  if (draft.ordType === 'LIMIT' && !price) wrong.push('price');
  if (size === null) wrong.push('size');
  if (stopLoss === undefined) wrong.push('stopLoss');
  if (takeProfit === undefined) wrong.push('takeProfit');
  if (wrong.length > 0 || size === null || stopLoss === undefined || takeProfit === undefined)
    return { wrong };
  return { symbol: draft.symbol, side: draft.side, size, price, stopLoss, takeProfit };
}

export function isWish(made: ReturnType<typeof wishOf>): made is Wish {
  return 'symbol' in made;
}

function sizeOf(draft: Draft): Wish['size'] | null {
  if (draft.sizeKind === 'EVERYTHING') return { kind: 'EVERYTHING' };
  const figure = wholeFromText(draft.size);
  if (!figure) return null;
  return draft.sizeKind === 'SHARES'
    ? { kind: 'SHARES', qty: figure }
    : { kind: 'CASH', won: figure };
}

/** A distance in ppm, null for none, undefined for one that cannot be. */
function distance(typed: string): number | null | undefined {
  if (!typed.trim()) return null;
  const ppm = ppmFromText(typed);
  return ppm === null || ppm === 0 || ppm >= WHOLE ? undefined : ppm;
}
