/** Typed values of parameters against their ranges. */

import type { Parameter } from '@/api/types';

/** The value that was typed; null if it is none, or outside of the range. */
export function valueFromText(parameter: Parameter, text: string): number | null {
  const pattern = parameter.is_whole ? /^-?\d{1,12}$/ : /^-?\d{1,12}(\.\d{1,12})?$/;
  if (!pattern.test(text.trim())) return null;
  const value = Number(text);
  return value >= parameter.low && value <= parameter.high ? value : null;
}

/** All values, or the names of those that are wrong. */
export function valuesFromTexts(
  parameters: readonly Parameter[],
  texts: Readonly<Record<string, string>>,
): { values: Record<string, number>; wrong: string[] } {
  const values: Record<string, number> = {};
  const wrong: string[] = [];
  for (const parameter of parameters) {
    const value = valueFromText(parameter, texts[parameter.name] ?? String(parameter.default));
    if (value === null) wrong.push(parameter.name);
    else values[parameter.name] = value;
  }
  return { values, wrong };
}
