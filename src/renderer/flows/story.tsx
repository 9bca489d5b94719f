import { Badge, Button, Text } from '@mantine/core'
import { IconZoomQuestion } from '@tabler/icons-react'
import type { ReactElement } from 'react'
import type { Outcome } from '#shared/diagnosis/explain/explanation.ts'
import type { Tone } from '#shared/trace/ladder.ts'
import { askItem, nothingAsked } from '../ask/place.ts'
import { addressOf } from '../route.ts'
import type { ExplainedAttempt } from './engine.ts'

export const outcomeMarks: Readonly<
  Record<Outcome, { readonly mark: string; readonly colour: string; readonly word: string }>
> = {
  started: { mark: '✓', colour: 'var(--lab-good)', word: 'booted' },
  loaded: { mark: '✓', colour: 'var(--lab-good)', word: 'loaded' },
  address: { mark: '·', colour: 'var(--lab-quiet)', word: 'address' },
  idle: { mark: '·', colour: 'var(--lab-quiet)', word: 'no boot' },
  unknown: { mark: '?', colour: 'var(--lab-wait)', word: 'not told' },
  waiting: { mark: '…', colour: 'var(--lab-wait)', word: 'waiting' },
  failed: { mark: '✗', colour: 'var(--lab-bad)', word: 'failed' },
  check: { mark: '?', colour: 'var(--lab-quiet)', word: 'check' },
}

const toneMarks: Readonly<Record<Tone, { readonly mark: string; readonly colour: string | undefined }>> = {
  good: { mark: '✓', colour: 'var(--lab-good)' },
  plain: { mark: '·', colour: undefined },
  benign: { mark: '~', colour: 'var(--lab-quiet)' },
  warning: { mark: '!', colour: 'var(--lab-wait)' },
  bad: { mark: '✗', colour: 'var(--lab-bad)' },
}

interface StoryProps {
  readonly explained: ExplainedAttempt
  readonly frame: number | undefined
  readonly onFrame: (frame: number) => void
}

function Hints({ title, texts }: { readonly title: string; readonly texts: readonly string[] }): ReactElement | null {
  if (texts.length === 0) return null
  return (
    <div className="story-hints">
      <Text size="xs" fw={600} c="dimmed" component="h3" m={0}>
        {title}
      </Text>
      <ul>
        {texts.map((text) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
    </div>
  )
}

/** What happened, in sentences that lead to their packets. */
export function Story({ explained, frame, onFrame }: StoryProps): ReactElement {
  const { explanation, evidence, machine, turn } = explained
  const { outcome, headline, sentences, firmware, causes, tells, screen } = explanation
  return (
    <section className="story" aria-label="What happened">
      <div className="story-head">
        <Text fw={650} size="md" c={outcomeMarks[outcome].colour} component="h2" m={0}>
          {outcomeMarks[outcome].mark} {headline}
        </Text>
        <Text size="xs" c="dimmed">
          <span className="mono">{machine}</span>, attempt {turn}
          {firmware && outcome !== 'check' ? (
            <span title={`Told by ${firmware.evidence}`}> · {firmware.name}</span>
          ) : (
            ''
          )}
        </Text>
      </div>
      <Hints title="Likely causes" texts={causes} />
      <Hints title="What would tell them apart" texts={tells} />
      {outcome === 'failed' && (
        <Button
          component="a"
          size="compact-xs"
          variant="light"
          mb={6}
          leftSection={<IconZoomQuestion size={14} />}
          href={addressOf('doctor', askItem({ ...nothingAsked, seen: evidence }))}
        >
          Find the cause
        </Button>
      )}
      <ol className="story-list">
        {sentences.map((one) => {
          const frames = one.frames.filter((id) => id > 0)
          const { mark, colour } = toneMarks[one.tone]
          return (
            <li key={one.text}>
              <button
                type="button"
                className="sentence"
                style={colour === undefined ? undefined : { color: colour }}
                aria-current={frame !== undefined && frames.includes(frame) ? 'true' : undefined}
                disabled={frames.length === 0}
                onClick={() => {
                  // Clicking again goes on to the next of its packets.
                  const here = frame === undefined ? -1 : frames.indexOf(frame)
                  onFrame(frames[(here + 1) % frames.length]!)
                }}
              >
                <span aria-hidden="true">{mark} </span>
                {one.text}
                {frames.length > 0 && (
                  <span className="sentence-frames">
                    {' '}
                    {frames
                      .slice(0, 6)
                      .map((id) => `#${id}`)
                      .join(' ')}
                    {frames.length > 6 ? ' …' : ''}
                  </span>
                )}
              </button>
            </li>
          )
        })}
      </ol>
      {screen.length > 0 && (
        <pre className="screen" aria-label="What the screen shows">
          {screen.join('\n')}
          <Badge size="xs" variant="default" ml={8} component="span" title="Put together from what the packets tell">
            reconstructed
          </Badge>
        </pre>
      )}
    </section>
  )
}
