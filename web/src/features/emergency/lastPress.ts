/** The kill switch keeps a line for each press: `CANCEL_ALL owner: the feed went mad`. */

const LINE = /^(?:STOP_NEW|CANCEL_ALL|LIQUIDATE) (.+)$/;

/** Who pressed last, and why; as it stands if it was written by hand. */
export function lastPress(text: string): string {
  const last = text.split('\n').findLast((line) => line.trim().length > 0) ?? '';
  return LINE.exec(last.trim())?.[1] ?? last.trim();
}
