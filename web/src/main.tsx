import { CacheProvider } from '@emotion/react';
import { ThemeProvider } from '@mui/material/styles';
import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { RouterProvider } from 'react-router';

import { makeQueryClient } from './app/queryClient';
import { router } from './app/router';
import { nonceCache, theme } from './app/theme';
import { startLanguage } from './i18n/i18n';
import './styles/tokens.css';
import './styles/page.css';

const root = document.getElementById('root');
if (!root) throw new Error('the document has no root');

await startLanguage();
createRoot(root).render(
  <StrictMode>
    <CacheProvider value={nonceCache()}>
      <ThemeProvider theme={theme} defaultMode="dark">
        <QueryClientProvider client={makeQueryClient()}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </ThemeProvider>
    </CacheProvider>
  </StrictMode>,
);
