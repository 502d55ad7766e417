import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { api, newKey, told } from '@/api/client';
import { useKey, usePlace } from '@/app/place';
import { ReasonDialog } from '@/components/ReasonDialog';
import { needsStepUp, StepUp } from '@/components/StepUp';

interface Props {
  /** What the switch said to the person: what was pressed after that is not theirs to release. */
  read: string;
  onClose: () => void;
}

/** Releases the kill switch: a reason, and the second factor. */
export function ReleaseDialog({ read, onClose }: Props) {
  const { t } = useTranslation();
  const { account } = usePlace();
  const key = useKey();
  const client = useQueryClient();
  const release = useMutation({
    mutationFn: (reason: string) =>
      told(
        api.POST('/api/kill/release', {
          params: { header: { 'Idempotency-Key': newKey() } },
          body: { account_id: account.account_id, reason, read },
        }),
      ),
    onSuccess: onClose,
    onSettled: () => client.invalidateQueries({ queryKey: key() }),
  });
  const { variables, mutate, reset, error } = release;
  const asksFactor = needsStepUp(error);
  return (
    <>
      <ReasonDialog
        title={t('kill.releaseTitle')}
        lead={t('kill.releaseLead')}
        action={release.isPending ? t('kill.releasing') : t('kill.release')}
        error={asksFactor ? null : error}
        isPending={release.isPending}
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
