import { t } from '#messages/text.ts'
import { Alert, Button } from '@mantine/core'
import { useState, type ReactElement } from 'react'
import { call } from '../connection.ts'
import { attempt, useStore } from '../store.ts'

/** What was changed is not in use yet; on every page that changes the lab file. */
export function RestartNotice(): ReactElement | null {
  const needsRestart = useStore((one) => one.lab?.needsRestart)
  const canStart = useStore((one) => one.lab?.lab !== null)
  const [isBusy, setIsBusy] = useState(false)
  if (!needsRestart && !isBusy) return null
  const restart = async (): Promise<void> => {
    setIsBusy(true)
    await attempt(t('parts.restart'), async () => {
      await call('responder.stop', {})
      await call('responder.start', {})
    })
    setIsBusy(false)
  }
  return (
    <Alert color="yellow" variant="light" title={t('parts.lab-file-changed')} role="status" mb={12}>
      <div>{t('parts.responder-still-runs-earlier-settings')}</div>
      <Button
        size="compact-sm"
        mt={8}
        variant="default"
        loading={isBusy}
        disabled={!canStart}
        onClick={() => void restart()}
      >
        {t('parts.restart')}
      </Button>
    </Alert>
  )
}
