import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { Door } from './Door';

/** The only time that recovery codes are seen. */
export function RecoveryCodes({ codes, onKept }: { codes: readonly string[]; onKept: () => void }) {
  const { t } = useTranslation();
  const [isCopied, setCopied] = useState(false);
  const copy = (): void => {
    void navigator.clipboard.writeText(codes.join('\n')).then(() => {
      setCopied(true);
    });
  };
  return (
    <Door title={t('door.saved')} lead={t('door.savedLead')} onSubmit={onKept}>
      <ul className="codes">
        {codes.map((code) => (
          <li key={code} className="code">
            {code}
          </li>
        ))}
      </ul>
      <button type="button" className="plain" onClick={copy}>
        {isCopied ? t('door.copied') : t('door.copy')}
      </button>
      <button type="submit" className="solid">
        {t('door.keep')}
      </button>
    </Door>
  );
}
