import { useTranslation } from 'react-i18next';

import { Change } from '@/components/Change';
import { figure, ppmOf } from '@/lib/format';
import { useTick } from '@/realtime/useTick';

interface Props {
  symbol: string;
  /** A click takes the price into the ticket; it sends nothing. */
  onPick: (price: number) => void;
}

/** The last price of what is about to be ordered, and its way since yesterday. */
export function Quote({ symbol, onPick }: Props) {
  const { t } = useTranslation();
  const tick = useTick(symbol);
  if (!tick) return <p className="quote muted">{t('link.none')}</p>;
  const change = tick.base === null ? null : tick.price - tick.base;
  return (
    <div className="quote">
      <button
        type="button"
        className="link last"
        title={t('ticket.take')}
        onClick={() => {
          onPick(tick.price);
        }}
      >
        {figure(tick.price)}
      </button>
      {change !== null && tick.base !== null && (
        <Change won={change} ppm={ppmOf(change, tick.base)} />
      )}
    </div>
  );
}
