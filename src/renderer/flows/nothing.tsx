import { Anchor, Box, Button, Kbd, Loader } from '@mantine/core'
import type { ReactElement } from 'react'
import { EmptyState } from '../parts/empty-state.tsx'
import { addressOf } from '../route.ts'
import { openCapture } from '../shell/file-commands.ts'
import { NextStep } from '../parts/next-step.tsx'
import { useStore } from '../store.ts'
import type { SourceState } from './answers.ts'
import { isFile, live, nameOfSource } from './source-names.ts'
import { knowsFile } from './sources.ts'

const openAnother = (
  <Button size="compact-sm" variant="default" onClick={openCapture}>
    Open a capture
  </Button>
)

/** Why there is no packet, without what the heading has said. */
function reasonOf(damage: string): string {
  const reason = damage.replace(/^it is no capture file(; )?/, '')
  return reason === '' ? '' : `${reason.charAt(0).toUpperCase()}${reason.slice(1)}. `
}

interface NothingProps {
  readonly source: string
  readonly state: SourceState | undefined
}

/** A source without a packet: what it waits for, or why there is none. */
export function Nothing({ source, state }: NothingProps): ReactElement {
  const status = useStore((one) => one.status)
  const isHub = useStore((one) => one.hub !== undefined)
  const name = nameOfSource(source)
  if (isFile(source) && !knowsFile(source))
    return (
      <EmptyState title={`${name} is not open any more`} action={openAnother}>
        A page cannot open a file of yours by itself after a reload. Drop the file on the window again, or choose Open.
      </EmptyState>
    )
  if (source !== live && state?.progress === undefined && state?.damage !== undefined)
    return (
      <div role="alert">
        <EmptyState title={state.isForeign ? `${name} is not a capture` : `${name} has no packet`} action={openAnother}>
          {reasonOf(state.damage)}PXE Lab reads pcap, pcapng, snoop, Network Monitor 2, ERF and hexadecimal dumps, plain
          or compressed.
        </EmptyState>
      </div>
    )
  if (source !== live && state !== undefined && state.progress === undefined && state.isRead)
    return (
      <EmptyState title={`${name} has no packet`} action={openAnother}>
        The file is a capture, and nothing was captured into it.
      </EmptyState>
    )
  if (source !== live)
    return (
      <EmptyState title={`Reading ${name}`} icon={<Loader size={20} />}>
        The first packets appear in a moment.
      </EmptyState>
    )
  if (isHub)
    return (
      <EmptyState title="No boot is open" action={openAnother}>
        Choose a boot on <Anchor href={addressOf('sites', 'boots')}>Sites</Anchor> and open it in Flows, or open a
        capture of your own.
      </EmptyState>
    )
  const isRunning = status?.state === 'responding' || status?.state === 'listening'
  return (
    <EmptyState title="No packet yet" action={openAnother}>
      {isRunning
        ? 'Every packet that passes through the ports of this lab appears here as it comes.'
        : 'Here a boot shows as a ladder: who said what to whom, what should have come and did not, and why.'}
      <ul>
        <li>Drop a capture file (pcap or pcapng) anywhere on this window, or choose Open.</li>
        <li>Press Capture to look at what passes on an interface, without answering anything.</li>
        <li>
          <NextStep />
        </li>
      </ul>
      {/* Keys are higher than a line of text: where the line breaks, those of two lines would overlap. */}
      <Box lh={2}>
        Keys: <Kbd>n</Kbd> <Kbd>p</Kbd> next and previous packet, <Kbd>]</Kbd> <Kbd>[</Kbd> attempt, <Kbd>x</Kbd> next
        problem, <Kbd>m</Kbd> mark, <Kbd>/</Kbd> filter, <Kbd>e</Kbd> even, <Kbd>t</Kbd> to scale.
      </Box>
    </EmptyState>
  )
}
