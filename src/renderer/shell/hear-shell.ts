/** Does what the desktop shell asks of the page. */
import { t, textOf } from '#messages/text.ts'
import { connection } from '../connection.ts'
import { openAddress } from '../flows/sources.ts'
import { chosenLanguage } from '../language.ts'
import { onShellMessage, shellBridge } from '../shell-bridge.ts'
import { useStore } from '../store.ts'
import { showSheet } from './sheets.ts'

export function hearShell(): void {
  shellBridge?.ask({ type: 'speak', language: chosenLanguage() ?? null })
  onShellMessage((message) => {
    switch (message.type) {
      case 'open-capture':
        void openAddress(message.name, message.url)
        break
      case 'go':
        window.location.hash = message.hash
        break
      case 'show':
        showSheet(message.sheet)
        break
      case 'state':
        useStore.setState({ shell: message.state })
        break
      case 'back-end':
        useStore.setState({ backEnd: { state: message.state, message: message.message, remedy: message.remedy } })
        if (message.state === 'restarting' || message.state === 'failed') connection.lose()
        break
      case 'complaint':
        useStore.setState({
          complaint: { about: t('shell.pxe-lab-2'), message: textOf(message.message), remedy: textOf(message.remedy) },
        })
        break
    }
  })
}
