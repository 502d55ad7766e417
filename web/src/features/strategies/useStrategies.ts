import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { api, newKey, told } from '@/api/client';
import { useKey, usePlace } from '@/app/place';
import { usePolling } from '@/realtime/live';

/** The strategies that there are. */
export function useCatalogue(isWanted: boolean) {
  return useQuery({
    queryKey: ['strategies'],
    queryFn: () => told(api.GET('/api/strategies')),
    enabled: isWanted,
    staleTime: 300_000,
  });
}

/** How the strategies of an account do. */
export function useRuns() {
  const key = useKey();
  const { account } = usePlace();
  return useQuery({
    queryKey: key('runs'),
    queryFn: () =>
      told(
        api.GET('/api/strategies/runs', { params: { query: { account_id: account.account_id } } }),
      ),
    refetchInterval: usePolling(),
  });
}

/** Why a strategy did not trade. */
export function useWhy(sleeveId: string) {
  const key = useKey();
  const { account } = usePlace();
  return useQuery({
    queryKey: key('why', sleeveId),
    queryFn: () =>
      told(
        api.GET('/api/strategies/runs/{account_id}/{sleeve_id}/why', {
          params: { path: { account_id: account.account_id, sleeve_id: sleeveId } },
        }),
      ),
    staleTime: 0,
  });
}

export interface Start {
  readonly spec: string;
  readonly values: Readonly<Record<string, number>>;
  readonly cash: number;
}

/** Lets a strategy run. */
export function useStart() {
  const key = useKey();
  const { account } = usePlace();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (start: Start) =>
      told(
        api.POST('/api/strategies/runs', {
          params: { header: { 'Idempotency-Key': newKey() } },
          body: {
            account_id: account.account_id,
            spec: start.spec,
            values: { ...start.values },
            cash: start.cash,
          },
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: key() }),
  });
}

export type Doing = 'pause' | 'resume' | 'stop';

/** Pauses a run or ends it, which takes a reason; or lets it go on. */
export function useConduct(sleeve_id: string) {
  const key = useKey();
  const { account } = usePlace();
  const client = useQueryClient();
  const path = { account_id: account.account_id, sleeve_id };
  return useMutation({
    mutationFn: ({ doing, reason }: { doing: Doing; reason: string }) => {
      if (doing === 'resume')
        return told(
          api.POST('/api/strategies/runs/{account_id}/{sleeve_id}/resume', {
            params: { path, header: { 'Idempotency-Key': newKey() } },
          }),
        );
      return told(
        doing === 'pause'
          ? api.POST('/api/strategies/runs/{account_id}/{sleeve_id}/pause', {
              params: { path },
              body: { reason },
            })
          : api.POST('/api/strategies/runs/{account_id}/{sleeve_id}/stop', {
              params: { path },
              body: { reason },
            }),
      );
    },
    onSettled: () => client.invalidateQueries({ queryKey: key('runs') }),
  });
}
