import Divider from '@mui/material/Divider';
import Menu from '@mui/material/Menu';
import MenuItem from '@mui/material/MenuItem';
import { useColorScheme } from '@mui/material/styles';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, told } from '@/api/client';
import { PersonIcon } from '@/components/icons';
import { LoginsDialog } from '@/features/logins/LoginsDialog';
import { speak } from '@/i18n/i18n';

import { forgetMe } from './me';

/** Language, colours, logins, and the way out. */
export function MyMenu({ userId }: { userId: string }) {
  const { t, i18n } = useTranslation();
  const client = useQueryClient();
  const { mode, systemMode, setMode } = useColorScheme();
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const [isListing, setListing] = useState(false);
  const logout = useMutation({
    mutationFn: () => told(api.POST('/api/auth/logout')),
    onSuccess: () => {
      forgetMe(client);
    },
  });
  const isDark = (mode === 'system' ? systemMode : mode) !== 'light';
  const isKorean = i18n.language !== 'en';
  const after = (action: () => void) => () => {
    setAnchor(null);
    action();
  };
  return (
    <>
      <button
        type="button"
        className="icon-button"
        aria-label={t('header.menu')}
        aria-haspopup="menu"
        onClick={(event) => {
          setAnchor(event.currentTarget);
        }}
      >
        <PersonIcon />
      </button>
      <Menu
        anchorEl={anchor}
        open={anchor !== null}
        onClose={() => {
          setAnchor(null);
        }}
        slotProps={{ list: { dense: true, 'aria-label': userId } }}
      >
        <MenuItem
          lang={isKorean ? 'en' : 'ko'}
          onClick={after(() => void speak(isKorean ? 'en' : 'ko'))}
        >
          {isKorean ? t('language.en') : t('language.ko')}
        </MenuItem>
        <MenuItem
          onClick={after(() => {
            setMode(isDark ? 'light' : 'dark');
          })}
        >
          {isDark ? t('theme.light') : t('theme.dark')}
        </MenuItem>
        <Divider />
        <MenuItem
          onClick={after(() => {
            setListing(true);
          })}
        >
          {t('header.logins')}
        </MenuItem>
        <MenuItem
          onClick={after(() => {
            logout.mutate();
          })}
        >
          {t('header.logout')} · {userId}
        </MenuItem>
      </Menu>
      {isListing && (
        <LoginsDialog
          onClose={() => {
            setListing(false);
          }}
        />
      )}
    </>
  );
}
