import { useTranslation } from 'react-i18next';
import { isRouteErrorResponse, useRouteError } from 'react-router';

import { ApiError } from '@/api/problem';
import { Failure } from '@/components/Failure';

import { reloadOnce } from './staleChunk';

/** Instead of a page that cannot be shown. */
export function Broken({ error }: { error?: unknown }) {
  const { t } = useTranslation();
  const thrown = useRouteError();
  const cause = error ?? thrown;
  if (reloadOnce(cause)) return null;
  const isMissing = isRouteErrorResponse(cause) && cause.status === 404;
  return (
    <main className="door">
      <div className="door-card">
        <h1>{t('app')}</h1>
        {isMissing && <p>{t('notFound')}</p>}
        {!isMissing &&
          (cause instanceof ApiError ? <Failure error={cause} /> : <p>{t('broken')}</p>)}
        <a className="solid" href={isMissing ? '/' : ''}>
          {isMissing ? t('home') : t('reload')}
        </a>
      </div>
    </main>
  );
}
