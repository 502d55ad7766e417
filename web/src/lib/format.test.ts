import { describe, expect, it } from 'vitest';

import {
  dayOf,
  direction,
  figure,
  percentOfPpm,
  ppmFromText,
  ppmOf,
  shortFigure,
  signedFigure,
  timeOfDay,
  wholeFromText,
} from './format';

describe('figures', () => {
  it('are written with separators and without decimals', () => {
    expect(figure(71_300)).toBe('71,300');
    expect(signedFigure(1_200)).toBe('+1,200');
    expect(signedFigure(-1_200)).toBe('-1,200');
    expect(signedFigure(0)).toBe('0');
  });

  it('are a dash where there is none', () => {
    expect(figure(null)).toBe('–');
    expect(percentOfPpm(undefined)).toBe('–');
  });

  it('are percentages with a sign', () => {
    expect(percentOfPpm(12_500)).toBe('+1.25%');
    expect(percentOfPpm(-5_000)).toBe('-0.50%');
  });

  it('are short in the way of the language', () => {
    expect(shortFigure(120_000_000, 'ko')).toBe('1.2억');
    expect(shortFigure(120_000_000, 'en')).toBe('120M');
    expect(shortFigure(49_914_788, 'ko')).toBe('4,991.5만');
  });
});

describe('ppmOf', () => {
  it('compares with what was there', () => {
    expect(ppmOf(500, 100_000)).toBe(5_000);
    expect(ppmOf(500, 0)).toBeNull();
  });
});

describe('times', () => {
  it('are those of Seoul wherever the browser is', () => {
    expect(timeOfDay('2026-11-02T00:00:05Z')).toBe('09:00:05');
    expect(dayOf('2026-11-01T16:00:00Z')).toBe('2026-11-02');
  });
});

describe('what is typed', () => {
  it('is a whole number with or without separators', () => {
    expect(wholeFromText('71,300')).toBe(71_300);
    expect(wholeFromText(' 10 ')).toBe(10);
    expect(wholeFromText('1.5')).toBeNull();
    expect(wholeFromText('-3')).toBeNull();
    expect(wholeFromText('')).toBeNull();
  });

  it('is a percentage in whole parts per million', () => {
    expect(ppmFromText('3')).toBe(30_000);
    expect(ppmFromText('2.5%')).toBe(25_000);
    expect(ppmFromText('0.0001')).toBe(1);
    expect(ppmFromText('abc')).toBeNull();
  });
});

describe('direction', () => {
  it('is up, down or neither', () => {
    expect([direction(1), direction(-1), direction(0), direction(null)]).toEqual([
      'up',
      'down',
      'same',
      'same',
    ]);
  });
});
