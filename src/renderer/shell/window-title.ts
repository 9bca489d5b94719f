/** The title of the window or tab: the lab first, for that is what a taskbar shows. */
import { useEffect } from 'react'
import type { LabState, Status } from '#shared/contract/calls.ts'
import type { ConnectionState } from '../connection.ts'
import { useStore } from '../store.ts'

const words: Readonly<Record<Status['state'], string>> = {
  stopped: '',
  starting: 'starting',
  stopping: 'stopping',
  listening: 'listening',
  responding: 'responding',
  problem: 'problem',
  silent: 'not answering',
}

export function titleOf(
  lab: Pick<LabState, 'path' | 'exists'> | undefined,
  status: Pick<Status, 'state'> | undefined,
  connection: ConnectionState,
): string {
  if (!lab?.exists) return 'PXE Lab'
  const name = lab.path.split(/[\\/]/).at(-1) ?? lab.path
  // What the back end said last is not known to be so any more.
  const word = connection === 'connected' ? (status ? words[status.state] : '') : 'no connection'
  return word === '' ? `${name} - PXE Lab` : `${name} (${word}) - PXE Lab`
}

export function useWindowTitle(): void {
  const title = useStore((one) =>
    one.hub
      ? `Sites of ${one.machine}${one.connection === 'connected' ? '' : ' (no connection)'} - PXE Lab`
      : titleOf(one.lab, one.status, one.connection),
  )
  useEffect(() => {
    document.title = title
  }, [title])
}
