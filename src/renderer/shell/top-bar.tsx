import { Button, Tooltip } from '@mantine/core'
import { IconPlayerPlay, IconPlayerStop } from '@tabler/icons-react'
import type { ReactElement } from 'react'
import { t } from '#messages/text.ts'
import { say } from '#messages/message.ts'
import { call } from '../connection.ts'
import { Rich } from '../parts/rich.tsx'
import { StateLight } from '../parts/state-light.tsx'
import { addressOf } from '../route.ts'
import { attempt, useStore } from '../store.ts'

export const startResponder = (): Promise<unknown> => attempt(t('common.start'), () => call('responder.start', {}))
export const stopResponder = (): Promise<unknown> => attempt(t('common.stop'), () => call('responder.stop', {}))

export function StartStop({ size = 'compact-sm' }: { readonly size?: 'compact-sm' | 'sm' }): ReactElement | null {
  const status = useStore((one) => one.status)
  const lab = useStore((one) => one.lab)
  if (!status || !lab?.exists) return null
  const isRunning = ['responding', 'listening', 'silent'].includes(status.state)
  if (status.state === 'starting')
    return (
      <Button size={size} variant="default" onClick={() => void stopResponder()}>
        {t('common.cancel')}
      </Button>
    )
  return isRunning || status.state === 'stopping' ? (
    <Button
      size={size}
      variant="default"
      disabled={status.state === 'stopping'}
      leftSection={<IconPlayerStop size={14} />}
      onClick={() => void stopResponder()}
    >
      {t('common.stop')}
    </Button>
  ) : (
    <Button
      size={size}
      leftSection={<IconPlayerPlay size={14} />}
      disabled={!lab.lab}
      onClick={() => void startResponder()}
    >
      {t('common.start')}
    </Button>
  )
}

export function TopBar(): ReactElement {
  const status = useStore((one) => one.status)
  const lab = useStore((one) => one.lab)
  const hub = useStore((one) => one.hub)
  const machine = useStore((one) => one.machine)
  const file = lab?.path.split(/[\\/]/).at(-1) ?? ''
  return (
    <header className="top">
      {hub && (
        <span className="top-fact">
          <Rich message={say('shell.hub-on', { machine })} tags={{ name: (inside) => <strong>{inside}</strong> }} />
        </span>
      )}
      {lab?.exists && (
        <>
          <Tooltip label={lab.path}>
            <span className="top-fact strong">{file}</span>
          </Tooltip>
          <span className="top-fact quiet">
            {status?.interfaces.join(', ')}
            {status?.mode ? ` · ${status.mode}` : ''}
          </span>
        </>
      )}
      <span className="grows" />
      {status && (
        <Tooltip label={status.detail} disabled={status.detail === ''}>
          <a href={addressOf('lab')} className="plain-link" aria-live="polite">
            <StateLight state={status.state} />
          </a>
        </Tooltip>
      )}
      <StartStop />
    </header>
  )
}
