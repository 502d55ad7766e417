import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { Run } from '@/api/types';
import { usePlace } from '@/app/place';
import { Failure } from '@/components/Failure';
import { ReasonDialog } from '@/components/ReasonDialog';
import { figure, timeOfDay } from '@/lib/format';

import { useConduct } from './useStrategies';
import { WhyDialog } from './WhyDialog';

/** One run of a strategy: how it does, and what can be done about it. */
export function RunCard({ run }: { run: Run }) {
  const { t, i18n } = useTranslation();
  const { account } = usePlace();
  const [asking, setAsking] = useState<'pause' | 'stop' | 'why' | null>(null);
  const conduct = useConduct(run.sleeve_id);
  const close = (): void => {
    setAsking(null);
    conduct.reset();
  };
  const isGoing = run.state === 'RUNNING' || run.state === 'WARMING_UP';
  const failure = i18n.language === 'en' ? run.failure?.en : run.failure?.ko;
  const why = run.state === 'PAUSED' ? run.pause_reason : run.end_reason;
  const values = Object.entries(run.values)
    .map(([name, value]) => `${name} ${value}`)
    .join(' · ');
  return (
    <article className="card" aria-label={run.sleeve_id}>
      <div className="card-head">
        <h3>{run.sleeve_id}</h3>
        <span className="tag push" data-kind={isGoing ? 'running' : 'doubt'}>
          {t(`strategies.state.${run.state}`)}
        </span>
      </div>
      <p className="muted small">{[run.spec, values].filter(Boolean).join(' · ')}</p>
      <dl className="facts">
        <dt>{t('strategies.allotted')}</dt>
        <dd>{t('inWon', { figure: figure(run.cash) })}</dd>
        <dt>{t('strategies.bars')}</dt>
        <dd>
          {figure(run.bars)}
          {run.last_bar_at && <span className="muted"> · {timeOfDay(run.last_bar_at)}</span>}
        </dd>
        <dt>{t('strategies.intents')}</dt>
        <dd>{figure(run.intents)}</dd>
      </dl>
      {!isGoing && why && <p className="muted">{why}</p>}
      {failure && (
        <p className="notice" data-kind="caution">
          {failure}
        </p>
      )}
      {!asking && <Failure error={conduct.error} />}
      <div className="row">
        {account.may_trade && isGoing && (
          <button
            type="button"
            className="plain"
            onClick={() => {
              setAsking('pause');
            }}
          >
            {t('strategies.pause')}
          </button>
        )}
        {account.may_trade && !isGoing && (
          <button
            type="button"
            className="plain"
            disabled={conduct.isPending}
            onClick={() => {
              conduct.mutate({ doing: 'resume', reason: '' });
            }}
          >
            {t('strategies.resume')}
          </button>
        )}
        {account.may_trade && run.state !== 'STOPPED' && (
          <button
            type="button"
            className="plain"
            onClick={() => {
              setAsking('stop');
            }}
          >
            {t('strategies.stop')}
          </button>
        )}
        <button
          type="button"
          className="plain push"
          onClick={() => {
            setAsking('why');
          }}
        >
          {t('strategies.why')}
        </button>
      </div>
      {asking === 'why' && <WhyDialog sleeveId={run.sleeve_id} onClose={close} />}
      {(asking === 'pause' || asking === 'stop') && (
        <ReasonDialog
          title={`${run.sleeve_id} · ${t(`strategies.${asking}`)}`}
          lead={asking === 'pause' ? t('strategies.pauseLead') : t('strategies.stopLead')}
          action={t(`strategies.${asking}`)}
          error={conduct.error}
          isPending={conduct.isPending}
          onClose={close}
          onSubmit={(reason) => {
            conduct.mutate({ doing: asking, reason }, { onSuccess: close });
          }}
        />
      )}
    </article>
  );
}
