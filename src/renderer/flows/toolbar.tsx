import { tellBytes } from '#shared/contract/amounts.ts'
import { t } from '#messages/text.ts'
import { Button, Group, Menu, Progress, Select, Text, Tooltip } from '@mantine/core'
import { IconDownload, IconFolderOpen, IconPlayerRecord, IconPlayerStop } from '@tabler/icons-react'
import { memo, useRef, useState, type ReactElement } from 'react'
import { call } from '../connection.ts'
import { useRead } from '../parts/use-read.ts'
import { attempt, useStore } from '../store.ts'
import { captureEndings, hasShell, openCapture } from '../shell/file-commands.ts'
import { ask, useSources } from './client.ts'
import type { FrameChoice, SourceState } from './answers.ts'
import { copyFrames } from './packet-menu.tsx'
import { placeIn, show, startOf } from './places.ts'
import { isFile, isOfSite, live, nameOfSource } from './source-names.ts'
import { download } from '../parts/download.ts'
import { offerUndo } from '../undo.tsx'
import { clearLive, closeSource, openFile, openFiles } from './sources.ts'

interface ToolbarProps {
  readonly source: string
  readonly attemptNumber: number | undefined
  readonly progress: SourceState['progress']
  readonly damage: string | undefined
  readonly hasFrames: boolean
  /** Goes to the newest boot, where what is live is not followed any more. */
  readonly onNewest: (() => void) | undefined
  readonly onCompare: (other: string | undefined) => void
  readonly compared: string | undefined
}

