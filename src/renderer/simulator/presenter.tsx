import { ActionIcon, Text, Title } from '@mantine/core'
import { IconChevronLeft, IconChevronRight, IconX } from '@tabler/icons-react'
import { useEffect, useRef, type ReactElement, type ReactNode } from 'react'
import type { Step, Story } from '#shared/simulation/story.ts'
import type { Playback } from './playback.ts'
import { ScreenView } from './screen-view.tsx'

interface PresenterProps {
  readonly title: string
  readonly story: Story
  readonly steps: readonly Step[]
  readonly playback: Playback
  readonly client: string
  readonly ladder: ReactNode
  readonly onClose: () => void
}

/** For the front of a class: one sentence a step in large type, the ladder and the client's screen side by side. */
export function Presenter({ title, story, steps, playback, client, ladder, onClose }: PresenterProps): ReactElement {
  const step = steps[playback.index]
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => box.current?.focus(), [])
  return (
    <div className="presenter" role="dialog" aria-label={`Presenting ${title}`} ref={box} tabIndex={-1}>
      <header>
        <Title order={1}>{title}</Title>
        <Text c="dimmed">
          {playback.index + 1} of {steps.length} · {((step?.until ?? 0) / 1000).toFixed(2)} s
        </Text>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label="Leave (Escape)" onClick={onClose}>
          <IconX />
        </ActionIcon>
      </header>
      <div className="presenter-body">
        <section aria-label="Ladder">{ladder}</section>
        <section aria-label="Screen">
          <Text fw={600}>{story.names[client] ?? client}</Text>
          <ScreenView story={story} client={client} now={step?.until ?? 0} isLarge />
        </section>
      </div>
      <footer data-tone={step?.tone}>
        <ActionIcon
          variant="default"
          size="xl"
          aria-label="Previous step"
          onClick={() => playback.to(playback.index - 1)}
        >
          <IconChevronLeft />
        </ActionIcon>
        <p role="status">{step?.sentence ?? 'The network is ready, and the machine is switched on.'}</p>
        <ActionIcon variant="default" size="xl" aria-label="Next step" onClick={() => playback.to(playback.index + 1)}>
          <IconChevronRight />
        </ActionIcon>
      </footer>
    </div>
  )
}
