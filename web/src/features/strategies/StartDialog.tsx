import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { Failure } from '@/components/Failure';
import { NumberInput } from '@/components/NumberInput';
import { RadioCard } from '@/components/RadioCard';
import { wholeFromText } from '@/lib/format';

import { valuesFromTexts } from './parameters';
import { useCatalogue, useStart } from './useStrategies';

const STEP_WON = 1_000_000;

/** Chooses a strategy, its parameters and its cash, and lets it run. */
export function StartDialog({ onClose }: { onClose: () => void }) {
  const { t, i18n } = useTranslation();
  const id = useId();
  const catalogue = useCatalogue(true);
  const [spec, setSpec] = useState<string | null>(null);
  const [texts, setTexts] = useState<Record<string, string>>({});
  const [cash, setCash] = useState('10,000,000');
  const start = useStart();
  const offered = catalogue.data ?? [];
  const chosen = offered.find((each) => each.spec === spec) ?? offered[0];
  const parameters = chosen?.parameters ?? [];
  const { values, wrong } = valuesFromTexts(parameters, texts);
  const won = wholeFromText(cash);
  const isReady = chosen !== undefined && wrong.length === 0 && won !== null;
  return (
    <Dialog open onClose={onClose} aria-labelledby={id}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady)
            start.mutate({ spec: chosen.spec, values, cash: won }, { onSuccess: onClose });
        }}
      >
        <DialogTitle id={id}>{t('strategies.start')}</DialogTitle>
        <DialogContent className="form">
          <Failure error={catalogue.error} />
          <div className="levels" role="radiogroup" aria-label={t('strategies.pick')}>
            {offered.map((each) => (
              <RadioCard
                key={each.spec}
                group="strategy"
                title={each.spec}
                note={i18n.language === 'en' ? each.about.en : each.about.ko}
                isChosen={each === chosen}
                onChoose={() => {
                  setSpec(each.spec);
                  setTexts({});
                }}
              />
            ))}
          </div>
          {parameters.map((parameter) => (
            <div className="field" key={parameter.name}>
              <label htmlFor={`${id}-${parameter.name}`}>{parameter.name}</label>
              <NumberInput
                id={`${id}-${parameter.name}`}
                value={texts[parameter.name] ?? String(parameter.default)}
                unit={t('strategies.range', { low: parameter.low, high: parameter.high })}
                isWrong={wrong.includes(parameter.name)}
                onChange={(text) => {
                  setTexts({ ...texts, [parameter.name]: text });
                }}
              />
            </div>
          ))}
          <div className="field">
            <label htmlFor={`${id}-cash`}>{t('strategies.cash')}</label>
            <NumberInput
              id={`${id}-cash`}
              value={cash}
              unit={t('won')}
              isWrong={won === null}
              onStep={(from, steps) => Math.max(0, from + steps * STEP_WON)}
              onChange={setCash}
            />
            <p className="note">{t('strategies.cashNote')}</p>
          </div>
          <Failure error={start.error} />
        </DialogContent>
        <DialogActions>
          <button type="button" className="plain" onClick={onClose}>
            {t('close')}
          </button>
          <button type="submit" className="solid" disabled={!isReady || start.isPending}>
            {t('strategies.start')}
          </button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
