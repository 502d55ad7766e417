import { useTranslation } from 'react-i18next';

import { ApiError } from '@/api/problem';

/** Why something was not done, in the language of the page. */
export function Failure({ error }: { error: unknown }) {
  const { t, i18n } = useTranslation();
  if (!error) return null;
  const told = error instanceof ApiError ? error : null;
  return (
    <div className="notice" data-kind="caution" role="alert">
      <p>{told ? told.sentence(i18n.language) : t('broken')}</p>
      {told?.requestId && <p className="muted">{t('request', { id: told.requestId })}</p>}
    </div>
  );
}
