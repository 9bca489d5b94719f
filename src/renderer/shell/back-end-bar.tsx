import { Button } from '@mantine/core'
import type { ReactElement } from 'react'
import { t, textOf } from '#messages/text.ts'
import { shellBridge } from '../shell-bridge.ts'
import { useStore } from '../store.ts'

/** How the process behind the page is, where there is something to say: one sentence, and what can be done. */
export function BackEndBar(): ReactElement | null {
  const connection = useStore((one) => one.connection)
  const isHub = useStore((one) => one.hub !== undefined)
  const hasLab = useStore((one) => one.lab !== undefined) || isHub
  const notice = useStore((one) => one.backEnd)
  const isBad = connection === 'lost' || notice?.state === 'failed' || notice?.state === 'silent'
  if (notice && notice.message !== '')
    return (
      <div role={isBad ? 'alert' : 'status'} className="toolbar" data-bad={isBad}>
        {textOf(notice.message)}. {textOf(notice.remedy)}
        {notice.state === 'failed' && (
          <Button size="compact-xs" variant="default" onClick={() => shellBridge?.ask({ type: 'start-back-end' })}>
            {t('common.try-again')}
          </Button>
        )}
        {notice.state === 'well' && (
          <Button size="compact-xs" variant="default" onClick={() => useStore.setState({ backEnd: undefined })}>
            {t('common.dismiss')}
          </Button>
        )}
      </div>
    )
  if (connection !== 'lost' || !hasLab) return null
  return (
    <div role="alert" className="toolbar" data-bad={isBad}>
      {t('shell.back-end-lost', { isHub: isHub ? 'yes' : 'no' })}
      <Button size="compact-xs" variant="default" onClick={() => window.location.reload()}>
        {t('common.reload')}
      </Button>
    </div>
  )
}
