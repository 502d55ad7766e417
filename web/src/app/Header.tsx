import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';

import type { Account, Me } from '@/api/types';
import { EmergencyStop } from '@/features/emergency/EmergencyStop';
import { StateBand } from '@/features/emergency/StateBand';

import { AccountPicker } from './AccountPicker';
import { LinkChip } from './LinkChip';
import { MODE_PATHS, accountsOf } from './me';
import type { ModePath } from './me';
import { AccountBand, ModeBand } from './ModeBand';
import { MyMenu } from './MyMenu';
import { SessionChip } from './SessionChip';

interface Props {
  me: Me;
  path: ModePath;
  accounts: readonly Account[];
}

/** Always on screen: which market, which account, what time, is it live, and how to stop. */
export function Header({ me, path, accounts }: Props) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const hasAccount = accounts.length > 0;
  const shown = MODE_PATHS.filter((each) => each === path || accountsOf(me, each).length > 0);
  return (
    <div className="top">
      <header className="header">
        <Link className="brand" to={`/${path}`} aria-label={t('app')}>
          <img src="/icon.svg" alt="" width="24" height="24" />
          <span>{t('app')}</span>
        </Link>
        <nav className="modes" aria-label={t('mode.switch')}>
          {shown.map((each) => (
            <Link key={each} to={`/${each}`} aria-current={each === path ? 'page' : undefined}>
              {t(`mode.${each}`)}
            </Link>
          ))}
        </nav>
        {hasAccount && (
          <>
            <AccountPicker
              accounts={accounts}
              onPick={(id) => void navigate(`/${path}?account=${encodeURIComponent(id)}`)}
            />
            <div className="header-space" />
            <SessionChip />
            <LinkChip />
          </>
        )}
        {!hasAccount && <div className="header-space" />}
        <MyMenu userId={me.user_id} />
        {hasAccount && <EmergencyStop />}
      </header>
      {hasAccount ? <AccountBand path={path} /> : <ModeBand path={path} isEmulated={false} />}
      {hasAccount && <StateBand />}
    </div>
  );
}
