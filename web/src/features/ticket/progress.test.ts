import { describe, expect, it } from 'vitest';

import { isOpen, progressOf } from './progress';

describe('progressOf', () => {
  it('shows nothing as done before an answer is there', () => {
    expect(progressOf(null).steps).toEqual(['now', 'waiting', 'waiting']);
  });

  it('goes from requested over acknowledged to filled', () => {
    expect(progressOf('PENDING_NEW').steps).toEqual(['done', 'now', 'waiting']);
    expect(progressOf('NEW').steps).toEqual(['done', 'done', 'now']);
    expect(progressOf('PARTIALLY_FILLED').steps).toEqual(['done', 'done', 'now']);
    expect(progressOf('FILLED').steps).toEqual(['done', 'done', 'done']);
  });

  it('never shows a fill for an order that ended without one', () => {
    for (const status of ['CANCELED', 'EXPIRED', 'REJECTED'])
      expect(progressOf(status).steps[2]).toBe('waiting');
  });

  it('says that nobody knows', () => {
    expect(progressOf('UNKNOWN').outcome).toBe('UNKNOWN');
  });
});

describe('isOpen', () => {
  it('is so until an order can no longer fill', () => {
    expect(isOpen('PENDING_CANCEL')).toBe(true);
    expect(isOpen('UNKNOWN')).toBe(true);
    expect(isOpen('FILLED')).toBe(false);
  });
});
