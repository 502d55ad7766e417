import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { api, newKey, told } from '@/api/client';
import type { Order } from '@/api/types';
import { useKey, usePlace } from '@/app/place';
import { usePolling } from '@/realtime/live';

/** The orders of the day, newest first; or only those that can still fill. */
export function useOrders(isOpenOnly: boolean) {
  const key = useKey();
  const { account } = usePlace();
  return useQuery({
    queryKey: key('orders', isOpenOnly ? 'open' : 'day'),
    queryFn: () =>
      told(
        api.GET('/api/orders', {
          params: {
            query: { account_id: account.account_id, open_only: isOpenOnly, limit: 100 },
          },
        }),
      ),
    refetchInterval: usePolling(),
  });
}

/** What was filled today, newest first. */
export function useExecutions(isWanted: boolean) {
  const key = useKey();
  const { account } = usePlace();
  return useQuery({
    queryKey: key('executions'),
    queryFn: () =>
      told(api.GET('/api/executions', { params: { query: { account_id: account.account_id } } })),
    enabled: isWanted,
    refetchInterval: usePolling(),
  });
}

/** Asks to cancel what is left of an order. */
export function useCancel() {
  const key = useKey();
  const { account } = usePlace();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (order: Order) =>
      told(
        api.POST('/api/orders/{account_id}/{cl_ord_id}/cancel', {
          params: {
            path: { account_id: account.account_id, cl_ord_id: order.cl_ord_id },
            header: { 'Idempotency-Key': newKey() },
          },
        }),
      ),
    onSettled: () => client.invalidateQueries({ queryKey: key('orders') }),
  });
}
