import { useQuery } from '@tanstack/react-query';

import { api, told } from '@/api/client';

/** What people call an instrument; its code as long as nobody says. */
export function useName(symbol: string): string {
  const found = useQuery({
    queryKey: ['name', symbol],
    queryFn: async () => {
      const rows = await told(api.GET('/api/market/search', { params: { query: { q: symbol } } }));
      return rows.find((row) => row.symbol === symbol)?.name ?? symbol;
    },
    enabled: symbol.length > 0,
    staleTime: Infinity,
  });
  return found.data ?? symbol;
}
