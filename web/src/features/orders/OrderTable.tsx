import { useTranslation } from 'react-i18next';

import type { Order } from '@/api/types';
import { InstrumentName } from '@/components/InstrumentName';
import { SideTag } from '@/components/SideTag';
import { SleeveName } from '@/components/SleeveName';
import { useName } from '@/features/market/useName';
import { isOpen } from '@/features/ticket/progress';
import { figure, timeOfDay } from '@/lib/format';

interface Props {
  orders: readonly Order[];
  /** Missing for who may only look. */
  onCancel: ((order: Order) => void) | undefined;
  canceling: number | null;
}

/** Orders, a line each; cards where there is no room for lines. */
export function OrderTable({ orders, onCancel, canceling }: Props) {
  const { t } = useTranslation();
  const cancelButton = (order: Order) =>
    onCancel && isOpen(order.status) ? (
      <CancelButton
        order={order}
        isCanceling={canceling === order.cl_ord_id || order.status === 'PENDING_CANCEL'}
        onCancel={onCancel}
      />
    ) : null;
  return (
    <>
      <table className="grid table-only">
        <thead>
          <tr>
            <th className="w-time">{t('orders.time')}</th>
            <th className="w-name">{t('orders.symbol')}</th>
            <th className="w-side">{t('orders.side')}</th>
            <th className="number">{t('orders.price')}</th>
            <th className="number">{t('orders.filled')}</th>
            <th>{t('orders.status')}</th>
            <th className="wide-only">{t('orders.cause')}</th>
            <th className="w-action">
              <span className="visually-hidden">{t('orders.cancel')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {orders.map((order) => (
            <tr key={order.cl_ord_id} data-testid={`order-${order.cl_ord_id}`}>
              <td className="muted">{timeOfDay(order.at)}</td>
              <td>
                <span className="name">
                  <InstrumentName symbol={order.symbol} />
                </span>
                <span className="sub">
                  {order.symbol} · #{order.cl_ord_id}
                </span>
              </td>
              <td>
                <SideTag side={order.side} />
              </td>
              <td className="number">
                <OrderPrice order={order} />
              </td>
              <td className="number">
                <Filled order={order} />
              </td>
              <td>
                <StatusText order={order} />
              </td>
              <td className="wide-only muted">
                {t(`cause.${order.cause}`)} · <SleeveName id={order.sleeve_id} />
              </td>
              <td className="actions">{cancelButton(order)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <ul className="rows cards-only">
        {orders.map((order) => (
          <li key={order.cl_ord_id}>
            <div className="row">
              <SideTag side={order.side} />
              <span className="name grow">
                <InstrumentName symbol={order.symbol} />
              </span>
              <StatusText order={order} />
            </div>
            <div className="row">
              <span className="muted">{timeOfDay(order.at)}</span>
              <span>
                <OrderPrice order={order} />
              </span>
              <span className="grow">
                <Filled order={order} />
              </span>
              {cancelButton(order)}
            </div>
          </li>
        ))}
      </ul>
    </>
  );
}

function OrderPrice({ order }: { order: Order }) {
  const { t } = useTranslation();
  return <>{order.price === null ? t('orders.market') : figure(order.price)}</>;
}

function Filled({ order }: { order: Order }) {
  const { t } = useTranslation();
  const avg = order.cum_qty > 0 ? Math.round(order.notional / order.cum_qty) : null;
  return (
    <>
      {figure(order.cum_qty)} / {figure(order.order_qty)}
      {avg !== null && <span className="sub">{t('orders.avg', { figure: figure(avg) })}</span>}
    </>
  );
}

function StatusText({ order }: { order: Order }) {
  const { t } = useTranslation();
  const isDoubt = order.status === 'UNKNOWN';
  return (
    <span className={isDoubt ? 'tag' : undefined} data-kind={isDoubt ? 'doubt' : undefined}>
      {t(`status.${order.status}`)}
    </span>
  );
}

interface CancelProps {
  order: Order;
  isCanceling: boolean;
  onCancel: (order: Order) => void;
}

function CancelButton({ order, isCanceling, onCancel }: CancelProps) {
  const { t } = useTranslation();
  const name = useName(order.symbol);
  return (
    <button
      type="button"
      className="plain"
      disabled={isCanceling}
      aria-label={t('orders.cancelThis', { name, side: t(`side.${order.side}`) })}
      onClick={() => {
        onCancel(order);
      }}
    >
      {isCanceling ? t('orders.canceling') : t('orders.cancel')}
    </button>
  );
}
