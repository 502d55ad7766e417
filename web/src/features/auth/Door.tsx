import { useColorScheme } from '@mui/material/styles';
import type { ReactNode, SyntheticEvent } from 'react';
import { useTranslation } from 'react-i18next';

import { MoonIcon, SunIcon } from '@/components/icons';
import { speak } from '@/i18n/i18n';

interface Props {
  title: string;
  lead: string;
  onSubmit?: () => void;
  children: ReactNode;
}

/** The card that everybody passes on the way in. */
export function Door({ title, lead, onSubmit, children }: Props) {
  const { t, i18n } = useTranslation();
  const { mode, systemMode, setMode } = useColorScheme();
  const isDark = (mode === 'system' ? systemMode : mode) !== 'light';
  const isKorean = i18n.language !== 'en';
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    onSubmit?.();
  };
  return (
    <main className="door">
      <form className="door-card" onSubmit={submit} noValidate>
        <div className="brand">
          <img src="/icon.svg" alt="" width="28" height="28" />
          {t('app')}
        </div>
        <div>
          <h1>{title}</h1>
          <p className="lead">{lead}</p>
        </div>
        {children}
        <div className="door-foot">
          <button
            type="button"
            className="plain"
            lang={isKorean ? 'en' : 'ko'}
            onClick={() => void speak(isKorean ? 'en' : 'ko')}
          >
            {isKorean ? t('language.en') : t('language.ko')}
          </button>
          <button
            type="button"
            className="icon-button"
            aria-label={isDark ? t('theme.light') : t('theme.dark')}
            onClick={() => {
              setMode(isDark ? 'light' : 'dark');
            }}
          >
            {isDark ? <SunIcon /> : <MoonIcon />}
          </button>
        </div>
      </form>
    </main>
  );
}
