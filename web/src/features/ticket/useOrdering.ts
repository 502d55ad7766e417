import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { UseMutationOptions } from '@tanstack/react-query';

import { api, told } from '@/api/client';
import type { ApiError } from '@/api/problem';
import type { OrderTerms, Preview } from '@/api/types';
import { useKey, usePlace } from '@/app/place';

import type { Wish } from './draft';
import { isOpen } from './progress';

const LOOK_AGAIN_MS = 1_000;

/** A wish on its way: asked again under the same key it is still the same one. */
export interface Sent {
  readonly wish: Wish;
  readonly terms: string;
  /** Of its preview: the server refuses what is not as it was seen. */
  readonly token: string;
  readonly key: string;
}

function termsOf(accountId: string, wish: Wish): OrderTerms {
  const { size } = wish;
  return {
    account_id: accountId,
    symbol: wish.symbol,
    side: wish.side,
    quantity: size.kind === 'SHARES' ? size.qty : null,
    cash: size.kind === 'CASH' ? size.won : null,
    everything: size.kind === 'EVERYTHING',
    price: wish.price,
    stop_loss: wish.stopLoss,
    take_profit: wish.takeProfit,
  };
}

/** What would follow from a wish. */
export function usePreview(): UseMutationOptions<Preview, ApiError, Wish> {
  const { account } = usePlace();
  return {
    mutationFn: (wish) =>
      told(api.POST('/api/orders/preview', { body: termsOf(account.account_id, wish) })),
  };
}

/** Hands a wish in. */
export function useSend() {
  const { account } = usePlace();
  const key = useKey();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (sent: Sent) =>
      told(
        api.POST('/api/orders', {
          params: { header: { 'Idempotency-Key': sent.key } },
          body: { ...termsOf(account.account_id, sent.wish), preview_token: sent.token },
        }),
      ),
    onSettled: () => client.invalidateQueries({ queryKey: key('orders') }),
  });
}

/** Follows one order until it can no longer fill. */
export function useOrder(clOrdId: number | null) {
  const { account } = usePlace();
  const key = useKey();
  return useQuery({
    queryKey: key('orders', 'one', clOrdId),
    queryFn: () =>
      told(
        api.GET('/api/orders/{account_id}/{cl_ord_id}', {
          params: { path: { account_id: account.account_id, cl_ord_id: clOrdId ?? 0 } },
        }),
      ),
    enabled: clOrdId !== null,
    staleTime: 0,
    refetchInterval: (query) =>
      query.state.data && !isOpen(query.state.data.order.status) ? false : LOOK_AGAIN_MS,
  });
}
