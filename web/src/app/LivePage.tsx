import { useEffect, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { Navigate, useParams, useSearchParams } from 'react-router';

import type { Me } from '@/api/types';
import { LiveProvider } from '@/realtime/LiveProvider';

import { Desk } from './Desk';
import { Header } from './Header';
import { accountsOf, isModePath, useMe } from './me';
import type { ModePath } from './me';
import { PlaceContext } from './place';

/** One market, one account, live. Another of either is another page: nothing is carried over. */
export function LivePage() {
  const { mode } = useParams();
  const me = useMe().data;
  if (!me) return null;
  return isModePath(mode) ? <Market key={mode} path={mode} me={me} /> : <Navigate to="/" replace />;
}

function Market({ path, me }: { path: ModePath; me: Me }) {
  const { t } = useTranslation();
  const [search] = useSearchParams();
  useEffect(() => {
    document.documentElement.dataset.mode = path;
    document.title = `[${t(`mode.title.${path}`)}] ${t('app')}`;
    return () => {
      delete document.documentElement.dataset.mode;
      document.title = t('app');
    };
  }, [path, t]);
  const accounts = accountsOf(me, path);
  const asked = search.get('account');
  const account = accounts.find((each) => each.account_id === asked) ?? accounts[0];
  const place = useMemo(() => (account ? { path, account } : null), [path, account]);
  return (
    <div className="shell">
      <div className="frame" aria-hidden />
      {place ? (
        <PlaceContext.Provider value={place} key={place.account.account_id}>
          <LiveProvider>
            <Header me={me} path={path} accounts={accounts} />
            <Desk />
          </LiveProvider>
        </PlaceContext.Provider>
      ) : (
        <>
          <Header me={me} path={path} accounts={accounts} />
          <main className="empty">{t('mode.none')}</main>
        </>
      )}
    </div>
  );
}
