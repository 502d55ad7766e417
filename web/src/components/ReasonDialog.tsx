import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { Failure } from './Failure';
import { Field } from './Field';

interface Props {
  title: string;
  lead: string;
  action: string;
  error: unknown;
  isPending: boolean;
  onClose: () => void;
  onSubmit: (reason: string) => void;
}

/** Asks why, before something is done that somebody will ask about later. */
export function ReasonDialog(props: Props) {
  const { title, lead, action, error, isPending, onClose, onSubmit } = props;
  const { t } = useTranslation();
  const id = useId();
  const [reason, setReason] = useState('');
  return (
    <Dialog open onClose={onClose} aria-labelledby={id}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit(reason.trim());
        }}
      >
        <DialogTitle id={id}>{title}</DialogTitle>
        <DialogContent className="form">
          <p className="muted">{lead}</p>
          <Field label={t('reason')} value={reason} onChange={setReason} autoFocus />
          <Failure error={error} />
        </DialogContent>
        <DialogActions>
          <button type="button" className="plain" onClick={onClose}>
            {t('close')}
          </button>
          <button type="submit" className="solid" disabled={!reason.trim() || isPending}>
            {action}
          </button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
