import Tooltip from '@mui/material/Tooltip';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { newKey } from '@/api/client';
import { usePlace } from '@/app/place';
import { HoldButton } from '@/components/HoldButton';
import { StopIcon } from '@/components/icons';

import { KillDialog } from './KillDialog';
import { KillFailure } from './KillFailure';
import { usePressKill } from './useKill';

const HOLD_MS = 800;

/** Held, it stops new orders and cancels the open ones; pressed, it asks how far to go. */
export function EmergencyStop() {
  const { t } = useTranslation();
  const { account } = usePlace();
  const [isAsking, setAsking] = useState(false);
  const kill = usePressKill();
  useEffect(() => {
    const open = (event: KeyboardEvent): void => {
      if (event.key === 'Escape' && event.shiftKey && !event.repeat) setAsking(true);
    };
    window.addEventListener('keydown', open);
    return () => {
      window.removeEventListener('keydown', open);
    };
  }, []);
  if (!account.may_trade) return null;
  return (
    <>
      <Tooltip title={t('kill.hint')}>
        <span className="stop-place">
          <HoldButton
            className="stop"
            holdMs={HOLD_MS}
            onHeld={() => {
              kill.mutate({ level: 'CANCEL_ALL', reason: t('kill.held'), key: newKey() });
            }}
            onPressed={() => {
              setAsking(true);
            }}
          >
            <StopIcon />
            {kill.isPending ? t('kill.pressing') : t('kill.button')}
          </HoldButton>
        </span>
      </Tooltip>
      {kill.isError && <KillFailure error={kill.error} onClose={kill.reset} />}
      {isAsking && (
        <KillDialog
          onClose={() => {
            setAsking(false);
          }}
        />
      )}
    </>
  );
}
