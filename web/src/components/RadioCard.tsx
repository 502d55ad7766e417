import { useId } from 'react';

interface Props {
  group: string;
  title: string;
  note: string;
  isChosen: boolean;
  onChoose: () => void;
}

/** One of a few that need a sentence each. */
export function RadioCard({ group, title, note, isChosen, onChoose }: Props) {
  const id = useId();
  return (
    <div className="level" data-chosen={isChosen}>
      <input
        type="radio"
        id={id}
        name={group}
        checked={isChosen}
        aria-describedby={`${id}-note`}
        onChange={onChoose}
      />
      <label htmlFor={id}>{title}</label>
      <span className="sub" id={`${id}-note`}>
        {note}
      </span>
    </div>
  );
}
