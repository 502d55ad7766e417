import TextField from '@mui/material/TextField';
import type { HTMLInputAutoCompleteAttribute } from 'react';

interface Props {
  label: string;
  value: string;
  onChange: (value: string) => void;
  kind?: 'text' | 'password' | 'digits' | 'lines';
  autoComplete?: HTMLInputAutoCompleteAttribute;
  autoFocus?: boolean;
  help?: string | undefined;
  wrong?: boolean;
}

/** A labelled line for a person to type into. */
export function Field(props: Props) {
  const {
    label,
    value,
    onChange,
    kind = 'text',
    autoComplete = 'off',
    autoFocus,
    help,
    wrong,
  } = props;
  return (
    <TextField
      label={label}
      value={value}
      onChange={(event) => {
        onChange(event.target.value);
      }}
      type={kind === 'password' ? 'password' : 'text'}
      multiline={kind === 'lines'}
      minRows={kind === 'lines' ? 2 : undefined}
      autoComplete={autoComplete}
      autoFocus={autoFocus ?? false}
      helperText={help}
      error={wrong ?? false}
      slotProps={{
        htmlInput:
          kind === 'digits' ? { inputMode: 'numeric', pattern: '[0-9]*', maxLength: 6 } : {},
      }}
    />
  );
}
