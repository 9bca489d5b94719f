import { keyOf, together } from '#messages/message.ts'
import { t, textOf } from '#messages/text.ts'
import { Box, Button, Group, SegmentedControl, SimpleGrid, Text, Title } from '@mantine/core'
import { useState, type ReactElement } from 'react'
import { scenarioKeyOf } from '#shared/diagnosis/doctor.ts'
import {
  changesOf,
  commandsOf,
  exportFormats,
  exportText,
  procedures,
  requirementsOf,
  valueNow,
  type Procedure,
  type Requirement,
} from '#shared/diagnosis/guidance.ts'
import type { Facts } from '#shared/lab/facts.ts'
import { download } from '../parts/download.ts'
import { addressOf } from '../route.ts'
import { Commands } from './commands.tsx'
import { bad, doubtful, good, Mark, unknown, type MarkStyle } from './mark.tsx'
import { RemedyButton } from './remedy-dialog.tsx'
import { OnePortPicture } from './one-port-picture.tsx'

const shown = (value: number | null | undefined): string =>
  value === undefined ? t('doctor-page.not-known') : value === null ? t('doctor-page.absent') : String(value)

function Values({
  procedure,
  facts,
}: {
  readonly procedure: Procedure
  readonly facts: Facts | undefined
}): ReactElement {
  const { registry, option60 } = procedure
  const options = facts?.dhcpOptions?.value.filter((one) => one.option === 60)
  const has60 = options
    ?.map((one) => t('doctor-page.at-level', { value: one.value.join(' '), level: one.level }))
    .join(', ')
  return (
    <table className="grid-table">
      <thead>
        <tr>
          <th>{t('doctor-page.setting')}</th>
          <Box component="th" w={150}>
            {facts ? t('doctor-page.on-host', { host: facts.host }) : t('doctor-page.on-this-server')}
          </Box>
          <Box component="th" w={150}>
            {t('doctor-page.documented')}
          </Box>
        </tr>
      </thead>
      <tbody>
        <tr>
          <td className="wraps">
            <strong>{registry.name}</strong>, {'REG_DWORD'}
            <div className="mono">{registry.key}</div>
          </td>
          <td>{shown(valueNow(facts, registry))}</td>
          <td>{registry.data}</td>
        </tr>
        <tr>
          <td>
            <strong>{t('doctor-page.dhcp-option-60')}</strong>
          </td>
          <td>{has60 === undefined ? t('doctor-page.not-known') : has60 === '' ? t('doctor-page.not-set') : has60}</td>
          <td>{option60 === 'set' ? t('doctor-page.pxeclient') : t('doctor-page.not-set')}</td>
        </tr>
      </tbody>
    </table>
  )
}

function ProcedureView({
  procedure,
  facts,
  onChanged,
}: {
  readonly procedure: Procedure
  readonly facts: Facts | undefined
  readonly onChanged: (() => void) | undefined
}): ReactElement {
  const { commands, undo } = commandsOf(procedure, facts)
  const isHere = facts?.services?.value.some((one) => one.name === procedure.service) ?? false
  return (
    <article aria-label={textOf(procedure.title)}>
      <Title order={2}>{textOf(procedure.title)}</Title>
      <Text maw={760} mb={8}>
        {textOf(together([procedure.when, ...procedure.notes]))}
      </Text>
      <Values procedure={procedure} facts={facts} />
      <SimpleGrid cols={{ base: 1, md: 2 }} mt={8}>
        <div>
          <Commands title={t('doctor-page.commands-administrator-click-copy')} commands={commands} />
        </div>
        <div>
          <Commands
            title={
              valueNow(facts, procedure.registry) === undefined
                ? t('doctor-page.undo-value-absent-windows-comes')
                : t('doctor-page.undo-2')
            }
            commands={undo}
          />
        </div>
      </SimpleGrid>
      {onChanged && isHere && (
        <RemedyButton title={procedure.title} changes={changesOf(procedure)} onChanged={onChanged} />
      )}
      <Group gap="xs" mt="sm">
        {exportFormats.map((format) => (
          <Button
            key={format}
            size="xs"
            variant="default"
            onClick={() => {
              download(`${procedure.id}.${format}`, exportText(procedure, facts, format, 'commands'), 'text/plain')
              download(`${procedure.id}-undo.${format}`, exportText(procedure, facts, format, 'undo'), 'text/plain')
            }}
          >
            {t('doctor-page.save-undo', { format })}
          </Button>
        ))}
        <Button
          component="a"
          size="xs"
          variant="default"
          href={addressOf('simulator', scenarioKeyOf(procedure.before))}
        >
          {t('doctor-page.play-before')}
        </Button>
        <Button component="a" size="xs" variant="default" href={addressOf('simulator', scenarioKeyOf(procedure.after))}>
          {t('doctor-page.play-after')}
        </Button>
      </Group>
      <Text size="xs" c="dimmed" mt={6}>
        {t('doctor-page.reg-file-carries-registry-value', { reference: procedure.reference })}
      </Text>
    </article>
  )
}

