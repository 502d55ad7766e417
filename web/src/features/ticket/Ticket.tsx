import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { newKey } from '@/api/client';
import { Failure } from '@/components/Failure';
import type { Filling } from '@/lib/ui';

import { changed, EMPTY, isWish, wishOf } from './draft';
import type { Draft, DraftField } from './draft';
import { Form } from './Form';
import { PreviewFacts } from './PreviewFacts';
import { Sending } from './Sending';
import { SendButton } from './SendButton';
import type { Instrument } from './SymbolSearch';
import { usePreview } from './useOrdering';
import type { Sent } from './useOrdering';

interface Props {
  /** What it begins with, from a click elsewhere on the page. */
  filling: Filling | null;
}

/** From what is typed over what would follow to what became of it. */
export function Ticket({ filling }: Props) {
  const { t } = useTranslation();
  const [draft, setDraft] = useState<Draft>(() =>
    filling ? changed(EMPTY, { symbol: filling.symbol, side: filling.side }) : EMPTY,
  );
  const [instrument, setInstrument] = useState<Instrument | null>(filling);
  const [wrong, setWrong] = useState<readonly DraftField[]>([]);
  const [sent, setSent] = useState<Sent | null>(null);
  const preview = useMutation(usePreview());

  const change = (next: Partial<Draft>): void => {
    setDraft((before) => changed(before, next));
    setWrong([]);
    preview.reset(); // what was foretold was of another order
  };
  const foretell = (): void => {
    const made = wishOf(draft);
    if (isWish(made)) preview.mutate(made);
    else setWrong(made.wrong);
  };
  if (sent)
    return (
      <Sending
        sent={sent}
        onAnother={() => {
          setSent(null);
          preview.reset();
          setDraft((before) => ({ ...before, size: '' }));
        }}
      />
    );
  const shown = preview.data;
  return (
    <form
      className="ticket"
      onSubmit={(event) => {
        event.preventDefault();
        foretell();
      }}
    >
      <Form
        draft={draft}
        instrument={instrument}
        wrong={wrong}
        onChange={change}
        onChoose={(found) => {
          setInstrument(found);
          change({ symbol: found.symbol, price: '' });
        }}
      />
      {wrong.length > 0 && (
        <ul className="notice" data-kind="caution" role="alert">
          {wrong.map((field) => (
            <li key={field}>{t(`ticket.wrong.${field}`)}</li>
          ))}
        </ul>
      )}
      <Failure error={preview.error} />
      {shown && <PreviewFacts preview={shown} />}
      {shown && shown.outlook !== 'REFUSED' ? (
        <SendButton
          wish={preview.variables}
          preview={shown}
          name={instrument?.name ?? draft.symbol}
          onSend={(wish, terms) => {
            setSent({ wish, terms, token: shown.token, key: newKey() });
          }}
        />
      ) : (
        <button type="submit" className="solid tall" disabled={preview.isPending}>
          {preview.isPending ? t('ticket.previewing') : t('ticket.preview')}
        </button>
      )}
    </form>
  );
}
