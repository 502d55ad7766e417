import { useTranslation } from 'react-i18next';

/** Whose part of an account it is: a strategy's own name, or what everybody calls the two others. */
export function SleeveName({ id }: { id: string }) {
  const { t } = useTranslation();
  if (id === 'MANUAL') return <>{t('sleeve.MANUAL')}</>;
  if (id === 'EXTERNAL') return <>{t('sleeve.EXTERNAL')}</>;
  return <>{id}</>;
}
