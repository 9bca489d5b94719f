/** Puts a window on the page, with the styles, fonts and colours that every one has. */
import '@mantine/core/styles.css'
import '@mantine/notifications/styles.css'
import '@mantine/spotlight/styles.css'
import '@fontsource-variable/inter'
import '@fontsource-variable/jetbrains-mono'
import './styles.css'
import './flows/flows.css'
import { MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { StrictMode, type ReactElement } from 'react'
import { createRoot } from 'react-dom/client'
import { cssVariables, theme } from './theme.ts'

export function mount(app: ReactElement): void {
  createRoot(document.getElementById('root')!).render(
    <StrictMode>
      <MantineProvider theme={theme} defaultColorScheme="auto" cssVariablesResolver={cssVariables}>
        <Notifications position="bottom-right" autoClose={4000} />
        {app}
      </MantineProvider>
    </StrictMode>,
  )
}
