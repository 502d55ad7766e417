import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { usePlace } from '@/app/place';
import { StopIcon } from '@/components/icons';
import { useOrders } from '@/features/orders/useOrders';

import { lastPress } from './lastPress';
import { ReopenDialog } from './ReopenDialog';
import { reactivate, release, useStanding } from './useKill';

/** Across the page as long as trading is not as usual. */
export function StateBand() {
  const { t } = useTranslation();
  const { account } = usePlace();
  const [isReopening, setReopening] = useState(false);
  const state = useStanding().data;
  const open = useOrders(true).data?.orders.length ?? 0;
  if (!state) return null;
  const close = (): void => {
    setReopening(false);
  };
  if (state.kill !== 'OFF')
    return (
      <div className="kill-band" role="alert">
        <StopIcon />
        <span>{t('kill.band', { level: t(`kill.level.${state.kill}`) })}</span>
        {state.kill_reason && <span>{lastPress(state.kill_reason)}</span>}
        {open > 0 && <span>{t('kill.left', { count: open })}</span>}
        {account.may_trade && (
          <button
            type="button"
            className="plain"
            onClick={() => {
              setReopening(true);
            }}
          >
            {t('kill.release')}
          </button>
        )}
        {isReopening && (
          <ReopenDialog
            step="release"
            send={(reason) => release(account.account_id, reason, state.kill_reason)}
            onClose={close}
          />
        )}
      </div>
    );
  if (state.trading_state === 'ACTIVE') return null;
  return (
    <div className="state-band" role="status">
      <span>
        {state.trading_state === 'HALTED' ? t('kill.haltedBand') : t('kill.reducingBand')}
      </span>
      {state.trading_reason && <span className="muted">{state.trading_reason}</span>}
      {account.may_trade && (
        <button
          type="button"
          className="plain"
          onClick={() => {
            setReopening(true);
          }}
        >
          {t('kill.reactivate')}
        </button>
      )}
      {isReopening && (
        <ReopenDialog
          step="reactivate"
          send={(reason) => reactivate(account.account_id, reason)}
          onClose={close}
        />
      )}
    </div>
  );
}
