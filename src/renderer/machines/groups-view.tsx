import { t } from '#messages/text.ts'
import { Anchor, Button, Group, Text, Title } from '@mantine/core'
import { useEffect, useState, type ReactElement } from 'react'
import type { GroupRunInfo } from '#shared/contract/calls.ts'
import type { Lab } from '#shared/lab/lab.ts'
import { call } from '../connection.ts'
import { addressOf } from '../route.ts'
import { attempt, useStore } from '../store.ts'
import './machines.css'

type Step = GroupRunInfo['machines'][number]['step']

const words: Readonly<Record<Step, string>> = {
  waiting: t('machines-page.step-waiting'),
  asked: t('machines-page.wake-up-packet-sent'),
  booting: t('machines-page.step-booting'),
  booted: t('machines-page.step-booted'),
  failed: t('machines-page.step-failed'),
  'left-out': t('machines-page.left-out'),
}
const looks: Readonly<Record<Step, string>> = {
  waiting: 'quiet-text',
  asked: '',
  booting: '',
  booted: 'good-text',
  failed: 'bad-text',
  'left-out': 'quiet-text',
}
const lookEveryMs = 1000

/** Groups of machines: woken in their order, each followed until it has booted. */
export function GroupsView({ groups }: { readonly groups: Lab['groups'] }): ReactElement {
  const isRunning = useStore(({ status }) => status?.startedAt != null)
  const [run, setRun] = useState<GroupRunInfo | null>(null)
  const isUnderWay = run !== null && !run.isOver
  useEffect(() => {
    let isCurrent = true
    const read = (): void => void call('groups.read', {}).then((now) => isCurrent && setRun(now), () => {}) // prettier-ignore
    read()
    const timer = isUnderWay ? setInterval(read, lookEveryMs) : undefined
    return () => {
      isCurrent = false
      clearInterval(timer)
    }
  }, [isUnderWay])
  const start = async (name: string): Promise<void> => {
    const begun = await attempt(t('machines-page.wake-2'), () => call('groups.wake', { name }))
    if (begun) setRun(begun)
  }
  const cancel = async (): Promise<void> => {
    const ended = await attempt(t('common.cancel'), () => call('groups.cancel', {}))
    if (ended !== undefined) setRun(ended)
  }
  const booted = run?.machines.filter(({ step }) => step === 'booted').length ?? 0
  return (
    <div className="groups-view">
      <section className="section" aria-label={t('machines-page.groups')}>
        <Title order={2}>{t('machines-page.groups')}</Title>
        <table className="grid-table spaced">
          <thead>
            <tr>
              <th>{t('machines-page.group')}</th>
              <th className="number">{t('machines-page.machines')}</th>
              <th className="number">{t('machines-page.once')}</th>
              <th>{t('machines-page.after')}</th>
              <th />
            </tr>
          </thead>
          <tbody>
            {groups.map(({ name, machines, atOnce, after }) => (
              <tr key={name}>
                <td>{name}</td>
                <td className="number">{machines.length}</td>
                <td className="number">{atOnce}</td>
                <td>{after ?? ''}</td>
                <td>
                  <Button
                    size="compact-xs"
                    variant="subtle"
                    disabled={!isRunning || isUnderWay}
                    onClick={() => void start(name)}
                  >
                    {t('machines-page.wake', { name })}
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        {!isRunning && (
          <Text size="sm" c="dimmed">
            {t('machines-page.start-responder-sees-how-machines')}
          </Text>
        )}
      </section>
      {run && (
        <section className="section" aria-label={t('machines-page.boot', { group: run.group })}>
          <Group gap={12}>
            <Title order={2}>{run.group}</Title>
            <Text c="dimmed" role="status">
              {t('machines-page.booted', { booted, all: run.machines.length })}
            </Text>
            {isUnderWay && (
              <Button size="compact-sm" variant="default" onClick={() => void cancel()}>
                {t('common.cancel')}
              </Button>
            )}
          </Group>
          <table className="grid-table spaced">
            <thead>
              <tr>
                <th>{t('machines-page.machine')}</th>
                <th>{t('machines-page.group')}</th>
                <th>{t('machines-page.step')}</th>
                <th>{t('machines-page.detail')}</th>
              </tr>
            </thead>
            <tbody>
              {run.machines.map(({ mac, name, group, step, detail }) => (
                <tr key={mac}>
                  <td>
                    <Anchor href={addressOf('clients', mac)}>{name}</Anchor>
                  </td>
                  <td>{group}</td>
                  <td className={looks[step]}>{words[step]}</td>
                  <td>{step === 'asked' ? '' : detail}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </div>
  )
}
