import { useTranslation } from 'react-i18next';

import type { Wish } from '@/api/types';
import { usePlace } from '@/app/place';
import { Failure } from '@/components/Failure';
import { SideTag } from '@/components/SideTag';
import { SleeveName } from '@/components/SleeveName';
import { useName } from '@/features/market/useName';
import { figure, timeOfDay } from '@/lib/format';

import { useWaiting, useWithdraw } from './useWaiting';

/** What sends its orders by itself later; there is nothing to see where nothing waits. */
export function WaitingList() {
  const { t } = useTranslation();
  const { account } = usePlace();
  const waiting = useWaiting();
  const withdraw = useWithdraw();
  return (
    <>
      <Failure error={withdraw.error ?? waiting.error} />
      {waiting.data && waiting.data.length > 0 && (
        <ul className="rows" aria-label={t('waiting.title')}>
          {waiting.data.map((wish) => (
            <WaitingRow
              key={wish.intent_id}
              wish={wish}
              isPending={withdraw.isPending}
              onWithdraw={account.may_trade ? withdraw.mutate : undefined}
            />
          ))}
        </ul>
      )}
    </>
  );
}

interface Props {
  wish: Wish;
  isPending: boolean;
  /** Missing for who may only look. */
  onWithdraw: ((intentId: string) => void) | undefined;
}

function WaitingRow({ wish, isPending, onWithdraw }: Props) {
  const { t } = useTranslation();
  const called = useName(wish.symbol ?? '');
  const name = wish.symbol === null ? t('waiting.rebalancing') : called;
  return (
    <li>
      <div className="row">
        {wish.side && <SideTag side={wish.side} />}
        <span className="name grow">{name}</span>
        <Reason wish={wish} />
      </div>
      <div className="row">
        <span className="muted grow">
          <SleeveName id={wish.sleeve_id} />
        </span>
        {wish.qty > 0 && (
          <span>
            {figure(wish.filled)} / {figure(wish.qty)}
          </span>
        )}
        {onWithdraw && (
          <button
            type="button"
            className="plain"
            disabled={isPending}
            aria-label={t('waiting.cancelThis', { name })}
            onClick={() => {
              onWithdraw(wish.intent_id);
            }}
          >
            {t('orders.cancel')}
          </button>
        )}
      </div>
    </li>
  );
}

function Reason({ wish: { waits_for, crossing, at, parts, sent } }: { wish: Wish }) {
  const { t } = useTranslation();
  const why = crossing
    ? t(crossing.above ? 'waiting.above' : 'waiting.below', { price: figure(crossing.price) })
    : t(`waiting.for.${waits_for}`);
  return (
    <span>
      {why} {!crossing && at && timeOfDay(at)} {parts > 1 && `(${figure(sent)}/${figure(parts)})`}
    </span>
  );
}
