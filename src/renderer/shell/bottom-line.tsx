import { UnstyledButton } from '@mantine/core'
import type { ReactElement } from 'react'
import { addressOf } from '../route.ts'
import { useStore } from '../store.ts'
import { showSheet } from './sheets.ts'

export function BottomLine(): ReactElement {
  const counters = useStore((one) => one.counters)
  const version = useStore((one) => one.version)
  const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`
  return (
    <footer className="bottom" aria-label="Activity">
      {counters && (
        <>
          <a href={addressOf('flows')}>
            {counters.packetsPerSecond < 10
              ? counters.packetsPerSecond.toFixed(1)
              : Math.round(counters.packetsPerSecond)}{' '}
            packets/s
          </a>
          <a href={addressOf('clients')}>{plural(counters.activeBoots, 'active boot')}</a>
          <a href={addressOf('clients')}>{plural(counters.transfers, 'transfer')}</a>
          <a href={addressOf('lab')} style={counters.problems > 0 ? { color: 'var(--lab-bad)' } : undefined}>
            {plural(counters.problems, 'problem')}
          </a>
        </>
      )}
      <span style={{ flex: 1 }} />
      <UnstyledButton className="bottom-about" onClick={() => showSheet('about')}>
        PXE Lab {version}
      </UnstyledButton>
    </footer>
  )
}
