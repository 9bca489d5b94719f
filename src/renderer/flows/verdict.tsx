import { say } from '#messages/message.ts'
import { t } from '#messages/text.ts'
import { Anchor, Button, Text } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { IconZoomQuestion } from '@tabler/icons-react'
import { useState, type ReactElement } from 'react'
import { tellDuration } from '#shared/contract/amounts.ts'
import { formatDateTime } from '#shared/wire/time.ts'
import { WithCodes } from '../ask/with-codes.tsx'
import { askItem, nothingAsked } from '../ask/place.ts'
import { addressOf } from '../route.ts'
import type { ExplainedAttempt } from './answers.ts'
import { outcomes } from './outcome.tsx'
import { FrameLinks } from './sentences.tsx'
import { Rich } from '../parts/rich.tsx'

/** Pieces of evidence that stand beside a verdict; every sentence stands below. */
const mostEvidence = 3

/** A window in which the whole verdict leaves no room for the ladder: also a usual one at 200 % zoom. */
const shortWindow = '(max-height: 620px)'

interface VerdictProps {
  readonly explained: ExplainedAttempt
  readonly frame: number | undefined
  readonly onFrame: (frame: number) => void
}

interface FactProps {
  readonly title: string
  readonly texts: readonly string[]
  /** One line of the likeliest, and nothing to open. */
  readonly isBrief: boolean
}

/** The first of several texts, the others on demand: what is likeliest stands first. */
function Fact({ title, texts, isBrief }: FactProps): ReactElement | null {
  const [isWhole, setWhole] = useState(false)
  if (texts.length === 0) return null
  if (isBrief)
    return (
      <>
        <dt>{title}</dt>
        <dd className="verdict-fact-line" title={texts[0]}>
          {texts[0]}
        </dd>
      </>
    )
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
            {isWhole ? t('flows.show-likeliest-only') : t('flows.more', { count: texts.length - 1 })}
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
      <dt>{t('flows.evidence')}</dt>
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
  const isShort = useMediaQuery(shortWindow, false, { getInitialValueInEffect: false })
  const [isWhole, setWhole] = useState(false)
  const isBrief = isShort && !isWhole
  const hasMore = isShort && (isFailed || causes.length + tells.length > 0)
  return (
    <div className="boot-verdict" data-outcome={outcome} data-brief={isBrief || undefined}>
      <div className="verdict-head">
        <h1 data-tone={tone} title={isBrief ? headline : undefined}>
          <span aria-hidden="true">{mark} </span>
          <WithCodes text={headline} />
        </h1>
        <Text size="xs" c="dimmed" className="verdict-who">
          <Rich
            message={
              name === ''
                ? say('flows.machine-attempt', { machine, attempt: ordinal })
                : say('flows.named-machine-attempt', { name, machine, attempt: ordinal })
            }
            tags={{ machine: (text) => <span className="mono">{text}</span> }}
          />
          {firmware && outcome !== 'check' ? (
            <span title={t('flows.told-by', { evidence: firmware.evidence })}> · {firmware.name}</span>
          ) : (
            ''
          )}
          <span title={formatDateTime(began)}> · {tellDuration(milliseconds)}</span>
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
            {t('flows.find-cause')}
          </Button>
        )}
        {hasMore && (
          <Button
            size="compact-xs"
            variant="subtle"
            ml={isFailed ? 0 : 'auto'}
            aria-expanded={isWhole}
            onClick={() => setWhole(!isWhole)}
          >
            {isWhole ? t('flows.less') : t('flows.more-2')}
          </Button>
        )}
      </div>
      <dl className="verdict-facts">
        {isFailed && code && !isBrief && (
          <>
            <dt>{t('flows.code')}</dt>
            <dd>
              <Anchor
                size="sm"
                className="mono"
                href={addressOf('doctor', askItem({ ...nothingAsked, code: code.code }))}
              >
                {code.code}
              </Anchor>{' '}
              {code.meaning}
              {code.elsewhere === undefined ? '' : ` ${t('flows.elsewhere', { meaning: code.elsewhere })}`}
            </dd>
          </>
        )}
        <Fact key={`cause ${explained.number}`} title={t('flows.likely-cause')} texts={causes} isBrief={isBrief} />
        {isFailed && <Fact key={`fix ${explained.number}`} title={t('flows.fix')} texts={fixes} isBrief={isBrief} />}
        {!isBrief && (
          <>
            <Fact key={`tell ${explained.number}`} title={t('flows.find-out')} texts={tells} isBrief={false} />
            <Evidence {...props} />
          </>
        )}
      </dl>
    </div>
  )
}
