/** What can be done from anywhere, as things are now: found by the search. */
import { nothingAsked, showAsked } from '../ask/place.ts'
import { call } from '../connection.ts'
import { showHelp } from '../help/state.ts'
import { go } from '../route.ts'
import { hasShell, openCapture, openLab, saveLabAs } from '../shell/file-commands.ts'
import { showSheet } from '../shell/sheets.ts'
import { startResponder, stopResponder } from '../shell/top-bar.tsx'
import { shellBridge } from '../shell-bridge.ts'
import { attempt, useStore } from '../store.ts'
import { switchColours } from './colours.ts'

export interface Action {
  readonly id: string
  readonly title: string
  readonly detail: string
  readonly keywords: string
  readonly run: () => void
}

const action = (id: string, title: string, detail: string, keywords: string, run: () => void): Action => ({ id, title, detail, keywords, run }) // prettier-ignore

function captureActions(): Action[] {
  const { capture, interfaces } = useStore.getState()
  if (capture?.interface != null)
    return [
      action('capture-stop', 'Stop the capture', capture.interface, 'end record packets', () =>
        void attempt('Capture', () => call('capture.stop', {})),
      ),
    ] // prettier-ignore
  return interfaces.map(({ name }) =>
    action(`capture ${name}`, `Capture on ${name}`, capture?.tool ?? 'No program that captures is installed', 'record packets live sniff', () =>
      void attempt('Capture', async () => {
        await call('capture.start', { interface: name })
        go('flows', 'live')
      }),
    ),
  ) // prettier-ignore
}

export function actionsNow(): Action[] {
  const { lab } = useStore.getState()
  return [
    action('start', 'Start the responder', 'Lab', 'run begin answer clients boot', () => void startResponder()),
    action('stop', 'Stop the responder', 'Lab', 'end', () => void stopResponder()),
    ...captureActions(),
    ...(hasShell ? [action('new-lab', 'New lab', 'File', 'create yaml', () => shellBridge?.ask({ type: 'new-lab' }))] : []),
    action('open-lab', 'Open lab', 'File', 'yaml file load', openLab),
    action('open-capture', 'Open capture', 'File', 'pcap pcapng wireshark file load', openCapture),
    ...(lab?.exists ? [action('save-lab-as', 'Save lab as', 'File', 'yaml copy export', saveLabAs)] : []),
    action('ask', 'Find the cause of a boot that fails', 'Doctor', 'diagnose why wizard symptom', () => showAsked(nothingAsked)),
    action('shortcuts', 'Keyboard shortcuts', 'Help', 'keys hotkeys', () => showSheet('shortcuts')),
    action('help', 'Help: contents', 'Help', 'documentation manual guide articles', () => showHelp({ kind: 'article', path: 'README.md' })),
    action('about', 'About PXE Lab', 'Help', 'version licence', () => showSheet('about')),
    action('theme', 'Switch between light and dark', 'View', 'theme colour mode', switchColours),
  ] // prettier-ignore
}