const marks: Readonly<Record<Requirement['state'], MarkStyle>> = {
  passed: { ...good, word: t('doctor-page.state-passed') },
  failed: { ...bad, word: t('doctor-page.state-failed') },
  'not-applicable': { ...unknown, word: t('doctor-page.state-not-applicable') },
  unknown: { ...doubtful, word: t('doctor-page.state-unknown') },
}

function Requirements({ facts }: { readonly facts: Facts | undefined }): ReactElement {
  return (
    <section className="section" aria-label={t('doctor-page.wds-needs')}>
      <Title order={2} mb={4}>
        {t('doctor-page.wds-needs')}
      </Title>
      {requirementsOf(facts).map(({ title, state, detail }) => {
        const mark = marks[state]
        return (
          <div key={keyOf(title)} className="line" role="group" aria-label={`${textOf(title)}: ${mark.word}`}>
            <Mark {...mark} />
            {textOf(title)}:{' '}
            <Text span c="dimmed">
              {textOf(detail)}
            </Text>
          </div>
        )
      })}
    </section>
  )
}

/** The documented procedure for one server with DHCP and a PXE service, and its alternatives. */
export function UseDhcpPorts({
  facts,
  onChanged,
}: {
  readonly facts: Facts | undefined
  /** Undefined for facts of another machine, which cannot be changed from here. */
  readonly onChanged: (() => void) | undefined
}): ReactElement {
  const [id, setId] = useState<Procedure['id']>('together')
  const procedure = procedures.find((one) => one.id === id)!
  return (
    <>
      <Title order={1}>{t('doctor-page.one-port-two-services')}</Title>
      <Text maw={760} mb="sm">
        {t('doctor-page.dhcp-server-listens-udp-port')}
      </Text>
      <SimpleGrid cols={{ base: 1, sm: 2 }} maw={980} mb="md">
        <figure className="flush">
          <OnePortPicture isRepaired={false} />
          <Text component="figcaption" size="xs" c="dimmed">
            {t('doctor-page.installed-whoever-starts-second-gets')}
          </Text>
        </figure>
        <figure className="flush">
          <OnePortPicture isRepaired />
          <Text component="figcaption" size="xs" c="dimmed">
            {t('doctor-page.documented-dhcp-answers-67-points')}
          </Text>
        </figure>
      </SimpleGrid>
      <SegmentedControl
        aria-label={t('doctor-page.way-out')}
        mb="md"
        value={id}
        onChange={(value) => setId(value)}
        data={[
          { value: 'together', label: t('doctor-page.keep-both-here') },
          { value: 'apart', label: t('doctor-page.separate-them') },
          { value: 'responder', label: t('doctor-page.pxe-responder') },
          { value: 'moved', label: t('doctor-page.dhcp-moved-away') },
        ]}
      />
      <ProcedureView procedure={procedure} facts={facts} onChanged={onChanged} />
      <Requirements facts={facts} />
    </>
  )
}
