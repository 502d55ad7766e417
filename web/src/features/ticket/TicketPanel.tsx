import { useTranslation } from 'react-i18next';

import { usePlace } from '@/app/place';
import { Panel } from '@/components/Panel';
import { useUi } from '@/lib/ui';

import { ArmNotice } from './ArmNotice';
import { Ticket } from './Ticket';

/** The ticket, or why there is none. */
export function TicketPanel() {
  const { t } = useTranslation();
  const { account, path } = usePlace();
  const filling = useUi((ui) => ui.filling);
  const isLocked = path === 'real' && account.may_trade && !account.is_armed;
  return (
    <Panel tab="ticket" title={t('ticket.title')}>
      {!account.may_trade && <p className="empty">{t('ticket.viewOnly')}</p>}
      {isLocked && <ArmNotice />}
      {account.may_trade && !isLocked && <Ticket key={filling?.count} filling={filling} />}
    </Panel>
  );
}
