import { t, textOf } from '#messages/text.ts'
import { Anchor, Group, Loader, Text, Title } from '@mantine/core'
import { useMemo, type ReactElement } from 'react'
import type { Remaining } from '#shared/diagnosis/inverse/dialogue.ts'
import { endPhrase } from '#shared/diagnosis/inverse/report.ts'
import type { Verification } from '#shared/diagnosis/inverse/verify.ts'
import { firmwareText, type FirmwareName } from '#shared/machines/pxe-client/firmwares.ts'
import type { ScenarioInput } from '#shared/simulation/scenario.ts'
import { listScenarios } from '../scenarios.ts'
import { Commands } from '../doctor/commands.tsx'
import { bad, good, Mark } from '../doctor/mark.tsx'
import { useRead } from '../parts/use-read.ts'
import { addressOf } from '../route.ts'
import { simulator } from '../simulator/client.ts'
import { itemOf } from '../simulator/place.ts'

const played = { view: 'play', step: 0, client: undefined } as const

async function tryFix(left: Remaining): Promise<Verification> {
  const wanted = new Set(left.setups.map((one) => one.id))
  const scenarios = await listScenarios()
  const inputs = scenarios.filter(({ id, origin }) => origin === 'shipped' && wanted.has(id))
  return simulator('tryFix', left, Object.fromEntries(inputs.map(({ id, input }) => [id, input as unknown as ScenarioInput]))) // prettier-ignore
}

function Tried({ tried, left, boots }: Verification): ReactElement {
  return (
    <>
      <Text mt="sm" fw={600}>
        <Mark {...(boots ? good : bad)} />
        {boots ? t('ask.tried-simulator-change-every-machine') : t('ask.tried-simulator-change-alone-does')}
      </Text>
      <table className="grid-table" aria-label={t('ask.tried-simulator')}>
        <thead>
          <tr>
            <th>{t('ask.set-up')}</th>
            <th>{t('ask.machine')}</th>
            <th>{t('ask.before')}</th>
            <th>{t('ask.fix')}</th>
            <th>
              <span className="visually-hidden">{t('ask.play')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {tried.flatMap(({ setup, title, machines, plays }) =>
            machines.map(({ client, firmware, before, after }, index) => (
              <tr key={`${setup} ${client}`}>
                <td>{index === 0 ? textOf(title) : ''}</td>
                <td>{firmwareText(firmware as FirmwareName)}</td>
                <td className="mono">{textOf(endPhrase(before))}</td>
                <td className="mono">{textOf(endPhrase(after))}</td>
                <td>
                  {index === 0 && (
                    <Anchor
                      size="sm"
                      href={addressOf('simulator', itemOf({ ...played, ...plays }))}
                      aria-label={t('ask.play-fix', { scenario: title })}
                    >
                      {t('ask.play')}
                    </Anchor>
                  )}
                </td>
              </tr>
            )),
          )}
        </tbody>
      </table>
      {left > 0 && (
        <Text size="xs" c="dimmed" mt={4}>
          {t('ask.more-set-ups-same-cause', { left })}
        </Text>
      )}
    </>
  )
}

/** A cause, its fix, and what the simulator makes of it. */
export function CauseDetail({ left, isOnly }: { readonly left: Remaining; readonly isOnly: boolean }): ReactElement {
  const { cause, setups } = left
  const key = useMemo(() => `${textOf(cause.title)} ${left.candidates.length}`, [cause.title, left.candidates.length])
  const { value: verification, error } = useRead(() => tryFix(left), key)
  return (
    <section className="section" aria-label={t('ask.cause')}>
      <Text size="xs" c="dimmed">
        {isOnly ? t('ask.one-cause-left') : t('ask.one-causes-left')}
      </Text>
      <Title order={2}>{textOf(cause.title)}</Title>
      {cause.why !== '' && <Text maw={760}>{cause.why}</Text>}
      {setups.length > 1 && (
        <Text size="sm" c="dimmed">
          {t('ask.set-ups-show-same-change', { count: setups.length })}
        </Text>
      )}
      <Title order={3} mt="sm">
        {t('ask.fix-2')}
      </Title>
      <ul className="ask-how">
        {cause.fix.says.map((one) => (
          <li key={textOf(one)}>{textOf(one)}</li>
        ))}
      </ul>
      {cause.fix.commands.length > 0 && (
        <Commands title={t('ask.commands-administrator-click-copy')} commands={cause.fix.commands} />
      )}
      {error !== undefined && (
        <Text c="var(--lab-bad)" mt="sm">
          {t('ask.fix-could-not-tried', { reason: error })}
        </Text>
      )}
      {!verification && error === undefined && (
        <Group gap="xs" mt="sm" role="status">
          <Loader size={14} /> {t('ask.booting-machines-change')}
        </Group>
      )}
      {verification && <Tried {...verification} />}
      {cause.scenario !== undefined && (
        <Text size="sm" mt="sm">
          <Anchor href={addressOf('simulator', cause.scenario)}>{t('ask.watch-fail-simulator')}</Anchor>
        </Text>
      )}
    </section>
  )
}
