import type { KeyboardEvent } from 'react';

import { figure, wholeFromText } from '@/lib/format';

interface Props {
  id: string;
  value: string;
  onChange: (value: string) => void;
  unit: string;
  /** What arrow keys do: 1, or 10 with shift. */
  onStep?: ((from: number, steps: number) => number) | undefined;
  placeholder?: string | undefined;
  disabled?: boolean | undefined;
  isWrong?: boolean | undefined;
  label?: string | undefined;
}

const FAR = 10;

/** A line for a figure; whole ones get their separators when it is left. */
export function NumberInput(props: Props) {
  const { id, value, onChange, unit, onStep, placeholder, disabled, isWrong, label } = props;
  const step = (event: KeyboardEvent): void => {
    const way = event.key === 'ArrowUp' ? 1 : event.key === 'ArrowDown' ? -1 : 0;
    const from = wholeFromText(value);
    if (way === 0 || !onStep) return;
    event.preventDefault();
    onChange(figure(onStep(from ?? 0, way * (event.shiftKey ? FAR : 1))));
  };
  return (
    <div className="input" data-wrong={isWrong ?? false}>
      <input
        id={id}
        inputMode="decimal"
        autoComplete="off"
        aria-label={label}
        aria-invalid={isWrong ?? false}
        value={value}
        placeholder={placeholder}
        disabled={disabled}
        onKeyDown={step}
        onChange={(event) => {
          onChange(event.target.value);
        }}
        onBlur={() => {
          const whole = wholeFromText(value);
          if (whole !== null && onStep) onChange(figure(whole));
        }}
      />
      <span className="unit">{unit}</span>
    </div>
  );
}
