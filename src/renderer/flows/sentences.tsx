import { t } from '#messages/text.ts'
import { Badge } from '@mantine/core'
import type { ReactElement } from 'react'
import type { Tone } from '#shared/trace/ladder.ts'
import { codesIn, WithCodes } from '../ask/with-codes.tsx'
import type { ExplainedAttempt } from './answers.ts'

const marks: Readonly<Record<Tone, string>> = { good: '✓', plain: '·', benign: '~', warning: '!', bad: '✗' }

interface FrameLinksProps {
  readonly frames: readonly number[]
  readonly frame: number | undefined
  readonly onFrame: (frame: number) => void
}

/** The packets that show something, each a link. */
export function FrameLinks({ frames, frame, onFrame }: FrameLinksProps): ReactElement {
  const kept = frames.filter((id) => id > 0)
  return (
    <span className="frame-links">
      {kept.slice(0, 6).map((id) => (
        <button
          key={id}
          type="button"
          aria-label={t('flows.packet-2', { number: id })}
          aria-current={id === frame ? 'true' : undefined}
          onClick={() => onFrame(id)}
        >
          #{id}
        </button>
      ))}
      {kept.length > 6 ? '…' : ''}
    </span>
  )
}

interface SentencesProps {
  readonly explained: ExplainedAttempt
  readonly frame: number | undefined
  readonly onFrame: (frame: number) => void
}

/** What happened, in sentences that lead to their packets. */
export function Sentences({ explained, frame, onFrame }: SentencesProps): ReactElement {
  const { sentences, screen } = explained.explanation
  return (
    <div className="story">
      <ol className="story-list">
        {sentences.map((one) => {
          const frames = one.frames.filter((id) => id > 0)
          return (
            <li key={one.text}>
              <button
                type="button"
                className="sentence"
                data-tone={one.tone}
                aria-current={frame !== undefined && frames.includes(frame) ? 'true' : undefined}
                disabled={frames.length === 0}
                onClick={() => {
                  // Clicking again goes on to the next of its packets.
                  const here = frame === undefined ? -1 : frames.indexOf(frame)
                  onFrame(frames[(here + 1) % frames.length]!)
                }}
              >
                <span aria-hidden="true">{marks[one.tone]} </span>
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
              {/* A row that is a button holds no links: they stand behind it. */}
              {codesIn(one.text).map((code) => (
                <span key={code} className="sentence-code">
                  <WithCodes text={code} />
                </span>
              ))}
            </li>
          )
        })}
      </ol>
      {screen.length > 0 && (
        <pre className="screen" aria-label={t('flows.screen-shows')}>
          {screen.join('\n')}
          <Badge size="xs" variant="default" ml={8} component="span" title={t('flows.put-together-packets-tell')}>
            {t('flows.reconstructed')}
          </Badge>
        </pre>
      )}
    </div>
  )
}
