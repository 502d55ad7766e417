import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, told } from '@/api/client';
import { Failure } from '@/components/Failure';
import { Field } from '@/components/Field';

import { Door } from './Door';

/** The second factor: a code of the app, or one of the recovery codes. */
export function SecondFactor({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation();
  const [code, setCode] = useState('');
  const [isRecovery, setRecovery] = useState(false);
  const show = useMutation({
    mutationFn: () =>
      isRecovery
        ? told(api.POST('/api/auth/recovery', { body: { code: code.trim() } }))
        : told(api.POST('/api/auth/totp', { body: { code: code.trim() } })),
    onSuccess: onDone,
    onError: () => {
      setCode('');
    },
  });
  const swap = (): void => {
    setRecovery(!isRecovery);
    setCode('');
    show.reset();
  };
  return (
    <Door
      title={t('door.factor')}
      lead={isRecovery ? t('door.recoveryLead') : t('door.factorLead')}
      onSubmit={() => {
        show.mutate();
      }}
    >
      <Field
        key={String(isRecovery)}
        label={isRecovery ? t('door.recoveryCode') : t('door.code')}
        value={code}
        onChange={setCode}
        kind={isRecovery ? 'text' : 'digits'}
        autoComplete="one-time-code"
        autoFocus
      />
      <Failure error={show.error} />
      <button type="submit" className="solid" disabled={!code.trim() || show.isPending}>
        {show.isPending ? t('door.entering') : t('door.confirm')}
      </button>
      <button type="button" className="plain" onClick={swap}>
        {isRecovery ? t('door.useTotp') : t('door.useRecovery')}
      </button>
    </Door>
  );
}
