import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';

import { api, told } from '@/api/client';
import { forgetMe } from '@/app/me';
import { Failure } from '@/components/Failure';
import { dayOf, timeOfDay } from '@/lib/format';

/** Where one is logged in, and how to end that. */
export function LoginsDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const title = useId();
  const logins = useQuery({
    queryKey: ['logins'],
    queryFn: () => told(api.GET('/api/auth/logins')),
    staleTime: 0,
  });
  const end = useMutation({
    mutationFn: (login_id: string) =>
      told(api.DELETE('/api/auth/logins/{login_id}', { params: { path: { login_id } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ['logins'] }),
  });
  const endAll = useMutation({
    mutationFn: () => told(api.POST('/api/auth/logins/end-all')),
    onSuccess: () => {
      forgetMe(client);
    },
  });
  return (
    <Dialog open onClose={onClose} maxWidth="sm" aria-labelledby={title}>
      <DialogTitle id={title}>{t('logins.title')}</DialogTitle>
      <DialogContent>
        <Failure error={logins.error ?? end.error ?? endAll.error} />
        <ul className="rows">
          {logins.data?.map((login) => (
            <li key={login.login_id}>
              <div className="row">
                <span className="name">{deviceOf(login.device)}</span>
                <span className="muted">{login.address}</span>
                <span className="push">
                  {login.is_this_one ? (
                    <span className="tag" data-kind="running">
                      {t('logins.here')}
                    </span>
                  ) : (
                    <button
                      type="button"
                      className="plain"
                      disabled={end.isPending}
                      onClick={() => {
                        end.mutate(login.login_id);
                      }}
                    >
                      {t('logins.end')}
                    </button>
                  )}
                </span>
              </div>
              <span className="muted small">
                {t('logins.seen', {
                  time: `${dayOf(login.seen_at)} ${timeOfDay(login.seen_at)}`,
                })}
              </span>
            </li>
          ))}
        </ul>
        <p className="muted small">{t('logins.endAllNote')}</p>
      </DialogContent>
      <DialogActions>
        <button
          type="button"
          className="plain"
          disabled={endAll.isPending}
          onClick={() => {
            endAll.mutate();
          }}
        >
          {t('logins.endAll')}
        </button>
        <button type="button" className="solid" onClick={onClose}>
          {t('close')}
        </button>
      </DialogActions>
    </Dialog>
  );
}

const SYSTEMS = ['Windows', 'Android', 'iPhone', 'iPad', 'Mac OS X', 'Linux'];
const BROWSERS = [
  ['Edg/', 'Edge'],
  ['SamsungBrowser/', 'Samsung Internet'],
  ['Whale/', 'Whale'],
  ['Firefox/', 'Firefox'],
  ['Chrome/', 'Chrome'],
  ['Safari/', 'Safari'],
] as const;

/** A browser's long name in two words; whatever else it is, as it stands. */
export function deviceOf(agent: string): string {
  const browser = BROWSERS.find(([mark]) => agent.includes(mark))?.[1];
  const system = SYSTEMS.find((each) => agent.includes(each));
  return browser && system ? `${browser} · ${system.replace(' OS X', '')}` : agent || '–';
}
