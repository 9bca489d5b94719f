import { ActionIcon, Alert, Button, Text, Title } from '@mantine/core'
import { IconChevronLeft, IconChevronRight, IconNotes, IconX } from '@tabler/icons-react'
import { useEffect, useRef, useState, type ReactElement, type ReactNode } from 'react'
import { createPortal } from 'react-dom'
import { t, textOf } from '#messages/text.ts'
import { tellNumber } from '#shared/contract/amounts.ts'
import type { Scenario } from '#shared/simulation/scenario.ts'
import type { Step, Story } from '#shared/simulation/story.ts'
import { NotesView } from './notes-view.tsx'
import { useNotesWindow } from './notes-window.ts'
import { usePlaybackKeys, type Playback } from './playback.ts'
import { ScreenView } from './screen-view.tsx'

interface PresenterProps {
  readonly scenario: Scenario
  readonly story: Story
  readonly steps: readonly Step[]
  readonly playback: Playback
  readonly client: string
  readonly ladder: ReactNode
  readonly network: ReactNode
  /** What is to be said of the step beside its sentence. */
  readonly remarks: readonly string[]
  readonly onClose: () => void
}

/** For the front of a class: one sentence a step in large type, the ladder, the network and the client's screen side by side. */
export function Presenter(props: PresenterProps): ReactElement {
  const { scenario, story, steps, playback, client, ladder, network, remarks, onClose } = props
  const { title } = scenario
  const step = steps[playback.index]
  const box = useRef<HTMLDivElement>(null)
  const [beganMs] = useState(() => performance.now())
  const { notes, isRefused, open } = useNotesWindow(t('simulator.notes-for', { title }))
  useEffect(() => box.current?.focus(), [])
  // The keys do the same in both windows.
  usePlaybackKeys(playback, steps, true, onClose, notes)
  return (
    <div className="presenter" role="dialog" aria-label={t('simulator.present', { title })} ref={box} tabIndex={-1}>
      <header>
        <Title order={1}>{title}</Title>
        <Text c="dimmed">
          {playback.index + 1} / {steps.length} · {tellNumber((step?.until ?? 0) / 1000, 2)} s
        </Text>
        <Button variant="default" size="compact-sm" leftSection={<IconNotes size={15} />} onClick={open}>
          {t('simulator.notes')}
        </Button>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t('simulator.leave')} onClick={onClose}>
          <IconX />
        </ActionIcon>
      </header>
      {isRefused && (
        <Alert role="alert" color="yellow" variant="light" mx="lg" mb="xs" title={t('simulator.notes-refused')}>
          {t('simulator.notes-refused-remedy')}
        </Alert>
      )}
      <div className="presenter-body">
        <div className="presenter-ladder">{ladder}</div>
        <div className="presenter-network">{network}</div>
        <section aria-label={t('simulator.screen')}>
          <Text fw={600}>{story.names[client] ?? client}</Text>
          <ScreenView story={story} client={client} now={step?.until ?? 0} isLarge />
        </section>
      </div>
      <footer data-tone={step?.tone}>
        <ActionIcon
          variant="default"
          size="xl"
          aria-label={t('simulator.previous')}
          onClick={() => playback.to(playback.index - 1)}
        >
          <IconChevronLeft />
        </ActionIcon>
        <p role="status">{textOf(step?.sentence) ?? t('simulator.notes-ready')}</p>
        <ActionIcon
          variant="default"
          size="xl"
          aria-label={t('simulator.next')}
          onClick={() => playback.to(playback.index + 1)}
        >
          <IconChevronRight />
        </ActionIcon>
      </footer>
      {notes &&
        createPortal(
          <NotesView
            view={notes}
            beganMs={beganMs}
            scenario={scenario}
            steps={steps}
            playback={playback}
            remarks={remarks}
          />,
          notes.document.body,
        )}
    </div>
  )
}
