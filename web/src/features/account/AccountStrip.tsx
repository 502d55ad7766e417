import { useQuery } from '@tanstack/react-query';
import { useCallback } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { api, told } from '@/api/client';
import type { Balance, Position } from '@/api/types';
import { useKey, usePlace } from '@/app/place';
import { Failure } from '@/components/Failure';
import { useStanding } from '@/features/emergency/useKill';
import { usePositions } from '@/features/positions/usePositions';
import { direction, figure, percentOfPpm, ppmOf, shortFigure, signedFigure } from '@/lib/format';
import { usePolling } from '@/realtime/live';
import { useOverTicks } from '@/realtime/useTick';

/** The money of an account, at prices that live. */
export function useBalance() {
  const key = useKey();
  const { account } = usePlace();
  return useQuery({
    queryKey: key('balances'),
    queryFn: () =>
      told(api.GET('/api/balances', { params: { query: { account_id: account.account_id } } })),
    refetchInterval: usePolling(),
  });
}

/** Equity, result of the day, cash: the first thing that is looked at. */
export function AccountStrip() {
  const { t, i18n } = useTranslation();
  const balance = useBalance();
  const { data: standing, error: unreached } = useStanding();
  const positions = usePositions().data;
  const held = useOverTicks(useCallback((priceOf) => worth(positions ?? [], priceOf), [positions]));
  if (balance.error) return <Failure error={balance.error} />;
  const money = balance.data;
  const cost = (positions ?? []).reduce((sum, each) => sum + each.cost, 0);
  const isKnown = money !== undefined && positions !== undefined && held !== null;
  const equity = isKnown ? money.cash + held : null;
  const day = dayResult(money, equity);
  const unrealized = isKnown ? held - cost : null;
  const isStopped = (standing?.kill ?? 'OFF') !== 'OFF';
  return (
    <dl className="strip" aria-label={t('strip.label')}>
      <Cell label={t('strip.equity')} won={equity}>
        {equity !== null && shortFigure(equity, i18n.language)}
      </Cell>
      <Cell label={t('strip.day')} won={day} isSigned>
        {day !== null && equity !== null && percentOfPpm(ppmOf(day, equity - day))}
      </Cell>
      <Cell label={t('strip.cash')} won={money?.cash ?? null}>
        {money && `${t('strip.orderable')} ${figure(money.orderable)}`}
      </Cell>
      <Cell label={t('strip.held')} won={isKnown ? held : null}>
        {positions && t('strip.symbols', { count: positions.length })}
      </Cell>
      <Cell label={t('strip.unrealized')} won={unrealized} isSigned>
        {unrealized !== null && percentOfPpm(ppmOf(unrealized, cost))}
      </Cell>
      <div>
        <dt>{t('strip.state')}</dt>
        <dd>{standing ? t(isStopped ? 'kill.title' : `state.${standing.trading_state}`) : '–'}</dd>
        <dd className="sub">
          {unreached ? t('state.UNREACHED') : !isStopped && standing?.trading_reason}
        </dd>
      </div>
    </dl>
  );
}

/** What positions are worth now; null while a price is missing. */
function worth(
  positions: readonly Position[],
  priceOf: (symbol: string) => number | null,
): number | null {
  let sum = 0;
  for (const each of positions) {
    const price = priceOf(each.symbol) ?? each.price;
    if (price === null) return null;
    sum += price * each.qty;
  }
  return sum;
}

/** The day's result as the server counted it, moved on by what prices did since. */
function dayResult(money: Balance | undefined, equity: number | null): number | null {
  const counted = money?.day_result ?? null;
  const before = money?.equity ?? null;
  if (counted === null || before === null || equity === null) return null;
  return counted + equity - before;
}

interface CellProps {
  label: string;
  won: number | null;
  /** Whether it is a result, which rises or falls. */
  isSigned?: boolean;
  children: ReactNode;
}

function Cell({ label, won, isSigned = false, children }: CellProps) {
  const { t } = useTranslation();
  const way = isSigned ? direction(won) : undefined;
  return (
    <div>
      <dt>{label}</dt>
      <dd className={way}>
        {isSigned ? signedFigure(won) : figure(won)}
        <span className="unit">{t('won')}</span>
      </dd>
      <dd className={`sub ${way ?? ''}`}>{children}</dd>
    </div>
  );
}
