import { act, fireEvent, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { Order, Preview } from '@/api/types';
import { useUi } from '@/lib/ui';

import { answer, refusal, silence } from '../../../test/answers';
import { renderLive } from '../../../test/render';
import { TicketPanel } from './TicketPanel';

const preview: Preview = {
  outlook: 'SENT',
  refusals: [],
  checks: [{ check: 'CASH', ko: '주문 가능 금액', en: 'Cash', passed: true }],
  price: 71_300,
  order_qty: 10,
  value: 713_000,
  reserved: 720_000,
  commission: 106,
  tax: 0,
  cash_before: 5_000_000,
  cash_after: 4_286_894,
  qty_before: 0,
  qty_after: 10,
  weight_before: 0,
  weight_after: 142_600,
  last_price: 71_300,
  price_age_ms: 20,
  token: 'the-token',
  token_expires_at: '2026-11-02T09:01:00+09:00',
};
const order: Order = {
  cl_ord_id: 7,
  account_id: '5012345610',
  sleeve_id: 'MANUAL',
  symbol: '005930',
  side: 'BUY',
  ord_type: 'LIMIT',
  time_in_force: 'DAY',
  purpose: 'NEW',
  cause: 'PERSON',
  session_date: '2026-11-02',
  at: '2026-11-02T09:00:05+09:00',
  price: 71_300,
  order_qty: 10,
  cum_qty: 0,
  leaves_qty: 10,
  notional: 0,
  status: 'NEW',
  order_id: '123',
};
const person = userEvent.setup();

const tick = { symbol: '005930', price: 71_300, base: 70_000, at: 1 };
const previewButton = () => screen.getByRole('button', { name: '주문 미리보기' });
const sendButton = () => screen.findByRole('button', { name: /삼성전자 10주 71,300원 매수/ });

async function fillIn(): Promise<void> {
  await person.type(screen.getByLabelText('가격'), '71300');
  await person.type(screen.getByLabelText('수량'), '10');
}

beforeEach(() => {
  useUi.setState({ filling: { symbol: '005930', name: '삼성전자', side: 'BUY', count: 1 } });
});
afterEach(() => {
  vi.useRealTimers();
  useUi.setState({ filling: null });
});

describe('a ticket', () => {
  it('sends nothing that is not an order, and says what is missing', async () => {
    renderLive(<TicketPanel />);
    await person.click(previewButton());
    expect(screen.getByRole('alert')).toHaveTextContent('가격을 원 단위로 입력하세요.');
    expect(screen.getByRole('alert')).toHaveTextContent('수량이나 금액을 1 이상으로');
  });

  it('previews, sends with the token of the preview, and follows the order', async () => {
    const previewed = answer('post', '/api/orders/preview', preview);
    const sent = answer('post', '/api/orders', { outcome: 'SENT', cl_ord_ids: [7], refusals: [] });
    let now = order;
    answer('get', '/api/orders/{account_id}/{cl_ord_id}', () => ({ order: now, steps: [] }));
    const ticks = renderLive(<TicketPanel />);
    await fillIn();
    await person.type(screen.getByLabelText(/^손절/), '3');
    act(() => {
      ticks.put([tick]);
    });
    await person.click(previewButton());
    expect(await screen.findByText('5,000,000 → 4,286,894')).toBeInTheDocument();
    expect(previewed[0]?.body).toMatchObject({ quantity: 10, price: 71_300, stop_loss: 30_000 });

    await person.click(await sendButton());
    const steps = await screen.findByRole('list', { name: '주문 진행' });
    await waitFor(() => {
      expect(steps.children[1]).toHaveAttribute('data-step', 'done');
    });
    expect(steps.children[2]).toHaveAttribute('data-step', 'now');
    expect(sent).toHaveLength(1);
    expect(sent[0]?.body).toMatchObject({ preview_token: 'the-token' });
    expect(sent[0]?.headers.get('Idempotency-Key')).toMatch(/^[\w-]{36}$/);

    now = { ...order, status: 'FILLED', cum_qty: 10, leaves_qty: 0, notional: 713_000 };
    expect(
      await screen.findByText('10주를 평균 71,300원에 체결했습니다.', undefined, {
        timeout: 3_000,
      }),
    ).toBeInTheDocument();
  });

  it('offers to send nothing that the gate would refuse', async () => {
    answer('post', '/api/orders/preview', {
      ...preview,
      outlook: 'REFUSED',
      refusals: [
        { reason: 'NOT_ENOUGH_CASH', actual: 1, limit: 0, ko: '돈이 모자랍니다.', en: 'No money.' },
      ],
    });
    renderLive(<TicketPanel />);
    await fillIn();
    await person.click(previewButton());
    expect(await screen.findByText('돈이 모자랍니다.')).toBeInTheDocument();
    expect(screen.queryByRole('button', { name: /보내기/ })).not.toBeInTheDocument();
  });

  it('forgets the preview once anything of the order changes', async () => {
    answer('post', '/api/orders/preview', preview);
    renderLive(<TicketPanel />);
    await fillIn();
    await person.click(previewButton());
    await sendButton();
    await person.type(screen.getByLabelText('수량'), '0');
    expect(screen.queryByRole('button', { name: /보내기/ })).not.toBeInTheDocument();
    expect(previewButton()).toBeInTheDocument();
  });

  it('shows nothing as done without an answer, and asks again under the same key', async () => {
    answer('post', '/api/orders/preview', preview);
    const lost = answer('post', '/api/orders', silence);
    renderLive(<TicketPanel />);
    await fillIn();
    await person.click(previewButton());
    await person.click(await sendButton());
    expect(await screen.findByText(/나갔는지 모릅니다/)).toBeInTheDocument();
    expect(screen.queryByText(/체결했습니다/)).not.toBeInTheDocument();

    const found = answer('post', '/api/orders', { outcome: 'SENT', cl_ord_ids: [7], refusals: [] });
    answer('get', '/api/orders/{account_id}/{cl_ord_id}', { order, steps: [] });
    await person.click(screen.getByRole('button', { name: '결과 다시 묻기' }));
    await waitFor(() => {
      expect(found).toHaveLength(1);
    });
    expect(lost).toHaveLength(1);
    expect(found[0]?.headers.get('Idempotency-Key')).toBe(lost[0]?.headers.get('Idempotency-Key'));
  });

  it('says why the server refused, with the number of the request', async () => {
    answer('post', '/api/orders/preview', preview);
    answer('post', '/api/orders', () =>
      refusal(409, 'PRICE_MOVED', '가격이 움직였습니다.', 'The price has moved.'),
    );
    renderLive(<TicketPanel />);
    await fillIn();
    await person.click(previewButton());
    await person.click(await sendButton());
    expect(await screen.findByText('가격이 움직였습니다.')).toBeInTheDocument();
    expect(screen.getByText('요청 번호 r-1')).toBeInTheDocument();
  });

  it('locks a market order while the price is old or the line is down', async () => {
    answer('post', '/api/orders/preview', { ...preview, price: null });
    renderLive(<TicketPanel />, { link: 'retrying' });
    await person.click(screen.getByRole('radio', { name: '시장가' }));
    await person.type(screen.getByLabelText('수량'), '10');
    await person.click(previewButton());
    const button = await screen.findByRole('button', { name: /삼성전자 10주 시장가 매수/ });
    expect(button).toBeDisabled();
    expect(screen.getByText(/지정가만 보낼 수 있습니다/)).toBeInTheDocument();
  });

  it('wants to be held for real money', async () => {
    answer('post', '/api/orders/preview', preview);
    const sent = answer('post', '/api/orders', { outcome: 'SENT', cl_ord_ids: [7], refusals: [] });
    answer('get', '/api/orders/{account_id}/{cl_ord_id}', { order, steps: [] });
    renderLive(<TicketPanel />, { path: 'real', account: { mode: 'REAL', is_armed: true } });
    await fillIn();
    await person.click(previewButton());
    const button = await screen.findByRole('button', { name: /길게 눌러 실전/ });
    await person.click(button);
    expect(sent).toHaveLength(0);
    vi.useFakeTimers({ shouldAdvanceTime: true });
    fireEvent.pointerDown(button);
    await act(() => vi.advanceTimersByTimeAsync(1_200));
    vi.useRealTimers();
    await waitFor(() => {
      expect(sent).toHaveLength(1);
    });
  });

  it('is locked for a real account that is not armed, and missing for who may only look', () => {
    renderLive(<TicketPanel />, { path: 'real', account: { mode: 'REAL' } });
    expect(screen.getByRole('button', { name: '실전 주문 켜기' })).toBeDisabled();
    expect(screen.queryByRole('button', { name: '주문 미리보기' })).not.toBeInTheDocument();
  });

  it('is missing for who may only look', () => {
    renderLive(<TicketPanel />, { account: { may_trade: false } });
    expect(screen.getByText('이 계좌는 조회만 할 수 있습니다.')).toBeInTheDocument();
    expect(screen.queryByRole('button')).not.toBeInTheDocument();
  });
});
