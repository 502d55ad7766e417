import { useTranslation } from 'react-i18next';

import { useNow } from '@/lib/useNow';
import { FAILURES_UNTIL_POLLING, useLive } from '@/realtime/live';

const FRESH_SECS = 3;

/** Whether the page is live, and how old the newest price is. */
export function LinkChip() {
  const { t } = useTranslation();
  const { ticks, link, failures } = useLive();
  const now = useNow(1_000);
  const isPolling = link !== 'open' && failures >= FAILURES_UNTIL_POLLING;
  const secs = ticks.newest === null ? null : Math.max(0, Math.floor((now - ticks.newest) / 1_000));
  const age =
    secs === null ? t('link.none') : secs < FRESH_SECS ? t('link.fresh') : t('link.age', { secs });
  const state = link === 'open' ? 'good' : isPolling ? 'bad' : 'wait';
  return (
    <span className="chip" data-testid="link" data-link={link}>
      <span className="dot" data-state={state} aria-hidden />
      <strong role="status">{isPolling ? t('link.polling') : t(`link.${link}`)}</strong>
      {link === 'open' && <span>{age}</span>}
    </span>
  );
}
