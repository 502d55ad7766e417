/** An order from the request to its end, in the three steps that the ticket shows. */

export type Step = 'waiting' | 'now' | 'done';
export interface Progress {
  readonly steps: readonly [requested: Step, acknowledged: Step, filled: Step];
  /** How it ended, or what is special about it now. */
  readonly outcome: 'WORKING' | 'FILLED' | 'CANCELED' | 'REJECTED' | 'EXPIRED' | 'UNKNOWN';
}

const WAITING: Progress['steps'] = ['now', 'waiting', 'waiting'];
const WORKING: Progress['steps'] = ['done', 'done', 'now'];
const DONE: Progress['steps'] = ['done', 'done', 'done'];
const REFUSED: Progress['steps'] = ['done', 'waiting', 'waiting'];

const OF_STATUS: Readonly<Record<string, Progress>> = {
  PENDING_NEW: { steps: ['done', 'now', 'waiting'], outcome: 'WORKING' },
  UNKNOWN: { steps: ['done', 'now', 'waiting'], outcome: 'UNKNOWN' },
  NEW: { steps: WORKING, outcome: 'WORKING' },
  PARTIALLY_FILLED: { steps: WORKING, outcome: 'WORKING' },
  PENDING_REPLACE: { steps: WORKING, outcome: 'WORKING' },
  PENDING_CANCEL: { steps: WORKING, outcome: 'WORKING' },
  FILLED: { steps: DONE, outcome: 'FILLED' },
  CANCELED: { steps: ['done', 'done', 'waiting'], outcome: 'CANCELED' },
  EXPIRED: { steps: ['done', 'done', 'waiting'], outcome: 'EXPIRED' },
  REJECTED: { steps: REFUSED, outcome: 'REJECTED' },
};

/** Where a request stands; `null` is one whose answer is not there yet. */
export function progressOf(status: string | null): Progress {
  const known = status === null ? undefined : OF_STATUS[status];
  return known ?? { steps: WAITING, outcome: 'WORKING' };
}

/** Whether an order can still fill. */
export function isOpen(status: string): boolean {
  return !['FILLED', 'CANCELED', 'EXPIRED', 'REJECTED'].includes(status);
}
