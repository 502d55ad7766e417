/** Hangul by its initial consonants (초성): `삼성전자` is `ㅅㅅㅈㅈ`. */

const INITIALS = 'ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ';
const FIRST = 0xac00;
const LAST = 0xd7a3;
const SYLLABLES_OF_AN_INITIAL = 588;

/** The initial consonants of a text; what is no syllable stays. */
export function initialsOf(text: string): string {
  return Array.from(text, initialOf).join('');
}

/** Where a typed text is found in a name, by its syllables or its initials; null if nowhere. */
export function foundIn(name: string, typed: string): [from: number, to: number] | null {
  if (!typed) return null;
  const plain = name.toLowerCase().indexOf(typed.toLowerCase());
  const at = plain >= 0 ? plain : initialsOf(name).indexOf(typed);
  return at < 0 ? null : [at, at + typed.length];
}

function initialOf(letter: string): string {
  const code = letter.charCodeAt(0);
  if (code < FIRST || code > LAST) return letter;
  return INITIALS.charAt(Math.floor((code - FIRST) / SYLLABLES_OF_AN_INITIAL));
}
