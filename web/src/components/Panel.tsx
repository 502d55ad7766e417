import { useId } from 'react';
import type { ReactNode } from 'react';

import type { Tab } from '@/lib/ui';

interface Props {
  tab: Tab;
  title: string;
  count?: number | undefined;
  /** Beside the title. */
  aside?: ReactNode;
  children: ReactNode;
}

/** A titled part of the page. */
export function Panel({ tab, title, count, aside, children }: Props) {
  const id = useId();
  return (
    <section className="panel" data-tab={tab} aria-labelledby={id}>
      <div className="panel-head">
        <h2 id={id}>
          {title} {count !== undefined && <span className="count">{count}</span>}
        </h2>
        {aside}
      </div>
      {children}
    </section>
  );
}
