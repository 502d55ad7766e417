import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { usePlace } from '@/app/place';
import { Failure } from '@/components/Failure';
import { Panel } from '@/components/Panel';

import { ExecutionTable } from './ExecutionTable';
import { OrderTable } from './OrderTable';
import { useCancel, useExecutions, useOrders } from './useOrders';
import { WaitingList } from './WaitingList';

const VIEWS = ['open', 'today', 'fills'] as const;
type View = (typeof VIEWS)[number];

/** Orders that can still fill, all of the day, and what was filled. */
export function Orders() {
  const { t } = useTranslation();
  const { account } = usePlace();
  const [view, setView] = useState<View>('open');
  const open = useOrders(true);
  const day = useOrders(false);
  const fills = useExecutions(view === 'fills');
  const cancel = useCancel();
  const shown = view === 'open' ? open : day;
  const orders = shown.data?.orders;
  const tabs = (
    <div className="tabs" role="tablist">
      {VIEWS.map((each) => (
        <button
          key={each}
          type="button"
          role="tab"
          aria-selected={each === view}
          onClick={() => {
            setView(each);
          }}
        >
          {t(`orders.${each}`)}
          {each === 'open' && open.data && (
            <span className="count"> {open.data.orders.length}</span>
          )}
        </button>
      ))}
    </div>
  );
  return (
    <Panel tab="orders" title={t('orders.title')} aside={tabs}>
      <Failure error={cancel.error ?? (view === 'fills' ? fills.error : shown.error)} />
      {view === 'fills' && fills.data && <ExecutionTable executions={fills.data} />}
      {view !== 'fills' && orders?.length === 0 && (
        <p className="empty">{view === 'open' ? t('orders.noneOpen') : t('orders.noneToday')}</p>
      )}
      {view !== 'fills' && orders && orders.length > 0 && (
        <OrderTable
          orders={orders}
          onCancel={account.may_trade ? cancel.mutate : undefined}
          canceling={cancel.isPending ? cancel.variables.cl_ord_id : null}
        />
      )}
      {view === 'open' && <WaitingList />}
    </Panel>
  );
}
