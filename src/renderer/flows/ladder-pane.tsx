import { t } from '#messages/text.ts'
import { ActionIcon, Button, Group, Switch, Text, Tooltip } from '@mantine/core'
import { IconPrinter, IconZoomIn, IconZoomOut } from '@tabler/icons-react'
import type { ReactElement, ReactNode } from 'react'
import { attempt as tried } from '../store.ts'
import type { ExplainedAttempt } from './answers.ts'
import { ask } from './client.ts'
import { LadderView } from './ladder-view.tsx'
import type { FilterChange } from './packet-menu.tsx'
import { prefer, usePreferences } from './preferences.ts'
import { printPicture } from './print-picture.ts'
import { usePacketMenu } from './use-packet-menu.tsx'

const zooms = [0.6, 0.75, 0.9, 1, 1.15, 1.3, 1.5, 2, 3]
/** In pixels: a page of paper on its side. */
const paperWidth = 1100

const nextZoom = (zoom: number, step: 1 | -1): number => {
  const at = zooms.findIndex((one) => one >= zoom)
  return zooms[Math.max(0, Math.min(zooms.length - 1, at + step))]!
}

function LadderTools({
  explained,
  unfolded,
  onFoldAll,
  views,
}: Omit<LadderPaneProps, 'frame' | 'onFrame' | 'onFilter' | 'onFold'>): ReactElement {
  const spacing = usePreferences((one) => one.spacing)
  const zoom = usePreferences((one) => one.zoom)
  const print = (): void =>
    void tried(t('flows.print'), async () =>
      printPicture(
        await ask('picture', explained.source, explained.number, paperWidth),
        explained.explanation.headline,
      ),
    )
  return (
    <div className="ladder-tools">
      {views}
      <Tooltip label={t('flows.evenly-spaced-e-scale-time')}>
        <Switch
          size="xs"
          label={t('flows.scale')}
          checked={spacing === 'scale'}
          onChange={(event) => prefer({ spacing: event.currentTarget.checked ? 'scale' : 'even' })}
        />
      </Tooltip>
      <Group gap={2} wrap="nowrap">
        <ActionIcon
          size="sm"
          variant="subtle"
          color="gray"
          aria-label={t('flows.zoom-out')}
          disabled={zoom <= zooms[0]!}
          onClick={() => prefer({ zoom: nextZoom(zoom, -1) })}
        >
          <IconZoomOut size={15} />
        </ActionIcon>
        <Button
          size="compact-xs"
          variant="subtle"
          color="gray"
          aria-label={t('flows.zoom-reset', { percent: Math.round(zoom * 100) })}
          onClick={() => prefer({ zoom: 1 })}
        >
          {Math.round(zoom * 100)} %
        </Button>
        <ActionIcon
          size="sm"
          variant="subtle"
          color="gray"
          aria-label={t('flows.zoom')}
          disabled={zoom >= zooms.at(-1)!}
          onClick={() => prefer({ zoom: nextZoom(zoom, 1) })}
        >
          <IconZoomIn size={15} />
        </ActionIcon>
      </Group>
      <ActionIcon size="sm" variant="subtle" color="gray" aria-label={t('flows.print-ladder')} onClick={print}>
        <IconPrinter size={15} />
      </ActionIcon>
      {unfolded.length > 0 ? (
        <Button size="compact-xs" variant="default" onClick={onFoldAll}>
          {t('flows.fold-all-files')}
        </Button>
      ) : (
        <Text size="xs" c="dimmed" truncate>
          {t('flows.bars-files-click-one-see')}
        </Text>
      )}
    </div>
  )
}

interface LadderPaneProps {
  readonly explained: ExplainedAttempt
  readonly frame: number | undefined
  readonly onFrame: (frame: number) => void
  readonly onFilter: FilterChange
  readonly unfolded: readonly number[]
  readonly onFold: (transfer: number) => void
  readonly onFoldAll: () => void
  /** What changes between the ladder and what stands in its place. */
  readonly views?: ReactNode
}

/** The ladder of a boot with what changes its look. */
export function LadderPane(props: LadderPaneProps): ReactElement {
  const { explained, frame, onFrame, onFilter, onFold } = props
  const { source } = explained
  const { open, menu } = usePacketMenu(source, onFilter)
  return (
    <div className="flow-pane">
      <LadderTools {...props} />
      <LadderView
        explained={explained}
        frame={frame}
        onFrame={onFrame}
        onFold={onFold}
        onMenu={(event, one, element) => {
          event.preventDefault()
          void ask('row', source, one).then((row) => row && open(event, row, 'number', element))
        }}
      />
      {menu}
    </div>
  )
}
