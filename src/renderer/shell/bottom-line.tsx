import { Tooltip, UnstyledButton } from '@mantine/core'
import type { ReactElement } from 'react'
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
  const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`
  return (
    <footer className="bottom" aria-label="Activity">
      {!isConnected && <span className="bottom-lost">No connection to PXE Lab: nothing is known of now</span>}
      {isConnected && counters && (
        <>
          <a href={addressOf('flows')}>
            {counters.packetsPerSecond < 10
              ? counters.packetsPerSecond.toFixed(1)
              : Math.round(counters.packetsPerSecond)}{' '}
            packets/s
          </a>
          <a href={addressOf('clients')}>{plural(counters.activeBoots, 'active boot')}</a>
          <a href={addressOf('clients')}>{plural(counters.transfers, 'transfer')}</a>
          <Tooltip
            multiline
            disabled={problems.length === 0}
            label={problems.slice(0, mostTold).map(({ about, text }) => (
              <div key={`${about} ${text}`}>{text}</div>
            ))}
          >
            <a href={placeOf(problems[0])} data-problems={counters.problems > 0 || undefined}>
              {plural(counters.problems, 'problem')}
            </a>
          </Tooltip>
        </>
      )}
      {isConnected && hub && (
        <>
          <a href={addressOf('sites', 'boots')}>{hub.boots === 1 ? '1 boot' : `${hub.boots.toLocaleString()} boots`}</a>
          <a href={addressOf('sites', 'agents')}>{plural(hub.agents.length, 'agent')}</a>
        </>
      )}
      <span className="grows" />
      <UnstyledButton className="bottom-about" onClick={() => showSheet('about')}>
        PXE Lab {version}
      </UnstyledButton>
    </footer>
  )
}
