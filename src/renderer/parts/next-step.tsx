import { t } from '#messages/text.ts'
import type { ReactElement } from 'react'
import { useStore } from '../store.ts'

/** What is to be done so that machines show here, by what the lab does already; a sentence or two. */
export function NextStep(): ReactElement {
  const lab = useStore((one) => one.lab)
  const state = useStore((one) => one.status?.state)
  const isConnected = useStore((one) => one.connection === 'connected')
  if (!isConnected) return <>{t('parts.window-not-connected-pxe-lab')}</>
  if (lab && !lab.exists) return <>{t('parts.set-up-lab-start-responder')}</>
  if (lab && lab.lab === null) return <>{t('parts.correct-lab-file-responder-starts')}</>
  const machine = t('parts.connect-machine-switch-network-boot') // prettier-ignore
  if (state === 'responding') return <>{t('parts.responder-runs', { machine })}</>
  if (state === 'listening') return <>{t('parts.pxe-lab-listens-answers-nobody', { machine })}</>
  if (state === 'problem') return <>{t('parts.solve-problem-page-lab-shows', { machine })}</>
  return <>{t('parts.start-responder', { machine })}</>
}
