import { useName } from '@/features/market/useName';

/** An instrument as people call it. */
export function InstrumentName({ symbol }: { symbol: string }) {
  return <>{useName(symbol)}</>;
}
