import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { usePlace } from '@/app/place';
import { Failure } from '@/components/Failure';
import { Panel } from '@/components/Panel';

import { RunCard } from './RunCard';
import { StartDialog } from './StartDialog';
import { useRuns } from './useStrategies';

/** What trades by itself. */
export function Strategies() {
  const { t } = useTranslation();
  const { account } = usePlace();
  const [isStarting, setStarting] = useState(false);
  const runs = useRuns();
  const start = account.may_trade && (
    <button
      type="button"
      className="plain push"
      onClick={() => {
        setStarting(true);
      }}
    >
      {t('strategies.start')}
    </button>
  );
  return (
    <Panel tab="strategies" title={t('strategies.title')} count={runs.data?.length} aside={start}>
      <Failure error={runs.error} />
      {runs.data?.length === 0 && <p className="empty">{t('strategies.none')}</p>}
      {runs.data && runs.data.length > 0 && (
        <div className="cards">
          {runs.data.map((run) => (
            <RunCard key={run.sleeve_id} run={run} />
          ))}
        </div>
      )}
      {isStarting && (
        <StartDialog
          onClose={() => {
            setStarting(false);
          }}
        />
      )}
    </Panel>
  );
}
