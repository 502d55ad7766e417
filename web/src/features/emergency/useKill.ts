import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { api, newKey, told } from '@/api/client';
import { ApiError } from '@/api/problem';
import type { KillLevel, Standing } from '@/api/types';
import { useKey, usePlace } from '@/app/place';
import { usePolling } from '@/realtime/live';

const TRIES = 3;
const STOPPED_MS = 2_000;

/** How the executor of an account stands; asked again and again while it is stopped. */
export function useStanding() {
  const key = useKey();
  const { account } = usePlace();
  const polling = usePolling();
  return useQuery({
    queryKey: key('kill'),
    queryFn: async (): Promise<Standing | null> => {
      const standings = await told(api.GET('/api/kill'));
      return standings.find((each) => each.accounts.includes(account.account_id)) ?? null;
    },
    refetchInterval: (query) => (query.state.data?.kill === 'OFF' ? polling : STOPPED_MS),
  });
}

interface Press {
  readonly level: KillLevel;
  readonly reason: string;
  /** Of this press: sent again under the same key, it counts once. */
  readonly key: string;
}

/** Presses the kill switch; what got no answer is tried again, since it only rises. */
export function usePressKill() {
  const key = useKey();
  const { account } = usePlace();
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ level, reason, key: press }: Press) =>
      told(
        api.POST('/api/kill', {
          params: { header: { 'Idempotency-Key': press } },
          body: { account_id: account.account_id, level, reason },
        }),
      ),
    retry: (failures, error) => failures < TRIES && error instanceof ApiError && error.isDoubtful,
    retryDelay: 500,
    onSettled: () => client.invalidateQueries({ queryKey: key() }),
  });
}

/** Releases the kill switch as it was read: what was pressed after that stays. */
export function release(accountId: string, reason: string, read: string) {
  return told(
    api.POST('/api/kill/release', {
      params: { header: { 'Idempotency-Key': newKey() } },
      body: { account_id: accountId, reason, read },
    }),
  );
}

/** Lets orders through again. */
export function reactivate(accountId: string, reason: string) {
  return told(
    api.POST('/api/kill/trading-state', {
      params: { header: { 'Idempotency-Key': newKey() } },
      body: { account_id: accountId, state: 'ACTIVE', reason },
    }),
  );
}
