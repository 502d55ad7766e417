import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, told } from '@/api/client';
import { usePlace } from '@/app/place';
import { Failure } from '@/components/Failure';
import { Field } from '@/components/Field';
import { needsStepUp, StepUp } from '@/components/StepUp';

/** Real orders are locked: unlocks them for who writes the account out and shows both factors. */
export function ArmNotice() {
  const { t } = useTranslation();
  const { account } = usePlace();
  const client = useQueryClient();
  const [typed, setTyped] = useState('');
  const [reason, setReason] = useState('');
  const account_id = account.account_id;
  const arm = useMutation({
    mutationFn: () =>
      told(
        api.POST('/api/accounts/{account_id}/arm', {
          params: { path: { account_id } },
          body: { account_id: typed.trim(), reason: reason.trim() },
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: ['me'] }),
  });
  const asksFactor = needsStepUp(arm.error);
  return (
    <form
      className="ticket"
      onSubmit={(event) => {
        event.preventDefault();
        arm.mutate();
      }}
    >
      <p className="notice" data-kind="caution">
        {t('ticket.notArmed')}
      </p>
      <Field
        label={t('ticket.armType', { account: account_id })}
        value={typed}
        onChange={setTyped}
      />
      <Field label={t('reason')} value={reason} onChange={setReason} />
      {!asksFactor && <Failure error={arm.error} />}
      <button
        type="submit"
        className="solid"
        disabled={typed.trim() !== account_id || !reason.trim() || arm.isPending}
      >
        {t('ticket.arm')}
      </button>
      {asksFactor && (
        <StepUp
          onShown={() => {
            arm.mutate();
          }}
          onClose={arm.reset}
        />
      )}
    </form>
  );
}
