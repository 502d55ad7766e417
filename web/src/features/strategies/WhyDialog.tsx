import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';

import { Failure } from '@/components/Failure';

import { useWhy } from './useStrategies';

/** Why a strategy did not trade, the plainest reason first. */
export function WhyDialog({ sleeveId, onClose }: { sleeveId: string; onClose: () => void }) {
  const { t, i18n } = useTranslation();
  const id = useId();
  const why = useWhy(sleeveId);
  return (
    <Dialog open onClose={onClose} maxWidth="sm" aria-labelledby={id}>
      <DialogTitle id={id}>{t('strategies.whyThis', { name: sleeveId })}</DialogTitle>
      <DialogContent>
        <Failure error={why.error} />
        {why.isPending && <p className="muted">{t('loading')}</p>}
        <ol className="reasons">
          {why.data?.reasons.map((reason) => (
            <li key={reason.en}>{i18n.language === 'en' ? reason.en : reason.ko}</li>
          ))}
        </ol>
      </DialogContent>
      <DialogActions>
        <button type="button" className="solid" onClick={onClose}>
          {t('close')}
        </button>
      </DialogActions>
    </Dialog>
  );
}
