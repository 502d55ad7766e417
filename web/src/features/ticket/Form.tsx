import { useId } from 'react';
import { useTranslation } from 'react-i18next';

import { Choice } from '@/components/Choice';
import { NumberInput } from '@/components/NumberInput';
import { figure } from '@/lib/format';
import { stepPrice } from '@/lib/priceStep';

import type { Draft, DraftField } from './draft';
import { Quote } from './Quote';
import { SymbolSearch } from './SymbolSearch';
import type { Instrument } from './SymbolSearch';

interface Props {
  draft: Draft;
  instrument: Instrument | null;
  wrong: readonly DraftField[];
  onChange: (change: Partial<Draft>) => void;
  onChoose: (instrument: Instrument) => void;
}

const SIDES = ['BUY', 'SELL'] as const;
const TYPES = ['LIMIT', 'MARKET'] as const;
const STEP_WON = 100_000;

/** What an order is made of. */
export function Form({ draft, instrument, wrong, onChange, onChoose }: Props) {
  const { t } = useTranslation();
  const id = useId();
  const isLimit = draft.ordType === 'LIMIT';
  const isBuy = draft.side === 'BUY';
  const sizes = isBuy ? (['SHARES', 'CASH'] as const) : (['SHARES', 'CASH', 'EVERYTHING'] as const);
  return (
    <>
      <SymbolSearch chosen={instrument} onChoose={onChoose} />
      {instrument && (
        <Quote
          symbol={instrument.symbol}
          onPick={(price) => {
            onChange({ ordType: 'LIMIT', price: figure(price) });
          }}
        />
      )}
      <Choice
        className="sides"
        label={t('ticket.side')}
        options={SIDES}
        value={draft.side}
        onChange={(side) => {
          onChange({ side });
        }}
        textOf={(side) => t(`side.${side}`)}
      />
      <div className="line">
        <Choice
          label={t('ticket.type')}
          options={TYPES}
          value={draft.ordType}
          onChange={(ordType) => {
            onChange({ ordType });
          }}
          textOf={(type) => (type === 'LIMIT' ? t('ticket.limit') : t('ticket.market'))}
        />
        <NumberInput
          id={`${id}-price`}
          label={t('ticket.price')}
          value={isLimit ? draft.price : ''}
          placeholder={isLimit ? t('ticket.price') : t('ticket.market')}
          disabled={!isLimit}
          isWrong={wrong.includes('price')}
          unit={t('won')}
          onStep={stepPrice}
          onChange={(price) => {
            onChange({ price });
          }}
        />
      </div>
      <div className={`line ${isBuy ? '' : 'three'}`}>
        <Choice
          label={t('ticket.by')}
          options={sizes}
          value={draft.sizeKind}
          onChange={(sizeKind) => {
            onChange({ sizeKind, size: '' });
          }}
          textOf={(kind) => t(`ticket.${kind}`)}
        />
        <NumberInput
          id={`${id}-size`}
          label={t(`ticket.${draft.sizeKind}`)}
          value={draft.sizeKind === 'EVERYTHING' ? '' : draft.size}
          placeholder={t(`ticket.${draft.sizeKind}`)}
          disabled={draft.sizeKind === 'EVERYTHING'}
          isWrong={wrong.includes('size')}
          unit={draft.sizeKind === 'CASH' ? t('won') : t('shares')}
          onStep={(from, steps) =>
            Math.max(0, from + steps * (draft.sizeKind === 'CASH' ? STEP_WON : 1))
          }
          onChange={(size) => {
            onChange({ size });
          }}
        />
      </div>
      {isBuy && (
        <div className="pair">
          <Distance
            id={`${id}-stop`}
            label={t('ticket.stopLoss')}
            value={draft.stopLoss}
            isWrong={wrong.includes('stopLoss')}
            onChange={(stopLoss) => {
              onChange({ stopLoss });
            }}
          />
          <Distance
            id={`${id}-take`}
            label={t('ticket.takeProfit')}
            value={draft.takeProfit}
            isWrong={wrong.includes('takeProfit')}
            onChange={(takeProfit) => {
              onChange({ takeProfit });
            }}
          />
        </div>
      )}
    </>
  );
}

interface DistanceProps {
  id: string;
  label: string;
  value: string;
  isWrong: boolean;
  onChange: (value: string) => void;
}

function Distance({ id, label, value, isWrong, onChange }: DistanceProps) {
  const { t } = useTranslation();
  return (
    <div className="stacked">
      <label htmlFor={id}>
        {label} <span className="muted">{t('ticket.fromEntry')}</span>
      </label>
      <NumberInput
        id={id}
        value={value}
        placeholder={t('ticket.optional')}
        isWrong={isWrong}
        unit="%"
        onChange={onChange}
      />
    </div>
  );
}
