/** A tab that outlived an update asks for files that are gone; it is loaded anew, once. */

const STORED = 'maemae-reloaded-at';
const COOLDOWN_MS = 60_000;

/** Reload if that is what helps; false if it is not, or was done a moment ago. */
export function reloadOnce(
  error: unknown,
  now: number = Date.now(),
  reload: () => void = () => {
    globalThis.location.reload();
  },
): boolean {
  if (!(error instanceof TypeError) || !/dynamically imported module/i.test(error.message))
    return false;
  const last = Number(sessionStorage.getItem(STORED) ?? 0);
  if (now - last < COOLDOWN_MS) return false;
  sessionStorage.setItem(STORED, String(now));
  reload();
  return true;
}
