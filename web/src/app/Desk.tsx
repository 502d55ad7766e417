import { useTranslation } from 'react-i18next';

import { BagIcon, BellIcon, ListIcon, StrategyIcon, TicketIcon } from '@/components/icons';
import { AccountStrip } from '@/features/account/AccountStrip';
import { Alerts } from '@/features/alerts/Alerts';
import { Orders } from '@/features/orders/Orders';
import { Positions } from '@/features/positions/Positions';
import { Strategies } from '@/features/strategies/Strategies';
import { TicketPanel } from '@/features/ticket/TicketPanel';
import { useUi } from '@/lib/ui';
import type { Tab } from '@/lib/ui';

import { IdleLock } from './IdleLock';
import { usePlace } from './place';

const LOCKED_AFTER_MS = 15 * 60_000;

/** The panels of an account; a narrow screen shows one at a time. */
export function Desk() {
  const tab = useUi((ui) => ui.tab);
  const { path } = usePlace();
  return (
    <IdleLock afterMs={path === 'real' ? LOCKED_AFTER_MS : null}>
      <main className="desk-page">
        <AccountStrip />
        <div className="desk" data-tab={tab}>
          <div className="column">
            <Positions />
            <Orders />
            <Strategies />
          </div>
          <div className="column">
            <TicketPanel />
            <Alerts />
          </div>
        </div>
      </main>
      <BottomBar />
    </IdleLock>
  );
}

const TABS = [
  ['positions', 'positions.title', BagIcon],
  ['orders', 'orders.title', ListIcon],
  ['ticket', 'ticket.title', TicketIcon],
  ['strategies', 'strategies.title', StrategyIcon],
  ['alerts', 'alerts.title', BellIcon],
] as const satisfies readonly (readonly [Tab, string, () => unknown])[];

function BottomBar() {
  const { t } = useTranslation();
  const tab = useUi((ui) => ui.tab);
  const show = useUi((ui) => ui.show);
  return (
    <nav className="bottom" aria-label={t('header.panels')}>
      {TABS.map(([name, title, Icon]) => (
        <button
          key={name}
          type="button"
          aria-pressed={tab === name}
          onClick={() => {
            show(name);
          }}
        >
          <Icon />
          {t(title)}
        </button>
      ))}
    </nav>
  );
}
