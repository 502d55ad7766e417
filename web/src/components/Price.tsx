import { figure } from '@/lib/format';
import { useTick } from '@/realtime/useTick';

interface Props {
  symbol: string;
  /** Shown until the first tick [won]. */
  before?: number | null | undefined;
}

/** A price that lives. The cell is keyed by its time, so that each move flashes once. */
export function Price({ symbol, before }: Props) {
  const tick = useTick(symbol);
  if (!tick) return <span className="price">{figure(before)}</span>;
  return (
    <span className="price" data-move={tick.move} key={tick.received}>
      {figure(tick.price)}
    </span>
  );
}
