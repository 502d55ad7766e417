/** What the screen itself remembers; nothing of the market, the account or an order is here. */

import { create } from 'zustand';

export type Tab = 'positions' | 'orders' | 'ticket' | 'strategies' | 'alerts';

export interface Filling {
  readonly symbol: string;
  readonly name: string;
  readonly side: 'BUY' | 'SELL';
}

interface Ui {
  /** Which panel a narrow screen shows. */
  readonly tab: Tab;
  /** What a click elsewhere puts into the ticket; counted, so that the same click counts twice. */
  readonly filling: (Filling & { readonly count: number }) | null;
  readonly show: (tab: Tab) => void;
  readonly fill: (filling: Filling) => void;
}

export const useUi = create<Ui>((set) => ({
  tab: 'positions',
  filling: null,
  show: (tab) => {
    set({ tab });
  },
  fill: (filling) => {
    set((before) => ({
      tab: 'ticket',
      filling: { ...filling, count: (before.filling?.count ?? 0) + 1 },
    }));
  },
}));
