import { useTranslation } from 'react-i18next';

import type { Preview } from '@/api/types';
import { usePlace } from '@/app/place';
import { HoldButton } from '@/components/HoldButton';
import { figure } from '@/lib/format';
import { useNow } from '@/lib/useNow';
import { useLive } from '@/realtime/live';
import { useTick } from '@/realtime/useTick';

import type { Wish } from './draft';

interface Props {
  wish: Wish;
  preview: Preview;
  name: string;
  onSend: (wish: Wish, terms: string) => void;
}

const HOLD_MS = 1_200;
const STALE_MS = 3_000;

/** Sends what was foretold; it says once more what that is, and real money wants it held. */
export function SendButton({ wish, preview, name, onSend }: Props) {
  const { t } = useTranslation();
  const { path } = usePlace();
  const age = useAge(wish.symbol);
  const terms = t('ticket.terms', {
    name,
    qty: figure(preview.order_qty),
    price: wish.price === null ? t('ticket.market') : t('inWon', { figure: figure(preview.price) }),
    side: t(`side.${wish.side}`),
  });
  const isStale = age === null || age > STALE_MS;
  const isLocked = isStale && wish.price === null;
  const send = (): void => {
    onSend(wish, terms);
  };
  const side = wish.side === 'BUY' ? 'buy' : 'sell';
  return (
    <>
      {isStale && (
        <p className="notice" data-kind="caution">
          {age === null
            ? t('ticket.noPrice')
            : t('ticket.stale', { secs: Math.floor(age / 1_000) })}
        </p>
      )}
      {path === 'real' ? (
        <>
          <HoldButton className={`send ${side}`} holdMs={HOLD_MS} disabled={isLocked} onHeld={send}>
            {t('ticket.hold', { terms })}
          </HoldButton>
          <p className="muted small">{t('ticket.holdHint')}</p>
        </>
      ) : (
        <button
          type="button"
          className="send"
          data-side={wish.side}
          disabled={isLocked}
          onClick={send}
        >
          {t('ticket.send', { terms })}
        </button>
      )}
    </>
  );
}

/** How old the price of a symbol is [ms]; null without one, or without a line. */
function useAge(symbol: string): number | null {
  const { link } = useLive();
  const tick = useTick(symbol);
  const now = useNow(1_000);
  if (!tick || link !== 'open') return null;
  return Math.max(0, now - tick.received);
}
