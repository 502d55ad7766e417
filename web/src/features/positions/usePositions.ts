import { useQuery } from '@tanstack/react-query';

import { api, told } from '@/api/client';
import { useKey, usePlace } from '@/app/place';
import { usePolling } from '@/realtime/live';

/** What an account holds. */
export function usePositions() {
  const key = useKey();
  const { account } = usePlace();
  return useQuery({
    queryKey: key('positions'),
    queryFn: () =>
      told(api.GET('/api/positions', { params: { query: { account_id: account.account_id } } })),
    refetchInterval: usePolling(),
  });
}
