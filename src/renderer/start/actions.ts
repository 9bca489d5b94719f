/** What can be done from anywhere, as things are now: found by the search. */
import { t } from '#messages/text.ts'
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
      action('capture-stop', t('start.stop-capture'), capture.interface, t('start.end-record-packets'), () =>
        void attempt(t('start.capture-2'), () => call('capture.stop', {})),
      ),
    ] // prettier-ignore
  return interfaces.map(({ name }) =>
    action(`capture ${name}`, t('start.capture', { name }), capture?.tool ?? t('start.no-program-captures-installed'), t('start.record-packets-live-sniff'), () =>
      void attempt(t('start.capture-2'), async () => {
        await call('capture.start', { interface: name })
        go('flows', 'live')
      }),
    ),
  ) // prettier-ignore
}

export function actionsNow(): Action[] {
  const { lab } = useStore.getState()
  return [
    action('start', t('start.start-responder'), t('start.area-lab'), t('start.run-begin-answer-clients-boot'), () => void startResponder()),
    action('stop', t('start.stop-responder'), t('start.area-lab'), t('start.words-end'), () => void stopResponder()),
    ...captureActions(),
    ...(hasShell ? [action('new-lab', t('start.new-lab'), t('start.area-file'), t('start.words-create-yaml'), () => shellBridge?.ask({ type: 'new-lab' }))] : []),
    action('open-lab', t('start.open-lab'), t('start.area-file'), t('start.yaml-file-load'), openLab),
    action('open-capture', t('start.open-capture'), t('start.area-file'), t('start.pcap-pcapng-wireshark-file-load'), openCapture),
    ...(lab?.exists ? [action('save-lab-as', t('start.save-lab'), t('start.area-file'), t('start.yaml-copy-export'), saveLabAs)] : []),
    action('ask', t('start.find-cause-boot-fails'), t('start.area-doctor'), t('start.diagnose-why-wizard-symptom'), () => showAsked(nothingAsked)),
    action('shortcuts', t('start.keyboard-shortcuts'), t('start.area-help'), t('start.words-keys'), () => showSheet('shortcuts')),
    action('help', t('start.help-contents'), t('start.area-help'), t('start.documentation-manual-guide-articles'), () => showHelp({ kind: 'article', path: 'README.md' })),
    action('about', t('start.about'), t('start.area-help'), t('start.words-version'), () => showSheet('about')),
    action('theme', t('start.switch-between-light-dark'), t('start.area-view'), t('start.theme-colour-mode'), switchColours),
  ] // prettier-ignore
}
