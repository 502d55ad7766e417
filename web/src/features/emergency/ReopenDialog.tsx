import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { useKey } from '@/app/place';
import { ReasonDialog } from '@/components/ReasonDialog';
import { needsStepUp, StepUp } from '@/components/StepUp';

interface Props {
  step: 'release' | 'reactivate';
  send: (reason: string) => Promise<unknown>;
  onClose: () => void;
}

/** One step back to trading: releases the kill switch, or lets orders through once it is off. */
export function ReopenDialog({ step, send, onClose }: Props) {
  const { t } = useTranslation();
  const key = useKey();
  const client = useQueryClient();
  const { variables, mutate, reset, error, isPending } = useMutation({
    mutationFn: send,
    onSuccess: onClose,
    onSettled: () => client.invalidateQueries({ queryKey: key() }),
  });
  const asksFactor = needsStepUp(error);
  return (
    <>
      <ReasonDialog
        title={t(`kill.${step}Title`)}
        lead={t(`kill.${step}Lead`)}
        action={t(`kill.${step}`)}
        error={asksFactor ? null : error}
        isPending={isPending}
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
