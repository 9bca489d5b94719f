import { t } from '#messages/text.ts'
import { Text } from '@mantine/core'
import type { ReactElement } from 'react'
import type { LogLine } from '#shared/simulation/simulation.ts'
import type { Story } from '#shared/simulation/story.ts'

interface LogViewProps {
  readonly log: readonly LogLine[]
  /** Milliseconds of simulated time. */
  readonly now: number
  /** What people call the hosts. */
  readonly names: Story['names']
  /** Only this host's lines, where it is one. */
  readonly host: string | undefined
}

const most = 200

/** What the services would have written into their logs so far. */
export function LogView({ log, now, names, host }: LogViewProps): ReactElement {
  const happened = log.filter((one) => one.at <= now + 0.001)
  const own = happened.filter((one) => one.host === host)
  const shown = (own.length > 0 ? own : happened).slice(-most)
  return (
    <section aria-label={t('simulator.logs')}>
      <Text size="xs" c="dimmed">
        {own.length > 0 ? t('simulator.logs-of', { server: names[host!] ?? host }) : t('simulator.logs-all-servers')}
      </Text>
      <div className="sim-log mono">
        {shown.length === 0 && <Text size="xs">{t('simulator.nothing-yet')}</Text>}
        {shown.map((line, index) => (
          <div key={index} data-tone={line.tone}>
            <span>{(line.at / 1000).toFixed(3)}</span>
            <span>
              {names[line.host] ?? line.host}, {line.service}
            </span>
            <span>{line.text}</span>
          </div>
        ))}
      </div>
    </section>
  )
}
