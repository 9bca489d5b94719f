import { Anchor, Button, Text } from '@mantine/core'
import { IconZoomQuestion } from '@tabler/icons-react'
import { useState, type ReactElement } from 'react'
import { formatDateTime, formatDuration } from '#shared/wire/time.ts'
import { WithCodes } from '../ask/with-codes.tsx'
import { askItem, nothingAsked } from '../ask/place.ts'
import { addressOf } from '../route.ts'
import type { ExplainedAttempt } from './answers.ts'
import { outcomes } from './outcome.tsx'
import { FrameLinks } from './sentences.tsx'

/** Pieces of evidence that stand beside a verdict; every sentence stands below. */
const mostEvidence = 3

interface VerdictProps {
  readonly explained: ExplainedAttempt
  readonly frame: number | undefined
  readonly onFrame: (frame: number) => void
}

interface FactProps {
  readonly title: string
  readonly texts: readonly string[]
}

/** The first of several texts, the others on demand: what is likeliest stands first. */
function Fact({ title, texts }: FactProps): ReactElement | null {
  const [isWhole, setWhole] = useState(false)
  if (texts.length === 0) return null
  const shown = isWhole ? texts : texts.slice(0, 1)
  return (
    <>
      <dt>{title}</dt>
      <dd>
        {shown.length === 1 ? (
          shown[0]
        ) : (
          <ol>
            {shown.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ol>
        )}
        {texts.length > 1 && (
          <Anchor
            component="button"
            type="button"
            size="xs"
            className="verdict-more"
            aria-expanded={isWhole}
            onClick={() => setWhole(!isWhole)}
          >
            {isWhole ? 'Show the likeliest only' : `${texts.length - 1} more`}
          </Anchor>
        )}
      </dd>
    </>
  )
}

function Evidence({ explained, frame, onFrame }: VerdictProps): ReactElement | null {
  const { sentences } = explained.explanation
  const told = sentences
    .filter(({ tone, frames }) => (tone === 'bad' || tone === 'warning') && frames.some((one) => one > 0))
    .slice(0, mostEvidence)
  if (told.length === 0) return null
  return (
    <>
      <dt>Evidence</dt>
      <dd>
        <ul className="verdict-evidence">
          {told.map((one) => (
            <li key={one.text} title={one.text}>
              <FrameLinks frames={one.frames} frame={frame} onFrame={onFrame} /> <WithCodes text={one.text} />
            </li>
          ))}
        </ul>
      </dd>
    </>
  )
}

/** What happened in one clause, why, what to do, and the packets that show it: the first thing somebody reads. */
export function Verdict(props: VerdictProps): ReactElement {
  const { explained } = props
  const { explanation, machine, name, ordinal, began, milliseconds, evidence } = explained
  const { outcome, headline, firmware, causes, fixes, tells, code } = explanation
  const { mark, tone } = outcomes[outcome]
  const isFailed = outcome === 'failed'
  return (
    <div className="boot-verdict" data-outcome={outcome}>
      <div className="verdict-head">
        <h1 data-tone={tone}>
          <span aria-hidden="true">{mark} </span>
          <WithCodes text={headline} />
        </h1>
        <Text size="xs" c="dimmed" className="verdict-who">
          {name === '' ? '' : `${name}, `}
          <span className="mono">{machine}</span>, attempt {ordinal}
          {firmware && outcome !== 'check' ? (
            <span title={`Told by ${firmware.evidence}`}> · {firmware.name}</span>
          ) : (
            ''
          )}
          <span title={formatDateTime(began)}> · {formatDuration(milliseconds)}</span>
        </Text>
        {isFailed && (
          <Button
            component="a"
            size="compact-xs"
            variant="light"
            ml="auto"
            leftSection={<IconZoomQuestion size={14} />}
            href={addressOf('doctor', askItem({ ...nothingAsked, seen: evidence }))}
          >
            Find the cause
          </Button>
        )}
      </div>
      <dl className="verdict-facts">
        {isFailed && code && (
          <>
            <dt>Code</dt>
            <dd>
              <Anchor
                size="sm"
                className="mono"
                href={addressOf('doctor', askItem({ ...nothingAsked, code: code.code }))}
              >
                {code.code}
              </Anchor>{' '}
              {code.meaning}
              {code.elsewhere === undefined ? '' : ` (elsewhere: ${code.elsewhere})`}
            </dd>
          </>
        )}
        <Fact key={`cause ${explained.number}`} title="Likely cause" texts={causes} />
        {isFailed && <Fact key={`fix ${explained.number}`} title="Fix" texts={fixes} />}
        <Fact key={`tell ${explained.number}`} title="To find out" texts={tells} />
        <Evidence {...props} />
      </dl>
    </div>
  )
}
