/** The only place that writes numbers and times for people. */

const KST = 'Asia/Seoul';

const whole = new Intl.NumberFormat('ko-KR', { maximumFractionDigits: 0 });
const signed = new Intl.NumberFormat('ko-KR', {
  maximumFractionDigits: 0,
  signDisplay: 'exceptZero',
});
const percent = new Intl.NumberFormat('ko-KR', {
  style: 'percent',
  minimumFractionDigits: 2,
  maximumFractionDigits: 2,
  signDisplay: 'exceptZero',
});
const compact = {
  ko: new Intl.NumberFormat('ko-KR', {
    notation: 'compact',
    maximumFractionDigits: 1,
    useGrouping: true, // 4,991.5만: the usual grouping begins with five digits only
  }),
  en: new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 }),
};
const clock = new Intl.DateTimeFormat('ko-KR', {
  timeZone: KST,
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});
const day = new Intl.DateTimeFormat('sv-SE', { timeZone: KST });

const PPM = 1_000_000;
const NOTHING = '–';

/** Won or shares with separators: `71,300`. */
export function figure(value: number | null | undefined): string {
  return value === null || value === undefined ? NOTHING : whole.format(value);
}

/** The same with its sign: `+71,300`. */
export function signedFigure(value: number | null | undefined): string {
  return value === null || value === undefined ? NOTHING : signed.format(value);
}

/** Parts per million as a signed percentage: `+1.25%`. */
export function percentOfPpm(ppm: number | null | undefined): string {
  return ppm === null || ppm === undefined ? NOTHING : percent.format(ppm / PPM);
}

/** What part of `whole` a change is [ppm]; null where there is nothing to compare with. */
export function ppmOf(change: number, of: number): number | null {
  return of > 0 ? Math.round((change / of) * PPM) : null;
}

/** A large figure in short: `1.2억`. */
export function shortFigure(value: number, language: string): string {
  return compact[language === 'en' ? 'en' : 'ko'].format(value);
}

/** Time of day in Seoul: `09:00:05`. */
export function timeOfDay(at: Date | number | string): string {
  return clock.format(new Date(at));
}

/** Day in Seoul: `2026-11-02`. */
export function dayOf(at: Date | number | string): string {
  return day.format(new Date(at));
}

/** Rise, fall or neither; the class name of its colour. */
export function direction(value: number | null | undefined): 'up' | 'down' | 'same' {
  if (!value) return 'same';
  return value > 0 ? 'up' : 'down';
}

/** What a person typed as whole digits: `71,300` is 71300; null if it is no such number. */
export function wholeFromText(text: string): number | null {
  const digits = text.replaceAll(/[\s,]/g, '');
  return /^\d{1,15}$/.test(digits) ? Number(digits) : null;
}

/** A typed percentage as parts per million: `3` or `2.5` is 30000 or 25000; null if it is none. */
export function ppmFromText(text: string): number | null {
  const typed = text.trim().replace(/%$/, '');
  if (!/^\d{1,3}(\.\d{1,4})?$/.test(typed)) return null;
  return Math.round(Number(typed) * (PPM / 100));
}
