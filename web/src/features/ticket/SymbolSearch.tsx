import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useEffect, useId, useRef, useState } from 'react';
import type { KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';

import { api, told } from '@/api/client';
import { SearchIcon } from '@/components/icons';
import { foundIn } from '@/lib/initials';

export interface Instrument {
  readonly symbol: string;
  readonly name: string;
}

interface Props {
  chosen: Instrument | null;
  onChoose: (instrument: Instrument) => void;
}

/** Finds an instrument by its name, the initials of its name, or its code; `/` jumps here. */
export function SymbolSearch({ chosen, onChoose }: Props) {
  const { t } = useTranslation();
  const list = useId();
  const input = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState<string | null>(null);
  const [at, setAt] = useState(0);
  const asked = useDeferredValue(typed?.trim() ?? '');
  const found = useQuery({
    queryKey: ['search', asked],
    queryFn: ({ signal }) =>
      told(
        api.GET('/api/market/search', {
          params: { query: { q: asked } },
          signal,
        }),
      ),
    enabled: asked.length > 0,
    placeholderData: (before) => before,
    staleTime: 60_000,
  });
  useFocusKey(input);
  const rows = asked ? (found.data ?? []) : [];
  const isOpen = typed !== null && asked.length > 0 && found.isFetched;
  const choose = (instrument: Instrument): void => {
    onChoose({ symbol: instrument.symbol, name: instrument.name });
    setTyped(null);
    setAt(0);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing || !isOpen) return; // a syllable is not finished yet
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      const step = event.key === 'ArrowDown' ? 1 : -1;
      setAt((at + step + rows.length) % Math.max(1, rows.length));
    } else if (event.key === 'Enter') {
      event.preventDefault();
      const row = rows[at];
      if (row) choose(row);
    } else if (event.key === 'Escape') {
      event.stopPropagation();
      setTyped(null);
    }
  };
  const shown = chosen ? `${chosen.name} ${chosen.symbol}` : '';
  return (
    <div className="search">
      <div className="input">
        <SearchIcon />
        <input
          ref={input}
          className="text"
          role="combobox"
          aria-label={t('ticket.search')}
          aria-expanded={isOpen}
          aria-controls={list}
          aria-autocomplete="list"
          aria-activedescendant={isOpen && rows[at] ? `${list}-${at}` : undefined}
          placeholder={t('ticket.searchHint')}
          autoComplete="off"
          spellCheck={false}
          value={typed ?? shown}
          onFocus={(event) => {
            event.target.select();
          }}
          onChange={(event) => {
            setTyped(event.target.value);
            setAt(0);
          }}
          onBlur={() => {
            setTyped(null);
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      {isOpen && (
        <div className="found" id={list} role="listbox" aria-label={t('ticket.search')}>
          {rows.length === 0 && (
            <div role="option" aria-selected="false" aria-disabled="true" className="muted">
              {t('ticket.nothingFound')}
            </div>
          )}
          {rows.map((row, index) => (
            <div
              key={row.symbol}
              id={`${list}-${index}`}
              role="option"
              aria-selected={index === at}
              onPointerDown={(event) => {
                event.preventDefault(); // the field keeps the focus until the choice is made
                choose(row);
              }}
            >
              <Marked name={row.name} typed={asked} />
              <span className="muted">{row.symbol}</span>
            </div>
          ))}
        </div>
      )}
    </div>
  );
}

function Marked({ name, typed }: { name: string; typed: string }) {
  const place = foundIn(name, typed);
  if (!place) return <span>{name}</span>;
  return (
    <span>
      {name.slice(0, place[0])}
      <mark>{name.slice(...place)}</mark>
      {name.slice(place[1])}
    </span>
  );
}

/** `/` and Ctrl+K put the cursor into the search, unless somebody is typing. */
function useFocusKey(input: React.RefObject<HTMLInputElement | null>): void {
  useEffect(() => {
    const jump = (event: globalThis.KeyboardEvent): void => {
      const isTyping = event.target instanceof Element && event.target.matches('input, textarea');
      const isSlash = event.key === '/' && !isTyping;
      const isK = event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey);
      if (event.repeat || event.isComposing || !(isSlash || isK)) return;
      event.preventDefault();
      input.current?.focus();
    };
    window.addEventListener('keydown', jump);
    return () => {
      window.removeEventListener('keydown', jump);
    };
  }, [input]);
}
