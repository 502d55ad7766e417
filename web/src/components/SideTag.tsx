import { useTranslation } from 'react-i18next';

/** Buy or sell, in its colour and its word. */
export function SideTag({ side }: { side: 'BUY' | 'SELL' }) {
  const { t } = useTranslation();
  return (
    <span className="tag" data-kind={side === 'BUY' ? 'buy' : 'sell'}>
      {t(`side.${side}`)}
    </span>
  );
}
