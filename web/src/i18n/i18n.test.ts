import { describe, expect, it } from 'vitest';

import en from './en.json';
import ko from './ko.json';

interface Texts {
  [key: string]: string | Texts;
}

function flat(texts: Texts, before = ''): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(texts)) {
    if (typeof value === 'string') found.set(before + key, value);
    else for (const [inner, text] of flat(value, `${before}${key}.`)) found.set(inner, text);
  }
  return found;
}
const placeholders = (text: string): string[] =>
  [...text.matchAll(/\{\{(\w+)\}\}/g)].map(String).toSorted();

const korean = flat(ko);
const english = flat(en);

describe('the two languages', () => {
  it('have the same texts', () => {
    expect([...english.keys()].toSorted()).toEqual([...korean.keys()].toSorted());
  });

  it('have the same places for figures in each text', () => {
    for (const [key, text] of korean)
      expect([key, placeholders(english.get(key) ?? '')]).toEqual([key, placeholders(text)]);
  });

  it('have no empty text', () => {
    expect([...korean, ...english].filter(([, text]) => !text.trim())).toEqual([]);
  });

  it('have no Korean in the English page except the name of the language and examples of Korean', () => {
    const left = [...english].filter(([, text]) => /[가-힣]/.test(text)).map(([key]) => key);
    expect(left).toEqual(['language.ko']);
  });
});
