import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';

import type { Wish } from '@/api/types';

import { answer } from '../../../test/answers';
import { renderLive } from '../../../test/render';
import { WaitingList } from './WaitingList';

const wish: Wish = {
  intent_id: 'golden_cross:1:005930:0',
  account_id: '5012345610',
  sleeve_id: 'golden_cross',
  symbol: '005930',
  side: 'BUY',
  waits_for: 'PRICE',
  filled: 0,
  qty: 10,
  sent: 0,
  parts: 0,
  at: null,
  crossing: { price: 70_000, above: false },
};

describe('orders that wait', () => {
  it('say what for, and are taken back by their number under a key', async () => {
    answer('get', '/api/waiting', [wish]);
    answer('get', '/api/market/search', []);
    const taken = answer('post', '/api/waiting/{account_id}/{intent_id}/withdraw', {
      outcome: 'SENT',
      cl_ord_ids: [],
      refusals: [],
    });
    renderLive(<WaitingList />);

    expect(await screen.findByText('70,000원 이하')).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: '기다리는 005930 주문 취소' }));

    await waitFor(() => {
      expect(taken).toHaveLength(1);
    });
    expect(taken[0]?.headers.get('Idempotency-Key')).toMatch(/^.{8,}$/);
  });

  it('have no button for who may only look', async () => {
    answer('get', '/api/waiting', [wish]);
    answer('get', '/api/market/search', []);
    renderLive(<WaitingList />, { account: { may_trade: false } });

    await screen.findByText('70,000원 이하');
    expect(screen.queryByRole('button')).toBeNull();
  });
});
