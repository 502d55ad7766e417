import { useEffect, useState } from 'react';

const SIGNS = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart'] as const;

/**
 * Whether nobody has touched anything for so long; it stays so until it is told otherwise.
 *
 * @param afterMs How long; null for never.
 */
export function useIdle(afterMs: number | null): readonly [boolean, () => void] {
  const [isIdle, setIdle] = useState(false);
  useEffect(() => {
    if (afterMs === null || isIdle) return undefined;
    let seen = Date.now();
    const see = (): void => {
      seen = Date.now();
    };
    const looking = setInterval(
      () => {
        if (Date.now() - seen >= afterMs) setIdle(true);
      },
      Math.min(1_000, afterMs),
    );
    for (const sign of SIGNS) window.addEventListener(sign, see, { passive: true });
    return () => {
      clearInterval(looking);
      for (const sign of SIGNS) window.removeEventListener(sign, see);
    };
  }, [afterMs, isIdle]);
  return [
    afterMs !== null && isIdle,
    () => {
      setIdle(false);
    },
  ];
}
