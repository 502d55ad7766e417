import { describe, expect, it } from 'vitest';

import { changed, EMPTY, wishOf } from './draft';

const limit = { ...EMPTY, symbol: '005930', size: '10', price: '71,300' };

describe('wishOf', () => {
  it('makes a limit order of whole numbers', () => {
    expect(wishOf({ ...limit, stopLoss: '3', takeProfit: '9.5' })).toEqual({
      symbol: '005930',
      side: 'BUY',
      size: { kind: 'SHARES', qty: 10 },
      price: 71_300,
      stopLoss: 30_000,
      takeProfit: 95_000,
    });
  });

  it('names no price for a market order, whatever is typed there', () => {
    expect(wishOf({ ...limit, ordType: 'MARKET' })).toMatchObject({ price: null });
  });

  it('buys with cash and sells everything', () => {
    expect(wishOf({ ...limit, sizeKind: 'CASH', size: '1,000,000' })).toMatchObject({
      size: { kind: 'CASH', won: 1_000_000 },
    });
    expect(wishOf({ ...limit, side: 'SELL', sizeKind: 'EVERYTHING', size: '' })).toMatchObject({
      size: { kind: 'EVERYTHING' },
    });
  });

  it.each([
    [{ symbol: '' }, 'symbol'],
    [{ price: '' }, 'price'],
    [{ price: '0' }, 'price'],
    [{ size: '1.5' }, 'size'],
    [{ size: '0' }, 'size'],
    [{ stopLoss: '100' }, 'stopLoss'],
    [{ stopLoss: '0' }, 'stopLoss'],
    [{ takeProfit: '많이' }, 'takeProfit'],
    [{ takeProfit: '100' }, 'takeProfit'],
  ])('of %o says that %s is wrong', (change, field) => {
    expect(wishOf({ ...limit, ...change })).toEqual({ wrong: [field] });
  });

  it('names everything that is wrong at once', () => {
    expect(wishOf(EMPTY)).toEqual({ wrong: ['symbol', 'price', 'size'] });
  });
});

describe('changed', () => {
  it('drops what only a sale or only a buy can have', () => {
    const sale = changed(limit, { side: 'SELL', sizeKind: 'EVERYTHING' });
    expect(changed(sale, { side: 'BUY' }).sizeKind).toBe('SHARES');
    expect(changed({ ...limit, stopLoss: '3' }, { side: 'SELL' }).stopLoss).toBe('');
  });
});
