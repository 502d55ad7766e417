import { fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { HoldButton } from './HoldButton';

const onHeld = vi.fn();
const onPressed = vi.fn();

const shown = (props: { disabled?: boolean } = {}) => (
  <HoldButton holdMs={800} onHeld={onHeld} onPressed={onPressed} {...props}>
    멈춤
  </HoldButton>
);
const button = (): HTMLElement => screen.getByRole('button');

beforeEach(() => {
  vi.useFakeTimers();
  onHeld.mockReset();
  onPressed.mockReset();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a hold button', () => {
  it('acts once when it was held long enough', () => {
    render(shown());
    fireEvent.pointerDown(button());
    vi.advanceTimersByTime(799);
    expect(onHeld).not.toHaveBeenCalled();
    vi.advanceTimersByTime(5_000);
    expect(onHeld).toHaveBeenCalledTimes(1);
    fireEvent.pointerUp(button());
    expect(onPressed).not.toHaveBeenCalled();
  });

  it('takes a click that nothing was held for as a press, as screen readers click', () => {
    render(shown());
    fireEvent.click(button(), { detail: 0 });
    expect(onPressed).toHaveBeenCalledTimes(1);
    fireEvent.click(button(), { detail: 1 });
    expect(onPressed).toHaveBeenCalledTimes(1);
    expect(onHeld).not.toHaveBeenCalled();
  });

  it('takes letting go early for a press', () => {
    render(shown());
    fireEvent.pointerDown(button());
    vi.advanceTimersByTime(300);
    fireEvent.pointerUp(button());
    vi.advanceTimersByTime(5_000);
    expect(onHeld).not.toHaveBeenCalled();
    expect(onPressed).toHaveBeenCalledTimes(1);
  });

  it.each([
    ['leaving it', () => fireEvent.pointerLeave(button())],
    ['a canceled pointer', () => fireEvent.pointerCancel(button())],
    ['losing the focus', () => fireEvent.blur(button())],
  ])('is aborted by %s', (_what, abort) => {
    render(shown());
    fireEvent.pointerDown(button());
    vi.advanceTimersByTime(300);
    abort();
    vi.advanceTimersByTime(5_000);
    expect(onHeld).not.toHaveBeenCalled();
    expect(onPressed).not.toHaveBeenCalled();
  });

  it('is aborted by being disabled', () => {
    const { rerender } = render(shown());
    fireEvent.pointerDown(button());
    rerender(shown({ disabled: true }));
    vi.advanceTimersByTime(5_000);
    expect(onHeld).not.toHaveBeenCalled();
  });

  it('is aborted by being removed', () => {
    const { unmount } = render(shown());
    fireEvent.pointerDown(button());
    unmount();
    vi.advanceTimersByTime(5_000);
    expect(onHeld).not.toHaveBeenCalled();
  });

  it.each([' ', 'Enter'])('is held by the key "%s", whose repeats count for nothing', (key) => {
    render(shown());
    fireEvent.keyDown(button(), { key });
    vi.advanceTimersByTime(500);
    fireEvent.keyDown(button(), { key, repeat: true });
    vi.advanceTimersByTime(300);
    expect(onHeld).toHaveBeenCalledTimes(1);
    fireEvent.keyDown(button(), { key, repeat: true });
    vi.advanceTimersByTime(5_000);
    expect(onHeld).toHaveBeenCalledTimes(1);
  });

  it('does nothing by another mouse button', () => {
    render(shown());
    fireEvent.pointerDown(button(), { button: 2 });
    vi.advanceTimersByTime(5_000);
    expect(onHeld).not.toHaveBeenCalled();
  });
});
