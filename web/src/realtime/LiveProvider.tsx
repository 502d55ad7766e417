import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import type { ReactNode } from 'react';

import { api, told } from '@/api/client';
import { usePlace } from '@/app/place';

import { Channels } from './channels';
import type { StreamMessage } from './channels';
import { LiveContext } from './live';
import { ReturningSocket } from './socket';
import type { LinkState } from './socket';
import { TickStore } from './tickStore';

/** Keeps an account live as long as it is on the page. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const { path, account } = usePlace();
  const client = useQueryClient();
  const [ticks] = useState(() => new TickStore());
  const [line, setLine] = useState<{ link: LinkState; failures: number }>({
    link: 'connecting',
    failures: 0,
  });
  const accountId = account.account_id;
  useEffect(() => {
    const channels = new Channels(
      accountId,
      (...rest) => [path, accountId, ...rest],
      client,
      ticks,
    );
    let hasBeenOpen = false;
    const socket = new ReturningSocket({
      dial,
      onOpen: () => {
        socket.send(channels.hello());
        if (hasBeenOpen) void client.invalidateQueries({ queryKey: [path, accountId] });
        hasBeenOpen = true;
      },
      onMessage: (text) => {
        channels.take(JSON.parse(text) as StreamMessage);
      },
      onState: (link, failures) => {
        setLine({ link, failures });
      },
    });
    ticks.onWanted(() => {
      socket.send(channels.quotes());
    });
    const tellVisibility = (): void => {
      socket.send({ op: 'VISIBILITY', is_visible: !document.hidden });
    };
    document.addEventListener('visibilitychange', tellVisibility);
    socket.start();
    return () => {
      document.removeEventListener('visibilitychange', tellVisibility);
      ticks.onWanted(null);
      socket.stop();
      channels.close();
    };
  }, [path, accountId, client, ticks]);
  const live = useMemo(() => ({ ticks, ...line }), [ticks, line]);
  return <LiveContext.Provider value={live}>{children}</LiveContext.Provider>;
}

async function dial(): Promise<WebSocket> {
  const { ticket } = await told(api.POST('/api/auth/ticket'));
  const url = new URL('/api/stream', globalThis.location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  url.searchParams.set('ticket', ticket);
  return new WebSocket(url);
}
