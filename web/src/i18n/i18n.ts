/** Korean is there from the beginning, English comes when it is asked for. */

import { createInstance } from 'i18next';
import type { BackendModule } from 'i18next';
import { initReactI18next } from 'react-i18next';

import ko from './ko.json';

export type Language = 'ko' | 'en';

const STORED = 'maemae-language';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation';
    resources: { translation: typeof ko };
    returnNull: false;
  }
}

/** English comes when it is asked for. */
const texts: BackendModule = {
  type: 'backend',
  init: () => undefined,
  read: (language, _namespace, done) => {
    if (language !== 'en') done(null, ko);
    else
      void import('./en.json').then((en) => {
        done(null, en.default);
      });
  },
};

const i18n = createInstance();

export async function startLanguage(): Promise<void> {
  const stored: Language = localStorage.getItem(STORED) === 'en' ? 'en' : 'ko';
  await i18n
    .use(initReactI18next)
    .use(texts)
    .init({ lng: stored, fallbackLng: 'ko', interpolation: { escapeValue: false } });
  document.documentElement.lang = stored;
}

/** Speak a language from now on, here and in the next visit. */
export async function speak(language: Language): Promise<void> {
  await i18n.changeLanguage(language);
  document.documentElement.lang = language;
  localStorage.setItem(STORED, language);
}
