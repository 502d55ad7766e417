import { useTranslation } from 'react-i18next';

import type { Execution } from '@/api/types';
import { Change } from '@/components/Change';
import { InstrumentName } from '@/components/InstrumentName';
import { SideTag } from '@/components/SideTag';
import { figure, timeOfDay } from '@/lib/format';

/** Fills, a line each. */
export function ExecutionTable({ executions }: { executions: readonly Execution[] }) {
  const { t } = useTranslation();
  if (executions.length === 0) return <p className="empty">{t('orders.noneFills')}</p>;
  return (
    <>
      <table className="grid table-only">
        <thead>
          <tr>
            <th className="w-time">{t('orders.time')}</th>
            <th className="w-name">{t('orders.symbol')}</th>
            <th className="w-side">{t('orders.side')}</th>
            <th className="number">{t('orders.qty')}</th>
            <th className="number">{t('orders.price')}</th>
            <th className="number">{t('orders.cost')}</th>
            <th className="number">{t('orders.realized')}</th>
          </tr>
        </thead>
        <tbody>
          {executions.map((fill) => (
            <tr key={`${fill.cl_ord_id}/${fill.exec_id}`}>
              <td className="muted">{timeOfDay(fill.at)}</td>
              <td>
                <span className="name">
                  <InstrumentName symbol={fill.symbol} />
                </span>
                <span className="sub">
                  {fill.symbol} · #{fill.cl_ord_id}
                </span>
              </td>
              <td>
                <SideTag side={fill.side} />
              </td>
              <td className="number">{figure(fill.qty)}</td>
              <td className="number">{figure(fill.px)}</td>
              <td className="number">{figure(fill.commission + fill.tax)}</td>
              <td className="number">
                {fill.side === 'SELL' ? <Change won={fill.realized} /> : null}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <ul className="rows cards-only">
        {executions.map((fill) => (
          <li key={`${fill.cl_ord_id}/${fill.exec_id}`}>
            <div className="row">
              <SideTag side={fill.side} />
              <span className="name grow">
                <InstrumentName symbol={fill.symbol} />
              </span>
              <span>
                {figure(fill.px)} × {t('inShares', { figure: figure(fill.qty) })}
              </span>
            </div>
            <div className="row">
              <span className="muted grow">{timeOfDay(fill.at)}</span>
              {fill.side === 'SELL' && <Change won={fill.realized} />}
            </div>
          </li>
        ))}
      </ul>
    </>
  );
}
