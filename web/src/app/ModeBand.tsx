import { useTranslation } from 'react-i18next';

import { useStanding } from '@/features/emergency/useKill';

import type { ModePath } from './me';

interface Props {
  path: ModePath;
  /** Whether a double on this machine plays the broker; what is not known is taken for real. */
  isEmulated: boolean;
}

/** Which market this is, and whose money moves on it. */
export function ModeBand({ path, isEmulated }: Props) {
  const { t } = useTranslation();
  return (
    <p className="band">
      <strong>{t(`mode.${path}`)}</strong>
      <span>{t(`mode.band.${isEmulated ? 'emulated' : path}`)}</span>
    </p>
  );
}

/** The same of the account that is looked at. */
export function AccountBand({ path }: { path: ModePath }) {
  const standing = useStanding().data;
  return <ModeBand path={path} isEmulated={standing?.is_emulated ?? false} />;
}
