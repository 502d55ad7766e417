import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';

import { ApiError } from '@/api/problem';
import type { Order } from '@/api/types';
import { Failure } from '@/components/Failure';
import { figure } from '@/lib/format';

import { isOpen, progressOf } from './progress';
import type { Progress } from './progress';
import { useOrder, useSend } from './useOrdering';
import type { Sent } from './useOrdering';

interface Props {
  sent: Sent;
  onAnother: () => void;
}

/** What becomes of an order; nothing is shown as done before the server says so. */
export function Sending({ sent, onAnother }: Props) {
  const { t, i18n } = useTranslation();
  const send = useSend();
  const hasBegun = useRef(false);
  const { mutate } = send;
  useEffect(() => {
    if (hasBegun.current) return; // an effect may run twice; an order may not
    hasBegun.current = true;
    mutate(sent);
  }, [mutate, sent]);
  const number = send.data?.cl_ord_ids[0] ?? null;
  const order = useOrder(number).data?.order;
  const isDoubtful = send.error instanceof ApiError && send.error.isDoubtful;
  const refusals = send.data?.refusals ?? [];
  const isOver = send.data && (number === null || (order && !isOpen(order.status)));
  return (
    <div className="ticket" data-testid="sending">
      <strong>{sent.terms}</strong>
      {number !== null || send.isPending ? (
        <Steps progress={progressOf(order?.status ?? (number === null ? null : 'PENDING_NEW'))} />
      ) : null}
      {order && <Outcome order={order} />}
      {refusals.length > 0 && (
        <div className="notice" data-kind="caution" role="alert">
          <p>
            <strong>{t('ticket.refused')}</strong>
          </p>
          <ul>
            {refusals.map((refusal) => (
              <li key={refusal.en}>{i18n.language === 'en' ? refusal.en : refusal.ko}</li>
            ))}
          </ul>
        </div>
      )}
      {send.data?.outcome === 'PARKED' && (
        <p className="notice" role="status">
          {t('ticket.parked')}
        </p>
      )}
      {isDoubtful && (
        <p className="notice" data-kind="caution" role="alert">
          {t('ticket.doubt')}
        </p>
      )}
      <Failure error={send.error} />
      {isDoubtful && (
        <button
          type="button"
          className="solid tall"
          onClick={() => {
            mutate(sent);
          }}
        >
          {t('ticket.ask')}
        </button>
      )}
      <button
        type="button"
        className={isOver ? 'solid tall' : 'plain tall'}
        disabled={send.isPending}
        onClick={onAnother}
      >
        {t('ticket.another')}
      </button>
    </div>
  );
}

const NAMES = ['requested', 'acknowledged', 'filled'] as const;

function Steps({ progress }: { progress: Progress }) {
  const { t } = useTranslation();
  return (
    <ol className="progress" aria-label={t('ticket.steps.label')}>
      {NAMES.map((name, index) => (
        <li
          key={name}
          data-step={progress.steps[index]}
          aria-current={progress.steps[index] === 'now' ? 'step' : undefined}
        >
          {name === 'requested' && progress.steps[0] === 'now'
            ? t('ticket.steps.requesting')
            : t(`ticket.steps.${name}`)}
        </li>
      ))}
    </ol>
  );
}

function Outcome({ order }: { order: Order }) {
  const { t } = useTranslation();
  const { outcome } = progressOf(order.status);
  const isFine = outcome === 'FILLED';
  return (
    <p
      className="notice"
      data-kind={isFine ? 'fine' : outcome === 'WORKING' ? undefined : 'caution'}
      role="status"
    >
      {t(`ticket.done.${outcome}`, {
        qty: figure(order.order_qty),
        filled: figure(order.cum_qty),
        price: figure(order.cum_qty > 0 ? Math.round(order.notional / order.cum_qty) : null),
      })}
    </p>
  );
}
