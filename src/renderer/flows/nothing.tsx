import { say } from '#messages/message.ts'
import { t } from '#messages/text.ts'
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
import { Rich } from '../parts/rich.tsx'

const openAnother = (
  <Button size="compact-sm" variant="default" onClick={openCapture}>
    {t('flows.open-capture')}
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
      <EmptyState title={t('flows.not-open-any-more', { name })} action={openAnother}>
        {t('flows.page-cannot-open-file-yours')}
      </EmptyState>
    )
  if (source !== live && state?.progress === undefined && state?.damage !== undefined)
    return (
      <div role="alert">
        <EmptyState
          title={state.isForeign ? t('flows.not-capture', { name }) : t('flows.no-packet', { name })}
          action={openAnother}
        >
          {t('flows.pxe-lab-reads-pcap-pcapng', { reason: reasonOf(state.damage) })}
        </EmptyState>
      </div>
    )
  if (source !== live && state !== undefined && state.progress === undefined && state.isRead)
    return (
      <EmptyState title={t('flows.no-packet', { name })} action={openAnother}>
        {t('flows.file-capture-nothing-captured-into')}
      </EmptyState>
    )
  if (source !== live)
    return (
      <EmptyState title={t('flows.reading-2', { name })} icon={<Loader size={20} />}>
        {t('flows.first-packets-appear-moment')}
      </EmptyState>
    )
  if (isHub)
    return (
      <EmptyState title={t('flows.no-boot-open')} action={openAnother}>
        <Rich
          message={say('flows.choose-boot-sites')}
          tags={{ sites: (text) => <Anchor href={addressOf('sites', 'boots')}>{text}</Anchor> }}
        />
      </EmptyState>
    )
  const isRunning = status?.state === 'responding' || status?.state === 'listening'
  return (
    <EmptyState title={t('flows.no-packet-yet')} action={openAnother}>
      {isRunning ? t('flows.every-packet-passes-through-ports') : t('flows.here-boot-shows-ladder-who')}
      <ul>
        <li>{t('flows.drop-capture-file-pcap-pcapng')}</li>
        <li>{t('flows.press-capture-look-passes-interface')}</li>
        <li>
          <NextStep />
        </li>
      </ul>
      {/* Keys are higher than a line of text: where the line breaks, those of two lines would overlap. */}
      <Box lh={2}>
        <Rich message={say('flows.keys')} tags={{ key: (text) => <Kbd>{text}</Kbd> }} />
      </Box>
    </EmptyState>
  )
}
