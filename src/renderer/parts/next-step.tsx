import type { ReactElement } from 'react'
import { useStore } from '../store.ts'

/** What is to be done so that machines show here, by what the lab does already; a sentence or two. */
export function NextStep(): ReactElement {
  const lab = useStore((one) => one.lab)
  const state = useStore((one) => one.status?.state)
  const isConnected = useStore((one) => one.connection === 'connected')
  if (!isConnected) return <>This window is not connected to PXE Lab.</>
  if (lab && !lab.exists)
    return <>Set up a lab, start the responder, and switch on a machine that boots from the network.</>
  if (lab && lab.lab === null) return <>Correct the lab file: the responder starts only with a valid one.</>
  const machine = 'connect a machine and switch it on with network boot first in its boot order. It appears here with its first packet.' // prettier-ignore
  if (state === 'responding') return <>The responder runs: {machine}</>
  if (state === 'listening') return <>PXE Lab listens and answers nobody: {machine}</>
  if (state === 'problem') return <>Solve the problem that the page Lab shows, then {machine}</>
  return <>Start the responder, {machine}</>
}
