/** The DHCP engine of the lab: how its servers are, what they have of the lab, and the lab in and out of them. */
import { say } from '#messages/message.ts'
import { t } from '#messages/text.ts'
import { Alert, Button, Group, Text, Title } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useEffect, useState, type ReactElement } from 'react'
import type { EngineServer } from '#shared/contract/calls.ts'
import { call } from '../connection.ts'
import { useRead } from '../parts/use-read.ts'
import { attempt, useStore } from '../store.ts'
import { Rich } from '../parts/rich.tsx'

const readEveryMs = 3000

function Server({ server, isProxy }: { readonly server: EngineServer; readonly isProxy: boolean }): ReactElement {
  const { name, problem, remedy, version, pair, subnets, listsLeases, classes, isInPlace, warnings } = server
  const state = problem !== '' ? t('pages.not-answering') : isProxy ? t('pages.gives-addresses') : isInPlace ? t('pages.boot-logic') : t('pages.boot-logic-not-place') // prettier-ignore
  const isGood = problem === '' && (isProxy || isInPlace)
  const colour = problem !== '' ? 'var(--lab-bad)' : isGood ? 'var(--lab-good)' : 'var(--lab-wait)'
  return (
    <>
      <tr>
        <td className="mono">{name}</td>
        <td>{version === '' ? '' : t('pages.kea-2', { version })}</td>
        <td style={{ color: colour }}>
          <span
            className="dot mark"
            data-shape={isGood ? 'dot' : 'square'}
            style={{ background: colour, borderColor: colour }}
          />
          {state}
          {isGood && !isProxy && classes.length > 0 && ` ${t('pages.classes', { count: classes.length })}`}
        </td>
        <td>{problem !== '' ? '' : pair === '' ? t('pages.no-partner') : pair}</td>
        <td>
          {subnets.map((one) => (
            <div key={one.subnet}>
              <Rich
                message={say('pages.subnet-used', { subnet: one.subnet, used: one.assigned, total: one.total })}
                tags={{ subnet: (text) => <span className="mono">{text}</span> }}
              />
              {one.declined > 0 && `, ${t('pages.declined-count', { count: one.declined })}`}
            </div>
          ))}
        </td>
      </tr>
      {(problem !== '' || warnings.length > 0 || (!listsLeases && problem === '')) && (
        <tr>
          <td colSpan={5}>
            {problem !== '' && (
              <Text size="sm" c="var(--lab-bad)">
                {problem}. {remedy}
              </Text>
            )}
            {problem === '' && !listsLeases && (
              <Text size="sm">
                <Rich message={say('pages.kea-lists-no-leases')} tags={{ code: (text) => <code>{text}</code> }} />
              </Text>
            )}
            {warnings.map((one) => (
              <Text key={one} size="sm">
                {t('pages.differs', { difference: one })}
              </Text>
            ))}
          </td>
        </tr>
      )}
    </>
  )
}

/** Nothing where the lab names no engine. `withChanges` where the boot logic can be applied and taken out. */
export function EnginePanel({ withChanges }: { readonly withChanges: boolean }): ReactElement | null {
  const lab = useStore((one) => one.lab?.lab)
  const labText = useStore((one) => one.lab?.text)
  const [round, setRound] = useState(0)
  const [isBusy, setBusy] = useState(false)
  const hasEngine = lab?.engine != null
  const { value, error, again } = useRead(
    () => (hasEngine ? call('engine.read', {}) : Promise.resolve(null)),
    `${labText}${round}`,
  )
  useEffect(() => {
    if (!hasEngine) return
    const timer = window.setInterval(() => setRound((one) => one + 1), readEveryMs)
    return () => window.clearInterval(timer)
  }, [hasEngine])
  if (!hasEngine) return null
  const isProxy = lab.mode === 'proxy-dhcp'
  const change = async (how: 'engine.apply' | 'engine.undo', done: string): Promise<void> => {
    setBusy(true)
    await attempt(t('pages.kea'), async () => {
      await call(how, {})
      notifications.show({ message: done })
    })
    setBusy(false)
    again()
  }
  return (
    <section className="section engine-panel" aria-label={t('pages.kea')}>
      <Group justify="space-between" mb={4}>
        <Title order={2}>{t('pages.kea-gives-addresses')}</Title>
        {withChanges && (
          <Group gap={8}>
            {!isProxy && (
              <Button
                size="compact-xs"
                variant="default"
                loading={isBusy}
                onClick={() => void change('engine.apply', t('pages.kea-boot-logic-lab'))}
              >
                {t('pages.apply-boot-logic')}
              </Button>
            )}
            <Button
              size="compact-xs"
              variant="subtle"
              loading={isBusy}
              onClick={() => void change('engine.undo', t('pages.kea-nothing-pxe-lab-any'))}
            >
              {t('pages.take-out-kea')}
            </Button>
          </Group>
        )}
      </Group>
      {error !== undefined && (
        <Alert color="red" variant="light" role="alert">
          {error}
        </Alert>
      )}
      {value && (
        <table className="grid-table">
          <thead>
            <tr>
              <th>{t('pages.server')}</th>
              <th>{t('pages.version')}</th>
              <th>{t('pages.state-title')}</th>
              <th>{t('pages.high-availability')}</th>
              <th>{t('pages.addresses')}</th>
            </tr>
          </thead>
          <tbody>
            {value.servers.map((server) => (
              <Server key={server.name} server={server} isProxy={isProxy} />
            ))}
          </tbody>
        </table>
      )}
    </section>
  )
}
