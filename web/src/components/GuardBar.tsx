import { figure } from '@/lib/format';

interface Props {
  stop: number | null;
  take: number | null;
  price: number | null;
}

const LENGTH = 100;

/** Where a price stands between its stop and its target. */
export function GuardBar({ stop, take, price }: Props) {
  const at = stop !== null && take !== null && price !== null ? place(stop, take, price) : null;
  return (
    <span className="guard">
      {at !== null && (
        <svg viewBox={`0 0 ${LENGTH} 8`} preserveAspectRatio="none" aria-hidden>
          <rect x="0" y="3" width={LENGTH} height="2" rx="1" fill="var(--line-strong)" />
          <rect
            x="0"
            y="3"
            width={at}
            height="2"
            fill={at >= LENGTH / 2 ? 'var(--up)' : 'var(--down)'}
            opacity=".55"
          />
          <rect
            x={Math.min(LENGTH - 2, Math.max(0, at - 1))}
            y="0"
            width="2"
            height="8"
            fill="var(--ink)"
          />
        </svg>
      )}
      <span className="down">{figure(stop)}</span>
      <span className="up number">{figure(take)}</span>
    </span>
  );
}

function place(stop: number, take: number, price: number): number {
  if (take <= stop) return LENGTH / 2;
  return Math.min(LENGTH, Math.max(0, ((price - stop) / (take - stop)) * LENGTH));
}
