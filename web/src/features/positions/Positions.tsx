import { useTranslation } from 'react-i18next';

import type { Position } from '@/api/types';
import { Change } from '@/components/Change';
import { Failure } from '@/components/Failure';
import { GuardBar } from '@/components/GuardBar';
import { Panel } from '@/components/Panel';
import { Price } from '@/components/Price';
import { SleeveName } from '@/components/SleeveName';
import { useName } from '@/features/market/useName';
import { direction, figure, percentOfPpm, ppmOf } from '@/lib/format';
import { useUi } from '@/lib/ui';
import { useTick } from '@/realtime/useTick';

import { usePositions } from './usePositions';

/** What is held, at prices that live. */
export function Positions() {
  const { t } = useTranslation();
  const positions = usePositions();
  const rows = positions.data ?? [];
  return (
    <Panel tab="positions" title={t('positions.title')} count={positions.data && rows.length}>
      <Failure error={positions.error} />
      {positions.data && rows.length === 0 && <p className="empty">{t('positions.none')}</p>}
      {rows.length > 0 && (
        <>
          <table className="grid table-only">
            <thead>
              <tr>
                <th className="w-name">{t('positions.symbol')}</th>
                <th className="number">{t('positions.qty')}</th>
                <th className="number">{t('positions.avg')}</th>
                <th className="number">{t('positions.price')}</th>
                <th className="number wide-only">{t('positions.value')}</th>
                <th className="number">{t('positions.result')}</th>
                <th className="w-guard">{t('positions.guard')}</th>
                <th className="w-action">
                  <span className="visually-hidden">{t('positions.sell')}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map((position) => (
                <Row key={`${position.sleeve_id}/${position.symbol}`} position={position} />
              ))}
            </tbody>
          </table>
          <ul className="rows cards-only">
            {rows.map((position) => (
              <Card key={`${position.sleeve_id}/${position.symbol}`} position={position} />
            ))}
          </ul>
        </>
      )}
    </Panel>
  );
}

function useFigures(position: Position) {
  const price = useTick(position.symbol)?.price ?? position.price;
  const value = price === null ? null : price * position.qty;
  const result = value === null ? null : value - position.cost;
  return {
    price,
    value,
    result,
    ppm: result === null ? null : ppmOf(result, position.cost),
    avg: position.qty > 0 ? Math.round(position.cost / position.qty) : null,
  };
}

function Row({ position }: { position: Position }) {
  const { t } = useTranslation();
  const { price, value, result, ppm, avg } = useFigures(position);
  return (
    <tr>
      <td>
        <NameButton position={position} />
      </td>
      <td className="number">
        {figure(position.qty)}
        {position.sellable !== null && position.sellable !== position.qty && (
          <span className="sub">
            {t('positions.sellable', { figure: figure(position.sellable) })}
          </span>
        )}
      </td>
      <td className="number">{figure(avg)}</td>
      <td className="number">
        <Price symbol={position.symbol} before={position.price} />
      </td>
      <td className="number wide-only">{figure(value)}</td>
      <td className="number">
        <Result won={result} ppm={ppm} />
      </td>
      <td>
        {position.stop_px === null && position.take_px === null ? (
          <span className="muted">{t('positions.noGuard')}</span>
        ) : (
          <GuardBar stop={position.stop_px} take={position.take_px} price={price} />
        )}
      </td>
      <td className="actions">
        <SellButton position={position} />
      </td>
    </tr>
  );
}

function Card({ position }: { position: Position }) {
  const { t } = useTranslation();
  const { price, result, ppm, avg } = useFigures(position);
  return (
    <li>
      <div className="row">
        <NameButton position={position} />
        <span className="push number">
          <Result won={result} ppm={ppm} />
        </span>
      </div>
      <dl className="facts">
        <dt>{t('positions.price')}</dt>
        <dd>
          <Price symbol={position.symbol} before={position.price} />
        </dd>
        <dt>{t('positions.avg')}</dt>
        <dd>
          {figure(avg)} × {t('inShares', { figure: figure(position.qty) })}
        </dd>
      </dl>
      <div className="row">
        <span className="grow">
          {(position.stop_px !== null || position.take_px !== null) && (
            <GuardBar stop={position.stop_px} take={position.take_px} price={price} />
          )}
        </span>
        <SellButton position={position} />
      </div>
    </li>
  );
}

function Result({ won, ppm }: { won: number | null; ppm: number | null }) {
  return (
    <>
      <Change won={won} />
      <span className={`sub ${direction(won)}`}>{percentOfPpm(ppm)}</span>
    </>
  );
}

function NameButton({ position }: { position: Position }) {
  const { t } = useTranslation();
  const name = useName(position.symbol);
  const fill = useUi((ui) => ui.fill);
  return (
    <div className="instrument">
      <button
        type="button"
        className="link"
        aria-label={t('positions.buyThis', { name })}
        onClick={() => {
          fill({ symbol: position.symbol, name, side: 'BUY' });
        }}
      >
        <span className="name">{name}</span>
      </button>
      <span className="sub">
        {position.symbol} · <SleeveName id={position.sleeve_id} />
      </span>
    </div>
  );
}

function SellButton({ position }: { position: Position }) {
  const { t } = useTranslation();
  const name = useName(position.symbol);
  const fill = useUi((ui) => ui.fill);
  return (
    <button
      type="button"
      className="plain"
      aria-label={t('positions.sellThis', { name })}
      onClick={() => {
        fill({ symbol: position.symbol, name, side: 'SELL' });
      }}
    >
      {t('positions.sell')}
    </button>
  );
}
