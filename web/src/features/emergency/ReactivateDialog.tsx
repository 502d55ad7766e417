import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { api, newKey, told } from '@/api/client';
import { useKey, usePlace } from '@/app/place';
import { ReasonDialog } from '@/components/ReasonDialog';
import { needsStepUp, StepUp } from '@/components/StepUp';

/** Opens trading again once the kill switch is released. */
export function ReactivateDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const { account } = usePlace();
  const key = useKey();
  const client = useQueryClient();
  const reactivate = useMutation({
    mutationFn: (reason: string) =>
      told(
        api.POST('/api/kill/trading-state', {
          params: { header: { 'Idempotency-Key': newKey() } },
          body: { account_id: account.account_id, state: 'ACTIVE', reason },
        }),
      ),
    onSuccess: onClose,
    onSettled: () => client.invalidateQueries({ queryKey: key() }),
  });
  const { variables, mutate, reset, error } = reactivate;
  const asksFactor = needsStepUp(error);
  return (
    <>
      <ReasonDialog
        title={t('kill.reactivate')}
        lead={t('kill.reactivateLead')}
        action={t('kill.reactivate')}
        error={asksFactor ? null : error}
        isPending={reactivate.isPending}
        onClose={onClose}
        onSubmit={mutate}
      />
      {asksFactor && variables !== undefined && (
        <StepUp
          onShown={() => {
            mutate(variables);
          }}
          onClose={reset}
        />
      )}
    </>
  );
}
