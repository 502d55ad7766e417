import { screen, waitFor } from '@testing-library/react';
import { describe, expect, it } from 'vitest';

import type { Standing } from '@/api/types';

import { answer } from '../../test/answers';
import { renderLive } from '../../test/render';
import { AccountBand } from './ModeBand';

const standing: Standing = {
  mode: 'REAL',
  accounts: ['5012345610'],
  is_running: true,
  kill: 'OFF',
  kill_reason: '',
  trading_state: 'ACTIVE',
  trading_reason: '',
  ceiling: 'ACTIVE',
  is_emulated: true,
};
const real = { path: 'real', account: { mode: 'REAL' } } as const;

describe('the band of an account', () => {
  it('says that no real money moves where an emulator plays the broker', async () => {
    answer('get', '/api/kill', [standing]);
    renderLive(<AccountBand path="real" />, real);
    expect(await screen.findByText(/에뮬레이터가 증권사를 흉내 냅니다/)).toBeVisible();
    expect(screen.queryByText(/실제 돈이 움직입니다/)).toBeNull();
    expect(screen.getByText('실전투자')).toBeVisible();
  });

  it('says that real money moves where nothing else is known', async () => {
    const asked = answer('get', '/api/kill', [
      { ...standing, is_running: false, is_emulated: false },
    ]);
    renderLive(<AccountBand path="real" />, real);
    expect(screen.getByText(/실제 돈이 움직입니다/)).toBeVisible();
    await waitFor(() => {
      expect(asked).toHaveLength(1);
    });
    expect(screen.getByText(/실제 돈이 움직입니다/)).toBeVisible();
  });
});
