import { useRef } from 'react';
import type { KeyboardEvent } from 'react';

interface Props<T extends string> {
  label: string;
  options: readonly T[];
  value: T;
  onChange: (value: T) => void;
  textOf: (value: T) => string;
  className?: string;
}

/** One of a few, side by side; arrow keys go from one to the next. */
export function Choice<T extends string>(props: Props<T>) {
  const { label, options, value, onChange, textOf, className = 'choice' } = props;
  const group = useRef<HTMLDivElement>(null);
  const move = (event: KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const at = (options.indexOf(value) + step + options.length) % options.length;
    const next = options[at];
    if (next === undefined) return;
    onChange(next);
    group.current?.querySelectorAll('button')[at]?.focus();
  };
  return (
    <div ref={group} role="radiogroup" aria-label={label} className={className}>
      {options.map((option) => (
        <button
          key={option}
          type="button"
          role="radio"
          aria-checked={option === value}
          tabIndex={option === value ? 0 : -1}
          data-side={option}
          onKeyDown={move}
          onClick={() => {
            onChange(option);
          }}
        >
          {textOf(option)}
        </button>
      ))}
    </div>
  );
}
