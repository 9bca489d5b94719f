import { Alert } from '@mantine/core'
import type { ReactElement } from 'react'
import { useStore } from '../store.ts'

/** What was changed is not in use yet; on every page that changes the lab file. */
export function RestartNotice(): ReactElement | null {
  const needsRestart = useStore((one) => one.lab?.needsRestart)
  if (!needsRestart) return null
  return (
    <Alert color="yellow" variant="light" title="The lab file has changed" role="status" mb={12}>
      The responder still runs with the earlier settings. Stop and start it to use the new ones.
    </Alert>
  )
}
