import { useTranslation } from 'react-i18next';

/** While something is on its way. */
export function Waiting() {
  const { t } = useTranslation();
  return (
    <main className="door" aria-busy>
      <p className="muted">{t('loading')}</p>
    </main>
  );
}
