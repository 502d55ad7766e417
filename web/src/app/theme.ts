/** MUI in the colours of `styles/tokens.css`, dense, dark or light. */

import createCache from '@emotion/cache';
import type { EmotionCache } from '@emotion/cache';
import { createTheme } from '@mui/material/styles';

const FONT = [
  'Pretendard',
  "'Noto Sans KR'",
  "'Noto Sans CJK KR'",
  "'Apple SD Gothic Neo'",
  "'Malgun Gothic'",
  'system-ui',
  'sans-serif',
].join(', ');

export const theme = createTheme({
  cssVariables: { colorSchemeSelector: 'data-theme' },
  colorSchemes: {
    dark: {
      palette: {
        primary: { main: '#e7eaf0', contrastText: '#12151b' },
        error: { main: '#e7eaf0' }, // red means "up" here, so a wrong field is said in words
        background: { default: '#0b0e13', paper: '#14181f' },
        text: { primary: '#e7eaf0', secondary: '#9aa4b4' },
        divider: '#262d38',
      },
    },
    light: {
      palette: {
        primary: { main: '#1a1f28', contrastText: '#ffffff' },
        error: { main: '#1a1f28' },
        background: { default: '#f2f4f7', paper: '#ffffff' },
        text: { primary: '#161a21', secondary: '#586273' },
        divider: '#dfe3e9',
      },
    },
  },
  shape: { borderRadius: 6 },
  typography: {
    fontFamily: FONT,
    fontSize: 13,
    htmlFontSize: 16,
    button: { textTransform: 'none' },
  },
  components: {
    MuiButton: { defaultProps: { size: 'small', disableElevation: true } },
    MuiButtonBase: { defaultProps: { disableRipple: true } },
    MuiTextField: { defaultProps: { size: 'small', fullWidth: true } },
    MuiDialog: {
      defaultProps: { fullWidth: true, maxWidth: 'xs' },
      styleOverrides: { paper: { borderRadius: 12 } },
    },
    MuiDialogActions: { styleOverrides: { root: { padding: '4px 20px 18px', gap: 4 } } },
    MuiDialogContent: { styleOverrides: { root: { padding: '4px 20px 14px' } } },
    MuiDialogTitle: {
      styleOverrides: { root: { padding: '18px 20px 8px', fontSize: 16, fontWeight: 700 } },
    },
    MuiPaper: { styleOverrides: { root: { backgroundImage: 'none' } } },
    MuiTooltip: { defaultProps: { arrow: true, enterDelay: 300 } },
  },
});

/** Styles that carry the nonce of this page, or its policy throws them out. */
export function nonceCache(): EmotionCache {
  const meta = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]');
  const nonce = meta?.nonce;
  return createCache(nonce ? { key: 'mm', nonce } : { key: 'mm' });
}
