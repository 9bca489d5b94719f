import { t, textOf } from '#messages/text.ts'
import { ActionIcon, Text, Title } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import type { ReactElement } from 'react'
import type { Evidence, Remaining } from '#shared/diagnosis/inverse/dialogue.ts'
import { percent } from '#shared/diagnosis/inverse/report.ts'

/** Everything that is known, each with the way to take it back. */
export function Known({
  evidence,
  onTakeBack,
}: {
  readonly evidence: readonly Evidence[]
  readonly onTakeBack: (one: Evidence) => void
}): ReactElement {
  return (
    <section aria-label={t('ask.known')}>
      <Title order={3}>{t('ask.known')}</Title>
      <ul className="ask-known">
        {evidence.map((one) => (
          <li key={`${one.source} ${one.id}`}>
            <span>
              {textOf(one.says)}
              {one.source === 'assumed' && <span className="ask-leaves"> {t('ask.assumed')}</span>}
            </span>
            {one.source !== 'assumed' && (
              <ActionIcon
                size="sm"
                variant="subtle"
                color="gray"
                aria-label={t('ask.take-back-2', { says: one.says })}
                title={t('ask.take-back')}
                onClick={() => onTakeBack(one)}
              >
                <IconX size={14} />
              </ActionIcon>
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}

/** The causes that fit, the most common first. */
export function Causes({
  causes,
  selected,
  onSelect,
}: {
  readonly causes: readonly Remaining[]
  readonly selected: Remaining | undefined
  readonly onSelect: (one: Remaining) => void
}): ReactElement {
  return (
    <section aria-label={t('ask.causes-fit')}>
      <Title order={3}>{t('ask.causes-fit-count', { count: causes.length })}</Title>
      <Text size="xs" c="dimmed">
        {t('ask.share-how-common-set-ups')}
      </Text>
      <div className="ask-causes">
        {causes.map((one, index) => (
          <button
            key={`${textOf(one.cause.title)} ${index}`}
            type="button"
            className="ask-cause"
            aria-pressed={one === selected}
            onClick={() => onSelect(one)}
          >
            <span className="ask-share">{percent(one.share)}</span>
            <span>{textOf(one.cause.title)}</span>
            <meter className="ask-bar" min={0} max={1} value={one.share} aria-hidden="true" />
          </button>
        ))}
      </div>
    </section>
  )
}
