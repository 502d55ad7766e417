import { describe, expect, it } from 'vitest';

import { foundIn, initialsOf } from './initials';

describe('initialsOf', () => {
  it('takes the first consonant of each syllable and leaves the rest', () => {
    expect(initialsOf('삼성전자')).toBe('ㅅㅅㅈㅈ');
    expect(initialsOf('SK하이닉스')).toBe('SKㅎㅇㄴㅅ');
    expect(initialsOf('까치')).toBe('ㄲㅊ');
  });
});

describe('foundIn', () => {
  it('finds a name by its syllables, whatever the case of Latin letters', () => {
    expect(foundIn('SK하이닉스', 'sk하')).toEqual([0, 3]);
  });

  it('finds a name by its initials', () => {
    expect(foundIn('삼성전자', 'ㅈㅈ')).toEqual([2, 4]);
  });

  it('finds nothing where there is nothing', () => {
    expect(foundIn('삼성전자', 'ㅋ')).toBeNull();
    expect(foundIn('삼성전자', '')).toBeNull();
  });
});
