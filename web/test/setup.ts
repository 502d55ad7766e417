import '@testing-library/jest-dom/vitest';
import { cleanup } from '@testing-library/react';
import { afterAll, afterEach, beforeAll } from 'vitest';

import { startLanguage } from '@/i18n/i18n';

import { server } from './answers';

beforeAll(async () => {
  server.listen({ onUnhandledRequest: 'error' });
  await startLanguage();
});
afterEach(() => {
  cleanup();
  server.resetHandlers();
});
afterAll(() => {
  server.close();
});
