import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { api, told } from '@/api/client';
import type { components } from '@/api/schema.gen';
import { timeOfDay } from '@/lib/format';
import { usePolling } from '@/realtime/live';

import { useKey, usePlace } from './place';

type VenueClock = components['schemas']['StreamClock'];
const SECONDS = /:\d\d$/;

/** The exchange's time, which a simulation may run ahead with, and what kind of trading goes on. */
export function SessionChip() {
  const { t } = useTranslation();
  const key = useKey();
  const { account } = usePlace();
  const ask = () =>
    told(api.GET('/api/market/clock', { params: { query: { account_id: account.account_id } } }));
  const clock = useQuery<VenueClock>({
    queryKey: key('venue-clock'),
    queryFn: ask,
    staleTime: Infinity,
    refetchInterval: usePolling(),
  }).data;
  const next = useQuery({
    queryKey: key('next-phase', clock?.session_date, clock?.phase),
    queryFn: ask,
    enabled: clock !== undefined,
    staleTime: Infinity,
  }).data;
  if (!clock) return null;
  return (
    <span className="chip" data-testid="clock" title={t('header.venueTime')}>
      <strong>{t(`phase.${clock.phase}`)}</strong>
      {clock.at && <span>{timeOfDay(clock.at)}</span>}
      {next && (
        <span className="wide-only">
          {t('phase.next', {
            time: timeOfDay(next.next_change_at).replace(SECONDS, ''),
            phase: t(`phase.${next.next_phase}`),
          })}
        </span>
      )}
    </span>
  );
}
