/** Our few icons, drawn on a grid of 20. */

import type { ReactNode } from 'react';

function Icon({ children, size = 18 }: { children: ReactNode; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden
    >
      {children}
    </svg>
  );
}

export const StopIcon = () => (
  <Icon size={16}>
    <path d="M7 2h6l5 5v6l-5 5H7l-5-5V7z" fill="currentColor" fillOpacity=".25" />
    <path d="M7 10h6" strokeWidth="2.2" />
  </Icon>
);
export const BellIcon = () => (
  <Icon>
    <path d="M5 9a5 5 0 0 1 10 0c0 4 1.5 5 1.5 5h-13S5 13 5 9zM8.5 16.5a1.6 1.6 0 0 0 3 0" />
  </Icon>
);
export const PersonIcon = () => (
  <Icon>
    <circle cx="10" cy="7" r="3" />
    <path d="M4 17c.6-3 3-4.5 6-4.5s5.4 1.5 6 4.5" />
  </Icon>
);
export const MoonIcon = () => (
  <Icon>
    <path d="M16 11.5A6.5 6.5 0 0 1 8.5 4a6.5 6.5 0 1 0 7.5 7.5z" />
  </Icon>
);
export const SunIcon = () => (
  <Icon>
    <circle cx="10" cy="10" r="3.2" />
    <path d="M10 2v2M10 16v2M2 10h2M16 10h2M4.3 4.3l1.4 1.4M14.3 14.3l1.4 1.4M15.7 4.3l-1.4 1.4M5.7 14.3l-1.4 1.4" />
  </Icon>
);
export const SearchIcon = () => (
  <Icon size={16}>
    <circle cx="9" cy="9" r="5" />
    <path d="m13 13 4 4" />
  </Icon>
);
export const BagIcon = () => (
  <Icon>
    <path d="M3 7h14v9H3zM7 7V5a1.5 1.5 0 0 1 1.5-1.5h3A1.5 1.5 0 0 1 13 5v2M3 11h14" />
  </Icon>
);
export const ListIcon = () => (
  <Icon>
    <path d="M7 5h10M7 10h10M7 15h10M3.5 5h.01M3.5 10h.01M3.5 15h.01" />
  </Icon>
);
export const TicketIcon = () => (
  <Icon>
    <path d="M6 3v14M6 3 3 6M6 3l3 3M14 17V3M14 17l-3-3M14 17l3-3" />
  </Icon>
);
export const StrategyIcon = () => (
  <Icon>
    <path d="M3 15l4-5 3 2.5L17 4M13 4h4v4" />
  </Icon>
);
