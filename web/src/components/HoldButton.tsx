import { useCallback, useEffect, useRef, useState } from 'react';
import type { KeyboardEvent, MouseEvent, MutableRefObject, PointerEvent, ReactNode } from 'react';

interface Props {
  /** How long it is held until it acts [ms]. */
  holdMs: number;
  onHeld: () => void;
  /** A short press; without it one does nothing. */
  onPressed?: (() => void) | undefined;
  disabled?: boolean | undefined;
  className?: string | undefined;
  label?: string | undefined;
  children: ReactNode;
}

type Timer = MutableRefObject<ReturnType<typeof setTimeout> | undefined>;

function forget(timer: Timer): void {
  clearTimeout(timer.current);
  timer.current = undefined;
}

function isKey(event: KeyboardEvent): boolean {
  return event.key === ' ' || event.key === 'Enter';
}

/**
 * A button that acts once it was held long enough.
 *
 * By pointer, space or enter. Letting go, leaving, losing the focus, being disabled or removed:
 * each of them aborts. It acts once for each time it is held. What can press and not hold, such as
 * a screen reader, presses shortly.
 */
export function HoldButton(props: Props) {
  const { holdMs, onHeld, onPressed, disabled = false, className, label, children } = props;
  const [isHeld, setHeld] = useState(false);
  const timer: Timer = useRef(undefined);

  const abort = useCallback((): boolean => {
    const wasHeld = timer.current !== undefined;
    forget(timer);
    setHeld(false);
    return wasHeld;
  }, []);

  const begin = (): void => {
    if (disabled || timer.current !== undefined) return;
    setHeld(true);
    timer.current = setTimeout(() => {
      abort();
      onHeld();
    }, holdMs);
  };
  const letGo = (): void => {
    if (abort()) onPressed?.();
  };

  if (disabled && isHeld) setHeld(false);
  useEffect(() => {
    if (disabled) forget(timer);
    return () => {
      forget(timer);
    };
  }, [disabled]);

  return (
    <button
      type="button"
      className={`hold ${className ?? ''}`}
      data-held={isHeld}
      data-ms={holdMs}
      disabled={disabled}
      aria-label={label}
      onPointerDown={(event: PointerEvent) => {
        if (event.button === 0) begin();
      }}
      onPointerUp={letGo}
      onPointerLeave={abort}
      onPointerCancel={abort}
      onBlur={abort}
      onContextMenu={(event) => {
        event.preventDefault();
      }}
      onKeyDown={(event) => {
        if (!isKey(event)) return;
        event.preventDefault();
        if (!event.repeat) begin();
      }}
      onKeyUp={(event) => {
        if (!isKey(event)) return;
        event.preventDefault();
        letGo();
      }}
      onClick={(event: MouseEvent) => {
        if (event.detail === 0) onPressed?.();
      }}
    >
      <span className="hold-fill" aria-hidden />
      <span className="hold-text">{children}</span>
    </button>
  );
}
