import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { api, told } from '@/api/client';
import { useKey, usePlace } from '@/app/place';
import { Failure } from '@/components/Failure';
import { Panel } from '@/components/Panel';
import { timeOfDay } from '@/lib/format';
import { usePolling } from '@/realtime/live';

/** What a person must look at; it stays until somebody says that they have. */
export function Alerts() {
  const { t, i18n } = useTranslation();
  const { account } = usePlace();
  const key = useKey();
  const client = useQueryClient();
  const alerts = useQuery({
    queryKey: key('alerts'),
    queryFn: () =>
      told(api.GET('/api/alerts', { params: { query: { account_id: account.account_id } } })),
    refetchInterval: usePolling(),
  });
  const acknowledge = useMutation({
    mutationFn: (alert_id: number) =>
      told(
        api.POST('/api/alerts/{alert_id}/acknowledge', {
          params: { path: { alert_id }, query: { account_id: account.account_id } },
        }),
      ),
    onSettled: () => client.invalidateQueries({ queryKey: key('alerts') }),
  });
  return (
    <Panel tab="alerts" title={t('alerts.title')} count={alerts.data?.length}>
      <Failure error={alerts.error ?? acknowledge.error} />
      {alerts.data?.length === 0 && <p className="empty">{t('alerts.none')}</p>}
      <ul className="rows">
        {alerts.data?.map((alert) => (
          <li key={alert.alert_id}>
            <div className="row">
              {alert.is_critical && (
                <span className="tag" data-kind="doubt">
                  {t('alerts.critical')}
                </span>
              )}
              <span className="muted">{timeOfDay(alert.last_at)}</span>
              {alert.times > 1 && (
                <span className="muted">{t('alerts.times', { count: alert.times })}</span>
              )}
              <span className="push">
                {alert.acknowledged_by === null ? (
                  account.may_trade && (
                    <button
                      type="button"
                      className="plain"
                      disabled={acknowledge.isPending}
                      onClick={() => {
                        acknowledge.mutate(alert.alert_id);
                      }}
                    >
                      {t('alerts.acknowledge')}
                    </button>
                  )
                ) : (
                  <span className="muted">
                    {t('alerts.acknowledged', { who: alert.acknowledged_by })}
                  </span>
                )}
              </span>
            </div>
            <p>{i18n.language === 'en' ? alert.en : alert.ko}</p>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
