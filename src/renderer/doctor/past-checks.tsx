import { t, textOf } from '#messages/text.ts'
import { Text, Title } from '@mantine/core'
import type { ReactElement } from 'react'
import { formatDateTime } from '#shared/contract/format.ts'
import { changedLines, hadServices } from '#shared/diagnosis/history.ts'
import type { PastCheck } from '#shared/lab/facts.ts'
import { WithCodes } from '../ask/with-codes.tsx'
import { bad, good, Mark, unknown } from './mark.tsx'

const marks = { healthy: good, findings: bad, unknown } as const
const shownChecks = 20

const isEarned = (check: PastCheck): boolean => check.health !== 'healthy' || hadServices(check)

/** Past checks of this machine, the newest first, each with what changed since the one before. */
export function PastChecks({ checks }: { readonly checks: readonly PastCheck[] }): ReactElement | null {
  if (checks.length === 0) return null
  return (
    <section className="section" aria-label={t('doctor-page.past-checks')}>
      <Title order={2} mb={4}>
        {t('doctor-page.past-checks')}
      </Title>
      {checks
        .map((check, index) => ({ check, changed: changedLines(checks[index - 1], check) }))
        .toReversed()
        .slice(0, shownChecks)
        .map(({ check, changed: { came, went } }) => (
          <div key={check.at} className="line">
            <Mark {...marks[isEarned(check) ? check.health : 'unknown']} />
            <WithCodes text={check.verdict} />{' '}
            <Text span size="xs" c="dimmed">
              {formatDateTime(Date.parse(check.at))}
              {check.until !== check.at && t('doctor-page.still-so', { when: formatDateTime(Date.parse(check.until)) })}
            </Text>
            {[
              ...went.map((line) => ['−', textOf(line)] as const),
              ...came.map((line) => ['+', textOf(line)] as const),
            ].map(([sign, line]) => (
              <Text key={`${sign}${line}`} size="xs" ml={18}>
                {sign} {line}
              </Text>
            ))}
          </div>
        ))}
    </section>
  )
}
