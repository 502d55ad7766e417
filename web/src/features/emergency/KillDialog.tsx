import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { newKey } from '@/api/client';
import type { KillLevel } from '@/api/types';
import { usePlace } from '@/app/place';
import { Failure } from '@/components/Failure';
import { Field } from '@/components/Field';
import { HoldButton } from '@/components/HoldButton';
import { RadioCard } from '@/components/RadioCard';
import { needsStepUp, StepUp } from '@/components/StepUp';

import { usePressKill } from './useKill';

const LEVELS = ['STOP_NEW', 'CANCEL_ALL', 'LIQUIDATE'] as const satisfies readonly KillLevel[];
type Level = (typeof LEVELS)[number];
const LIQUIDATE_HOLD_MS = 2_000;

/** How far to stop, and why; selling everything is held, or pressed twice by who cannot hold. */
export function KillDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const { account, path } = usePlace();
  const id = useId();
  const [level, setLevel] = useState<Level>('CANCEL_ALL');
  const [reason, setReason] = useState('');
  const [word, setWord] = useState('');
  const [isAskedAgain, setAskedAgain] = useState(false);
  const kill = usePressKill();
  const isLast = level === 'LIQUIDATE';
  const isReady = reason.trim().length > 0 && (!isLast || word.trim() === t('kill.word'));
  const send = (): void => {
    if (!isReady) return;
    kill.mutate({ level, reason: reason.trim(), key: newKey() }, { onSuccess: onClose });
  };
  const asksFactor = needsStepUp(kill.error);
  return (
    <>
      <Dialog open onClose={onClose} maxWidth="sm" aria-labelledby={id}>
        <DialogTitle id={id}>{t('kill.title')}</DialogTitle>
        <DialogContent className="form">
          <p className="muted">
            {t('kill.lead', { account: account.account_id, mode: t(`mode.${path}`) })}
          </p>
          <div role="radiogroup" aria-label={t('kill.title')} className="levels">
            {LEVELS.map((each) => (
              <RadioCard
                key={each}
                group="level"
                title={t(`kill.level.${each}`)}
                note={t(`kill.levelNote.${each}`)}
                isChosen={each === level}
                onChoose={() => {
                  setLevel(each);
                }}
              />
            ))}
          </div>
          <Field label={t('reason')} value={reason} onChange={setReason} autoFocus />
          {isLast && <Field label={t('kill.type')} value={word} onChange={setWord} />}
          {!asksFactor && <Failure error={kill.error} />}
        </DialogContent>
        <DialogActions>
          <button type="button" className="plain" onClick={onClose}>
            {t('close')}
          </button>
          {isLast ? (
            <HoldButton
              className="stop"
              holdMs={LIQUIDATE_HOLD_MS}
              disabled={!isReady || kill.isPending}
              onHeld={send}
              onPressed={() => {
                if (isAskedAgain) send();
                setAskedAgain(!isAskedAgain);
              }}
            >
              {kill.isPending
                ? t('kill.pressing')
                : t(isAskedAgain ? 'kill.again' : 'kill.holdPress')}
            </HoldButton>
          ) : (
            <button
              type="button"
              className="hold stop"
              disabled={!isReady || kill.isPending}
              onClick={send}
            >
              {kill.isPending ? t('kill.pressing') : t('kill.press')}
            </button>
          )}
        </DialogActions>
      </Dialog>
      {asksFactor && <StepUp onShown={send} onClose={kill.reset} />}
    </>
  );
}
