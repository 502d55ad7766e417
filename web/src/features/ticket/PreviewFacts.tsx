import { useTranslation } from 'react-i18next';

import type { Preview } from '@/api/types';
import { figure } from '@/lib/format';

const PPM_OF_PERCENT = 10_000;

/** What would follow from an order: its cost, what it leaves, and what the gate says. */
export function PreviewFacts({ preview }: { preview: Preview }) {
  const { t, i18n } = useTranslation();
  const passed = preview.checks.filter((check) => check.passed).length;
  const arrow = (before: string, after: string): string =>
    t('ticket.facts.arrow', { before, after });
  return (
    <>
      <div
        className="notice"
        role="status"
        data-kind={preview.outlook === 'SENT' ? 'fine' : 'caution'}
      >
        <p>
          <strong>{t(`ticket.outlook.${preview.outlook}`)}</strong>
        </p>
        {preview.refusals.length > 0 && (
          <ul>
            {preview.refusals.map((refusal) => (
              <li key={refusal.reason}>{i18n.language === 'en' ? refusal.en : refusal.ko}</li>
            ))}
          </ul>
        )}
      </div>
      <dl className="facts">
        <dt>{t('ticket.facts.value')}</dt>
        <dd>
          <strong>{t('inWon', { figure: figure(preview.value) })}</strong>
        </dd>
        <dt>{t('ticket.facts.commission')}</dt>
        <dd>{t('inWon', { figure: figure(preview.commission) })}</dd>
        <dt>{t('ticket.facts.tax')}</dt>
        <dd>{t('inWon', { figure: figure(preview.tax) })}</dd>
        <dt>{t('ticket.facts.cash')}</dt>
        <dd>{arrow(figure(preview.cash_before), figure(preview.cash_after))}</dd>
        <dt>{t('ticket.facts.qty')}</dt>
        <dd>{arrow(figure(preview.qty_before), figure(preview.qty_after))}</dd>
        <dt>{t('ticket.facts.weight')}</dt>
        <dd>{arrow(weight(preview.weight_before), weight(preview.weight_after))}</dd>
      </dl>
      {preview.checks.length > 0 && (
        <details className="checks">
          <summary>{t('ticket.checks', { passed, all: preview.checks.length })}</summary>
          <ul>
            {preview.checks.map((check) => (
              <li key={check.check}>
                {check.passed ? '✓' : '✕'} {i18n.language === 'en' ? check.en : check.ko}
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

function weight(ppm: number | null): string {
  return ppm === null ? '–' : `${(ppm / PPM_OF_PERCENT).toFixed(1)}%`;
}
