import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import type { components } from '@/api/schema.gen';
import { timeOfDay } from '@/lib/format';

import { useKey } from './place';

type VenueClock = components['schemas']['StreamClock'];

/** The exchange's time, which a simulation may run ahead with, and what kind of trading goes on. */
export function SessionChip() {
  const { t } = useTranslation();
  const key = useKey();
  const clock = useQuery<VenueClock | null>({
    queryKey: key('venue-clock'),
    queryFn: () => null,
    staleTime: Infinity,
  }).data;
  if (!clock) return null;
  return (
    <span className="chip" data-testid="clock" title={t('header.venueTime')}>
      <strong>{t(`phase.${clock.phase}`)}</strong>
      {clock.at && <span>{timeOfDay(clock.at)}</span>}
    </span>
  );
}
