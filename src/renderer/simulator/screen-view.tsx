import { t } from '#messages/text.ts'
import { useEffect, useMemo, useRef, type ReactElement } from 'react'
import { Screen } from '#shared/simulation/simulation.ts'
import type { Story } from '#shared/simulation/story.ts'

interface ScreenViewProps {
  readonly story: Story
  readonly client: string
  /** Milliseconds of simulated time. */
  readonly now: number
  readonly isLarge?: boolean
}

const looks: Readonly<Record<string, string>> = { bios: 'bios', ipxe: 'bios', edk2: 'uefi', 'edk2-http': 'uefi' }

/** What the person in front of that machine reads, in the manner of its firmware. */
export function ScreenView({ story, client, now, isLarge = false }: ScreenViewProps): ReactElement {
  const box = useRef<HTMLPreElement>(null)
  const moments = story.screens[client] ?? []
  const shown = moments.filter((one) => one.at <= now + 0.001).length
  const text = useMemo(() => {
    const screen = new Screen()
    for (const moment of moments.slice(0, shown)) screen.print(moment.text)
    return screen.lines.join('\n')
  }, [moments, shown])
  const isWindows = /^Windows (Boot Manager|is loading)|^Starting Windows/.test(text)
  useEffect(() => {
    if (box.current) box.current.scrollTop = box.current.scrollHeight
  }, [text])
  return (
    <pre
      ref={box}
      className="client-screen"
      data-look={isWindows ? 'windows' : (looks[story.families[client] ?? ''] ?? 'bios')}
      data-large={isLarge || undefined}
      aria-label={t('simulator.screen-of', { machine: story.names[client] ?? client })}
      tabIndex={0}
    >
      {text}
      <span className="cursor">_</span>
    </pre>
  )
}