/** PNG of an SVG that carries its own look, drawn by the browser. */
async function rasterised(svg: string): Promise<Uint8Array<ArrayBuffer>> {
  const image = new Image()
  const sized = /width="(\d+)" height="(\d+)"/.exec(svg)
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`
  await image.decode()
  const canvas = document.createElement('canvas')
  // Sharp on dense screens, and within what a canvas may be.
  const scale = Math.min(2, 16_000 / Number(sized?.[2] ?? 1000))
  canvas.width = Number(sized?.[1] ?? 1000) * scale
  canvas.height = Number(sized?.[2] ?? 1000) * scale
  canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height)
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'))
  return new Uint8Array(await blob!.arrayBuffer())
}

function ExportMenu({
  source,
  attemptNumber,
  hasFrames,
}: Pick<ToolbarProps, 'source' | 'attemptNumber' | 'hasFrames'>): ReactElement {
  const version = useStore((one) => one.version)
  const labText = useStore((one) => (one.lab?.exists ? one.lab.text : undefined))
  const base = nameOfSource(source)
    .replace(/\.(pcapng|pcap)$/, '')
    .toLowerCase()
  const stem = attemptNumber === undefined ? base : `${base}-attempt-${attemptNumber}`
  const pcapng = (what: FrameChoice): void =>
    void attempt(t('flows.export'), async () =>
      download(`${what === 'attempt' ? stem : base}.pcapng`, (await ask('export', source, what, attemptNumber)) as Uint8Array<ArrayBuffer>, 'application/x-pcapng')) // prettier-ignore
  const report = (isMasked: boolean, number: number | undefined): void =>
    void attempt(t('flows.report'), async () => {
      // The settings of this lab say nothing about a file from elsewhere.
      const settings = source === live ? labText : undefined
      const html = await ask('report', source, number, {
        title: nameOfSource(source),
        isMasked,
        labText: settings,
        version,
      })
      download(`${number === undefined ? base : stem}.html`, html, 'text/html')
    })
  const picture = (kind: 'svg' | 'png'): void =>
    void attempt(t('flows.export'), async () => {
      const svg = await ask('picture', source, attemptNumber!, 1200)
      if (kind === 'svg') download(`${stem}.svg`, svg, 'image/svg+xml')
      else download(`${stem}.png`, await rasterised(svg), 'image/png')
    })
  const csv = (): void =>
    void attempt(t('flows.export'), async () =>
      download(`${base}.csv`, (await ask('copy', source, 'shown', 'csv')).text, 'text/csv'),
    )
  const hasAttempt = attemptNumber !== undefined
  return (
    <Menu position="bottom-end" shadow="sm">
      <Menu.Target>
        <Button size="compact-xs" variant="default" leftSection={<IconDownload size={13} />} disabled={!hasFrames}>
          {t('flows.export')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t('flows.packets-pcapng')}</Menu.Label>
        <Menu.Item onClick={() => pcapng('all')}>{t('flows.all-packets')}</Menu.Item>
        <Menu.Item onClick={() => pcapng('shown')}>{t('flows.packets-filter-shows')}</Menu.Item>
        <Menu.Item disabled={!hasAttempt} onClick={() => pcapng('attempt')}>
          {t('flows.packets-attempt')}
        </Menu.Item>
        <Menu.Item onClick={() => pcapng('marked')}>{t('flows.marked-packets')}</Menu.Item>
        <Menu.Label>{t('flows.packets-filter-shows-table')}</Menu.Label>
        <Menu.Item onClick={csv}>{t('flows.csv-file')}</Menu.Item>
        <Menu.Item onClick={() => void copyFrames(source, 'shown', 'csv')}>{t('flows.copy-csv')}</Menu.Item>
        <Menu.Label>{t('flows.ladder-attempt')}</Menu.Label>
        <Menu.Item disabled={!hasAttempt} onClick={() => picture('svg')}>
          SVG
        </Menu.Item>
        <Menu.Item disabled={!hasAttempt} onClick={() => picture('png')}>
          PNG
        </Menu.Item>
        <Menu.Label>{t('flows.report-one-html-file')}</Menu.Label>
        <Menu.Item disabled={!hasAttempt} onClick={() => report(false, attemptNumber)}>
          {t('flows.attempt')}
        </Menu.Item>
        <Menu.Item disabled={!hasAttempt} onClick={() => report(true, attemptNumber)}>
          {t('flows.attempt-names-masked')}
        </Menu.Item>
        <Menu.Item onClick={() => report(true, undefined)}>{t('flows.all-attempts-names-masked')}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

function CaptureControl(): ReactElement | null {
  const capture = useStore((one) => one.capture)
  const interfaces = useStore((one) => one.interfaces)
  const [chosen, setChosen] = useState<string | null>(null)
  if (!capture) return null
  const name = chosen ?? interfaces.find((one) => !one.isLoopback)?.name ?? interfaces[0]?.name ?? null
  if (capture.interface !== null)
    return (
      <Group gap={6} wrap="nowrap">
        <Text size="xs" c="var(--lab-bad)" title={t('flows.written', { file: capture.file })}>
          {t('flows.frames', { interface: capture.interface, count: capture.frames })}
        </Text>
        <Button
          size="compact-xs"
          variant="default"
          leftSection={<IconPlayerStop size={13} />}
          onClick={() => void attempt(t('flows.capture'), () => call('capture.stop', {}))}
        >
          {t('flows.stop-capture')}
        </Button>
      </Group>
    )
  return (
    <Group gap={4} wrap="nowrap">
      <Select
        size="xs"
        w={120}
        aria-label={t('flows.interface-capture')}
        data={interfaces.map((one) => one.name)}
        value={name}
        onChange={setChosen}
        allowDeselect={false}
        comboboxProps={{ width: 220 }}
      />
      <Tooltip label={capture.tool ? t('flows.with', { tool: capture.tool }) : capture.remedy} multiline maw={320}>
        <Button
          size="compact-xs"
          variant="default"
          leftSection={<IconPlayerRecord size={13} />}
          disabled={capture.tool === null || name === null}
          onClick={() =>
            void attempt(t('flows.capture'), async () => {
              await call('capture.start', { interface: name! })
              show(startOf(live), false)
            })
          }
        >
          {t('flows.capture')}
        </Button>
      </Tooltip>
    </Group>
  )
}

/** As one text: the map of the sources is another one whenever packets come. */
const useBootsOfSites = (): string[] =>
  useSources((one) => [...one.states.keys()].filter(isOfSite).join('\n'))
    .split('\n')
    .filter((name) => name !== '')

function SourceMenu({ source }: { readonly source: string }): ReactElement {
  const isHub = useStore((one) => one.hub !== undefined)
  const boots = useBootsOfSites()
  const [isOpen, setOpen] = useState(false)
  const { value: saved } = useRead(() => (isOpen ? call('captures.list', {}) : Promise.resolve([])), isOpen)
  const name = isHub && source === live ? t('flows.no-boot') : nameOfSource(source)
  const go = (next: string): void => show(placeIn(next), false)
  return (
    <Menu position="bottom-start" shadow="sm" opened={isOpen} onChange={setOpen}>
      <Menu.Target>
        <Button size="compact-xs" variant="default" aria-label={t('flows.shown', { name })} maw={230}>
          {name} <span aria-hidden="true">&nbsp;▾</span>
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah={420} className="menu-scrolls">
        {!isHub && <Menu.Item onClick={() => go(live)}>{t('flows.live-lab-captures')}</Menu.Item>}
        {boots.length > 0 && <Menu.Label>{t('flows.boots-sites')}</Menu.Label>}
        {boots.map((name) => (
          <Menu.Item key={name} onClick={() => go(name)}>
            {nameOfSource(name)}
          </Menu.Item>
        ))}
        {openFiles().length > 0 && <Menu.Label>{t('flows.opened-window')}</Menu.Label>}
        {openFiles().map((name) => (
          <Menu.Item key={name} onClick={() => go(name)}>
            {nameOfSource(name)}
          </Menu.Item>
        ))}
        {(saved?.length ?? 0) > 0 && <Menu.Label>{t('flows.captures-lab')}</Menu.Label>}
        {saved?.map((one) => (
          <Menu.Item key={one.name} onClick={() => go(`saved:${one.name}`)}>
            {one.name}{' '}
            <Text span size="xs" c="dimmed">
              {tellBytes(one.bytes)}
            </Text>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

async function clearPackets(): Promise<void> {
  show(startOf(live))
  const id = await clearLive()
  offerUndo(t('flows.cleared-live-packets-every-window'), () => call('frames.restore', { id }))
}

async function deleteCapture(name: string): Promise<void> {
  show(startOf(live), false)
  closeSource(`saved:${name}`)
  await call('captures.delete', { name })
  offerUndo(t('flows.deleted', { name }), () => call('captures.restore', { name }))
}

/** Drawn when something of it changes, not whenever packets come. */
export const FlowsToolbar = memo(function FlowsToolbar(props: ToolbarProps): ReactElement {
  const { source, attemptNumber, progress, damage, hasFrames, onNewest, onCompare, compared } = props
  const file = useRef<HTMLInputElement>(null)
  const isHub = useStore((one) => one.hub !== undefined)
  const boots = useBootsOfSites()
  const others = [...(isHub ? boots : [live]), ...openFiles()].filter((name) => name !== source)
  return (
    <div className="toolbar flows-toolbar">
      <SourceMenu source={source} />
      <input
        ref={file}
        type="file"
        accept={captureEndings.join(',')}
        hidden
        aria-label={t('flows.capture-file')}
        onChange={(event) => {
          for (const one of event.currentTarget.files ?? []) openFile(one)
          event.currentTarget.value = ''
        }}
      />
      <Button
        size="compact-xs"
        variant="default"
        leftSection={<IconFolderOpen size={13} />}
        onClick={() => (hasShell ? openCapture() : file.current?.click())}
      >
        {t('flows.open')}
      </Button>
      <CaptureControl />
      {progress && (
        <Group gap={6} wrap="nowrap" role="status">
          <Progress
            value={(progress.read / Math.max(1, progress.total)) * 100}
            w={90}
            aria-label={t('flows.reading')}
          />
          <Text size="xs">
            {t('flows.read-of', { read: tellBytes(progress.read), total: tellBytes(progress.total) })}
          </Text>
          <Button size="compact-xs" variant="default" onClick={() => void ask('cancel', source)}>
            {t('common.cancel')}
          </Button>
        </Group>
      )}
      {/* Without a packet the page itself says why. */}
      {damage !== undefined && hasFrames && (
        <Tooltip label={damage} multiline maw={360}>
          <Text size="xs" c="var(--lab-bad)" role="note" truncate>
            ✗ {damage}
          </Text>
        </Tooltip>
      )}
      <span className="toolbar-space" />
      {onNewest && (
        <Button size="compact-xs" variant="light" onClick={onNewest}>
          {t('flows.follow-newest-boot')}
        </Button>
      )}
      {source === live && !isHub && (
        <Button
          size="compact-xs"
          variant="subtle"
          disabled={!hasFrames}
          onClick={() => void attempt(t('flows.clear'), clearPackets)}
        >
          {t('flows.clear')}
        </Button>
      )}
      {source.startsWith('saved:') && (
        <Button
          size="compact-xs"
          variant="subtle"
          color="red"
          onClick={() => void attempt(t('flows.capture'), () => deleteCapture(source.slice('saved:'.length)))}
        >
          {t('flows.delete')}
        </Button>
      )}
      {isFile(source) && (
        <Button
          size="compact-xs"
          variant="subtle"
          onClick={() => {
            closeSource(source)
            show(placeIn(live))
          }}
        >
          {t('common.close')}
        </Button>
      )}
      <Menu position="bottom-end" shadow="sm">
        <Menu.Target>
          <Button
            size="compact-xs"
            variant={compared === undefined ? 'default' : 'light'}
            disabled={attemptNumber === undefined}
          >
            {t('flows.compare')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>{t('flows.same-boot-captured-another-place')}</Menu.Label>
          {others.map((name) => (
            <Menu.Item key={name} onClick={() => onCompare(name)}>
              {nameOfSource(name)}
            </Menu.Item>
          ))}
          {others.length < (isHub ? 1 : 2) && <Menu.Item disabled>{t('flows.open-other-capture-first')}</Menu.Item>}
          {compared !== undefined && (
            <Menu.Item onClick={() => onCompare(undefined)}>{t('flows.back-ladder')}</Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      <ExportMenu source={source} attemptNumber={attemptNumber} hasFrames={hasFrames} />
    </div>
  )
})
