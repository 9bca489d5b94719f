/** Dense but calm: 13 px text, a 4 px grid, hairlines, one accent. Colour carries meaning only. */
import { t } from '#messages/text.ts'
import {
  Alert,
  createTheme,
  Modal,
  Notification,
  Portal,
  type CSSVariablesResolver,
  type MantineColorsTuple,
} from '@mantine/core'

const accent: MantineColorsTuple = [
  '#edf4fc', '#d8e6f6', '#aecbec', '#81afe2', '#5c97d9', '#4488d4', '#377fd2', '#296dba', '#1f60a7', '#0c5395',
] // prettier-ignore

export const theme = createTheme({
  primaryColor: 'accent',
  primaryShade: { light: 8, dark: 7 },
  colors: { accent },
  fontFamily: '"Inter Variable", system-ui, sans-serif',
  fontFamilyMonospace: '"JetBrains Mono Variable", ui-monospace, monospace',
  fontSizes: { xs: '12px', sm: '13px', md: '13px', lg: '15px', xl: '18px' },
  lineHeights: { xs: '1.4', sm: '1.45', md: '1.45', lg: '1.4', xl: '1.35' },
  spacing: { xs: '8px', sm: '12px', md: '16px', lg: '20px', xl: '28px' },
  radius: { xs: '2px', sm: '4px', md: '4px', lg: '6px', xl: '8px' },
  defaultRadius: 'sm',
  headings: {
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '18px', lineHeight: '1.35' },
      h2: { fontSize: '15px', lineHeight: '1.4' },
      h3: { fontSize: '13px', lineHeight: '1.45' },
    },
  },
  autoContrast: true,
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    // Menus, hints and dialogs stand in a landmark of their own, where a screen reader finds them.
    Portal: Portal.extend({ defaultProps: { target: '#portals' } }),
    Modal: Modal.extend({ defaultProps: { closeButtonProps: { 'aria-label': t('common.close') } } }),
    // In a dialog a header is no banner of the page.
    ModalHeader: Modal.Header.extend({ defaultProps: { role: 'presentation' } }),
    Notification: Notification.extend({
      defaultProps: { closeButtonProps: { 'aria-label': t('common.close') } },
      classNames: { description: 'notice-text' },
    }),
    // Mantine's yellow and orange titles have no AA contrast on their own ground.
    Alert: Alert.extend({
      vars: (_theme, { color }) => ({
        root: color === 'yellow' || color === 'orange' ? { '--alert-color': 'var(--lab-wait)' } : {},
      }),
    }),
  },
})

/** What stands for a protocol or a state, at AA contrast on both grounds. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--lab-dhcp': '#1858b8',
    '--lab-pxe': '#6d3fc0',
    '--lab-tftp': '#08706a',
    '--lab-http': '#0b6a8a',
    '--lab-good': '#1a7434',
    '--lab-wait': '#8a5a00',
    '--lab-bad': '#b3261e',
    '--lab-quiet': '#5b6472',
    '--lab-line': '#dfe3e8',
    '--lab-ground': '#f7f8fa',
    '--lab-selected': '#e3eefb',
    '--mantine-color-dimmed': '#5b6472',
    '--mantine-color-error': '#b3261e',
  },
  dark: {
    '--lab-dhcp': '#7db3ff',
    '--lab-pxe': '#c0a2ff',
    '--lab-tftp': '#4fd1c0',
    '--lab-http': '#67c8ea',
    '--lab-good': '#6ddc8b',
    '--lab-wait': '#f0b64a',
    '--lab-bad': '#ff8a80',
    '--lab-quiet': '#a3abb8',
    '--lab-line': '#33373e',
    '--lab-ground': '#1b1d21',
    '--lab-selected': '#20354d',
    '--mantine-color-dimmed': '#a3abb8',
    '--mantine-color-error': '#ff8a80',
    '--mantine-color-body': '#222429',
  },
})
