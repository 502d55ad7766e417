import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import { useTranslation } from 'react-i18next';

import { Failure } from '@/components/Failure';

interface Props {
  error: unknown;
  onClose: () => void;
}

/** The stop did not get through: what else stops it. */
export function KillFailure({ error, onClose }: Props) {
  const { t } = useTranslation();
  return (
    <Dialog open onClose={onClose} role="alertdialog" aria-label={t('kill.title')}>
      <DialogContent className="form">
        <p>
          <strong>{t('kill.failed')}</strong>
        </p>
        <Failure error={error} />
      </DialogContent>
      <DialogActions>
        <button type="button" className="solid" onClick={onClose}>
          {t('close')}
        </button>
      </DialogActions>
    </Dialog>
  );
}
