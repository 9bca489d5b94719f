import { Tooltip, UnstyledButton } from '@mantine/core'
import type { ReactElement } from 'react'
import { t } from '#messages/text.ts'
import type { Problem } from '#shared/contract/calls.ts'
import { addressOf } from '../route.ts'
import { useStore } from '../store.ts'
import { showSheet } from './sheets.ts'

/** Problems that the hint lists; the page has them all. */
const mostTold = 8

/** Where a problem is told of: the machine whose boot failed, or the lab. */
const placeOf = (problem: Problem | undefined): string =>
  problem?.about.includes(':') ? addressOf('clients', problem.about) : addressOf('lab')

export function BottomLine(): ReactElement {
  const counters = useStore((one) => one.counters)
  const problems = useStore((one) => one.problems)
  const isConnected = useStore((one) => one.connection === 'connected')
  const hub = useStore((one) => one.hub)
  const version = useStore((one) => one.version)
  return (
    <footer className="bottom" aria-label={t('shell.activity')}>
      {!isConnected && <span className="bottom-lost">{t('shell.no-connection')}</span>}
      {isConnected && counters && (
        <>
          <a href={addressOf('flows')}>{t('shell.packets-per-second', { count: counters.packetsPerSecond })}</a>
          <a href={addressOf('clients')}>{t('shell.active-boots', { count: counters.activeBoots })}</a>
          <a href={addressOf('clients')}>{t('shell.transfers', { count: counters.transfers })}</a>
          <Tooltip
            multiline
            disabled={problems.length === 0}
            label={problems.slice(0, mostTold).map(({ about, text }) => (
              <div key={`${about} ${text}`}>{text}</div>
            ))}
          >
            <a href={placeOf(problems[0])} data-problems={counters.problems > 0 || undefined}>
              {t('shell.problems', { count: counters.problems })}
            </a>
          </Tooltip>
        </>
      )}
      {isConnected && hub && (
        <>
          <a href={addressOf('sites', 'boots')}>{t('shell.boots', { count: hub.boots })}</a>
          <a href={addressOf('sites', 'agents')}>{t('shell.agents', { count: hub.agents.length })}</a>
        </>
      )}
      <span className="grows" />
      <UnstyledButton className="bottom-about" onClick={() => showSheet('about')}>
        {t('shell.pxe-lab', { version })}
      </UnstyledButton>
    </footer>
  )
}
