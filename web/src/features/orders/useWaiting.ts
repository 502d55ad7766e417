import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { api, newKey, told } from '@/api/client';
import { useKey, usePlace } from '@/app/place';
import { POLLING_MS } from '@/realtime/live';

/** What waits for a price, a time, its turn or the market; no message tells of its coming. */
export function useWaiting() {
  const key = useKey();
  const { account } = usePlace();
  return useQuery({
    queryKey: key('orders', 'waiting'),
    queryFn: () =>
      told(api.GET('/api/waiting', { params: { query: { account_id: account.account_id } } })),
    refetchInterval: POLLING_MS,
  });
}

/** Takes back what waits, with what of it works. */
export function useWithdraw() {
  const key = useKey();
  const { account } = usePlace();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (intent_id: string) =>
      told(
        api.POST('/api/waiting/{account_id}/{intent_id}/withdraw', {
          params: {
            path: { account_id: account.account_id, intent_id },
            header: { 'Idempotency-Key': newKey() },
          },
        }),
      ),
    onSettled: () => client.invalidateQueries({ queryKey: key('orders') }),
  });
}
