import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, told } from '@/api/client';
import { ApiError } from '@/api/problem';

import { Failure } from './Failure';
import { Field } from './Field';

interface Props {
  onShown: () => void;
  onClose: () => void;
}

/** Whether something was refused only because the second factor was not shown a moment ago. */
export function needsStepUp(error: unknown): boolean {
  return error instanceof ApiError && error.code === 'STEP_UP_NEEDED';
}

/** Asks for the second factor again, before what cannot be taken back. */
export function StepUp({ onShown, onClose }: Props) {
  const { t } = useTranslation();
  const id = useId();
  const client = useQueryClient();
  const [code, setCode] = useState('');
  const show = useMutation({
    mutationFn: () => told(api.POST('/api/auth/step-up', { body: { code: code.trim() } })),
    onSuccess: async () => {
      onShown();
      await client.invalidateQueries({ queryKey: ['me'] });
    },
    onError: () => {
      setCode('');
    },
  });
  return (
    <Dialog open onClose={onClose} aria-labelledby={id}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          show.mutate();
        }}
      >
        <DialogTitle id={id}>{t('step.title')}</DialogTitle>
        <DialogContent className="form">
          <p className="muted">{t('step.lead')}</p>
          <Field
            label={t('door.code')}
            value={code}
            onChange={setCode}
            kind="digits"
            autoComplete="one-time-code"
            autoFocus
          />
          <Failure error={show.error} />
        </DialogContent>
        <DialogActions>
          <button type="button" className="plain" onClick={onClose}>
            {t('close')}
          </button>
          <button
            type="submit"
            className="solid"
            disabled={code.trim().length < 6 || show.isPending}
          >
            {t('door.confirm')}
          </button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
