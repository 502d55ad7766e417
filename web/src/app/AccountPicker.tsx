import MenuItem from '@mui/material/MenuItem';
import Select from '@mui/material/Select';
import { useTranslation } from 'react-i18next';

import type { Account } from '@/api/types';

import { usePlace } from './place';

interface Props {
  accounts: readonly Account[];
  onPick: (accountId: string) => void;
}

/** Which account is looked at; one alone is only named. */
export function AccountPicker({ accounts, onPick }: Props) {
  const { t } = useTranslation();
  const { account } = usePlace();
  if (accounts.length === 1)
    return (
      <span className="chip">
        {t('header.account')} <strong>{account.account_id}</strong>
        {!account.may_trade && <span>{t('header.viewOnly')}</span>}
      </span>
    );
  return (
    <Select
      size="small"
      variant="outlined"
      value={account.account_id}
      onChange={(event) => {
        onPick(event.target.value);
      }}
      inputProps={{ 'aria-label': t('header.account') }}
    >
      {accounts.map((each) => (
        <MenuItem key={each.account_id} value={each.account_id} dense>
          {each.account_id}
          {!each.may_trade && ` · ${t('header.viewOnly')}`}
        </MenuItem>
      ))}
    </Select>
  );
}
