/** The title of the window or tab: the lab first, for that is what a taskbar shows. */
import { useEffect } from 'react'
import { t } from '#messages/text.ts'
import type { LabState, Status } from '#shared/contract/calls.ts'
import type { ConnectionState } from '../connection.ts'
import { useStore } from '../store.ts'

const stateText = (state: Status['state']): string => (state === 'stopped' ? '' : t(`shell.state-${state}`))

export function titleOf(
  lab: Pick<LabState, 'path' | 'exists'> | undefined,
  status: Pick<Status, 'state'> | undefined,
  connection: ConnectionState,
): string {
  if (!lab?.exists) return 'PXE Lab'
  const name = lab.path.split(/[\\/]/).at(-1) ?? lab.path
  // What the back end said last is not known to be so any more.
  const state = connection !== 'connected' ? t('shell.state-lost') : status ? stateText(status.state) : ''
  return state === '' ? t('shell.title-lab-stopped', { file: name }) : t('shell.title-lab', { file: name, state })
}

export function useWindowTitle(): void {
  const title = useStore((one) =>
    one.hub
      ? t(one.connection === 'connected' ? 'shell.title-sites' : 'shell.title-sites-lost', { machine: one.machine })
      : titleOf(one.lab, one.status, one.connection),
  )
  useEffect(() => {
    document.title = title
  }, [title])
}
