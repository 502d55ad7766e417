import { QueryClientProvider } from '@tanstack/react-query';
import { render } from '@testing-library/react';
import type { ReactNode } from 'react';

import type { Account } from '@/api/types';
import type { ModePath } from '@/app/me';
import { PlaceContext } from '@/app/place';
import { makeQueryClient } from '@/app/queryClient';
import { LiveContext } from '@/realtime/live';
import type { LinkState } from '@/realtime/socket';
import { TickStore } from '@/realtime/tickStore';

interface Surroundings {
  path?: ModePath;
  account?: Partial<Account>;
  link?: LinkState;
}

const ACCOUNT: Account = {
  account_id: '5012345610',
  mode: 'SIM',
  may_trade: true,
  is_armed: false,
  armed_by: null,
  armed_until: null,
};

/** Render something as a part of the live page; returns the ticks that it sees. */
export function renderLive(shown: ReactNode, surroundings: Surroundings = {}): TickStore {
  const { path = 'sim', account = {}, link = 'open' } = surroundings;
  const ticks = new TickStore((flush) => {
    flush();
  });
  const place = { path, account: { ...ACCOUNT, ...account } };
  const live = { ticks, link, failures: 0 };
  render(
    <QueryClientProvider client={makeQueryClient()}>
      <PlaceContext.Provider value={place}>
        <LiveContext.Provider value={live}>{shown}</LiveContext.Provider>
      </PlaceContext.Provider>
    </QueryClientProvider>,
  );
  return ticks;
}
