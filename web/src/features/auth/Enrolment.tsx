import { useMutation, useQuery } from '@tanstack/react-query';
import { QRCodeSVG } from 'qrcode.react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, told } from '@/api/client';
import { Failure } from '@/components/Failure';
import { Field } from '@/components/Field';

import { Door } from './Door';
import { RecoveryCodes } from './RecoveryCodes';

/** Registers the second factor and shows the recovery codes, once. */
export function Enrolment({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation();
  const [code, setCode] = useState('');
  const offered = useQuery({
    queryKey: ['enrolment'],
    queryFn: () => told(api.POST('/api/auth/totp/enrol')),
    staleTime: Infinity, // another one would make the secret on the screen worthless
    gcTime: 0,
    retry: false,
  });
  const confirm = useMutation({
    mutationFn: () => told(api.POST('/api/auth/totp/confirm', { body: { code: code.trim() } })),
    onError: () => {
      setCode('');
    },
  });
  if (confirm.data) return <RecoveryCodes codes={confirm.data.recovery_codes} onKept={onDone} />;
  return (
    <Door
      title={t('door.enrol')}
      lead={t('door.enrolLead')}
      onSubmit={() => {
        confirm.mutate();
      }}
    >
      {offered.data && (
        <>
          <QRCodeSVG
            className="qr"
            value={offered.data.otpauth_uri}
            size={184}
            level="M"
            role="img"
            aria-label={t('door.qr')}
          />
          <div>
            <p className="muted small">{t('door.enrolManual')}</p>
            <p className="code" data-testid="totp-secret">
              {offered.data.secret}
            </p>
          </div>
        </>
      )}
      <Field
        label={t('door.code')}
        value={code}
        onChange={setCode}
        kind="digits"
        autoComplete="one-time-code"
      />
      <Failure error={offered.error ?? confirm.error} />
      <button
        type="submit"
        className="solid"
        disabled={!offered.data || !code.trim() || confirm.isPending}
      >
        {confirm.isPending ? t('door.entering') : t('door.confirm')}
      </button>
    </Door>
  );
}
