import { direction, percentOfPpm, signedFigure } from '@/lib/format';

const MARK = { up: '▲', down: '▼', same: '' } as const;

/** A gain or a loss: colour, sign and mark, never the colour alone. */
export function Change({ won, ppm }: { won: number | null; ppm?: number | null }) {
  const way = direction(won);
  return (
    <span className={way}>
      <span aria-hidden>{MARK[way]}</span> {signedFigure(won)}
      {ppm !== undefined && ppm !== null && ` (${percentOfPpm(ppm)})`}
    </span>
  );
}
