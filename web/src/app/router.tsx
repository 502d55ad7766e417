import { createBrowserRouter, Navigate, Outlet } from 'react-router';

import { Broken } from './Broken';
import { firstPath, useMe } from './me';
import { Waiting } from './Waiting';

/** Lets only who is logged in go on. */
function Guarded() {
  const me = useMe();
  if (me.error) return <Broken error={me.error} />;
  if (me.data === undefined) return <Waiting />;
  return me.data === null ? <Navigate to="/login" replace /> : <Outlet />;
}

function Home() {
  const me = useMe();
  return me.data ? <Navigate to={`/${firstPath(me.data)}`} replace /> : null;
}

export const router = createBrowserRouter([
  {
    ErrorBoundary: Broken,
    HydrateFallback: Waiting,
    children: [
      {
        path: '/login',
        lazy: async () => ({ Component: (await import('@/features/auth/LoginPage')).LoginPage }),
      },
      {
        path: '/setup',
        lazy: async () => ({ Component: (await import('@/features/auth/SetupPage')).SetupPage }),
      },
      {
        Component: Guarded,
        children: [
          { index: true, Component: Home },
          {
            path: '/:mode',
            lazy: async () => ({ Component: (await import('./LivePage')).LivePage }),
          },
        ],
      },
    ],
  },
]);
