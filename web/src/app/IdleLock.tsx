import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { StepUp } from '@/components/StepUp';
import { useIdle } from '@/lib/useIdle';

interface Props {
  /** How long nobody may touch anything [ms]; null for ever. */
  afterMs: number | null;
  children: ReactNode;
}

/** Hides what is on the screen once nobody is at it; the second factor shows it again. */
export function IdleLock({ afterMs, children }: Props) {
  const { t } = useTranslation();
  const [isIdle, wake] = useIdle(afterMs);
  const [isAsking, setAsking] = useState(false);
  if (!isIdle) return children;
  return (
    <main className="locked">
      <h1>{t('lock.title')}</h1>
      <p className="muted" role="status">
        {t('lock.lead')}
      </p>
      <button
        type="button"
        className="solid"
        onClick={() => {
          setAsking(true);
        }}
      >
        {t('lock.open')}
      </button>
      {isAsking && (
        <StepUp
          onShown={() => {
            setAsking(false);
            wake();
          }}
          onClose={() => {
            setAsking(false);
          }}
        />
      )}
    </main>
  );
}
