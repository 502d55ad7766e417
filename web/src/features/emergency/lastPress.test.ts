import { describe, expect, it } from 'vitest';

import { lastPress } from './lastPress';

describe('lastPress', () => {
  it('says who pressed last, and why', () => {
    expect(lastPress('STOP_NEW owner: lunch\n\nCANCEL_ALL kim: 시세 이상\n')).toBe(
      'kim: 시세 이상',
    );
  });

  it('tells what was written by hand as it stands', () => {
    expect(lastPress('touched in a hurry')).toBe('touched in a hurry');
    expect(lastPress('')).toBe('');
  });
});
