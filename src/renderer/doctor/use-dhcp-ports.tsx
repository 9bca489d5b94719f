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
  value === undefined ? 'not known' : value === null ? 'absent' : String(value)

function Values({
  procedure,
  facts,
}: {
  readonly procedure: Procedure
  readonly facts: Facts | undefined
}): ReactElement {
  const { registry, option60 } = procedure
  const options = facts?.dhcpOptions?.value.filter((one) => one.option === 60)
  const has60 = options?.map((one) => `${one.value.join(' ')} at ${one.level} level`).join(', ')
  return (
    <table className="grid-table">
      <thead>
        <tr>
          <th>Setting</th>
          <Box component="th" w={150}>
            On {facts?.host ?? 'this server'}
          </Box>
          <Box component="th" w={150}>
            Documented
          </Box>
        </tr>
      </thead>
      <tbody>
        <tr>
          <td className="wraps">
            <strong>{registry.name}</strong>, REG_DWORD
            <div className="mono">{registry.key}</div>
          </td>
          <td>{shown(valueNow(facts, registry))}</td>
          <td>{registry.data}</td>
        </tr>
        <tr>
          <td>
            <strong>DHCP option 60</strong>
          </td>
          <td>{has60 === undefined ? 'not known' : has60 === '' ? 'not set' : has60}</td>
          <td>{option60 === 'set' ? 'PXEClient' : 'not set'}</td>
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
    <article aria-label={procedure.title}>
      <Title order={2}>{procedure.title}</Title>
      <Text maw={760} mb={8}>
        {procedure.when} {procedure.notes.join(' ')}
      </Text>
      <Values procedure={procedure} facts={facts} />
      <SimpleGrid cols={{ base: 1, md: 2 }} mt={8}>
        <div>
          <Commands title="Commands, as administrator; click to copy" commands={commands} />
        </div>
        <div>
          <Commands
            title={
              valueNow(facts, procedure.registry) === undefined
                ? 'To undo it, where the value was absent as Windows comes; look it up first'
                : 'To undo it'
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
            Save .{format} and its undo
          </Button>
        ))}
        <Button
          component="a"
          size="xs"
          variant="default"
          href={addressOf('simulator', scenarioKeyOf(procedure.before))}
        >
          Play it before
        </Button>
        <Button component="a" size="xs" variant="default" href={addressOf('simulator', scenarioKeyOf(procedure.after))}>
          Play it after
        </Button>
      </Group>
      <Text size="xs" c="dimmed" mt={6}>
        {procedure.reference}. A .reg file carries the registry value alone.
      </Text>
    </article>
  )
}

const marks: Readonly<Record<Requirement['state'], MarkStyle>> = {
  passed: { ...good, word: 'passed' },
  failed: { ...bad, word: 'failed' },
  'not-applicable': { ...unknown, word: 'not applicable' },
  unknown: { ...doubtful, word: 'unknown' },
}

function Requirements({ facts }: { readonly facts: Facts | undefined }): ReactElement {
  return (
    <section className="section" aria-label="What WDS needs">
      <Title order={2} mb={4}>
        What WDS needs
      </Title>
      {requirementsOf(facts).map(({ title, state, detail }) => {
        const mark = marks[state]
        return (
          <div key={title} className="line" role="group" aria-label={`${title}: ${mark.word}`}>
            <Mark {...mark} />
            {title}:{' '}
            <Text span c="dimmed">
              {detail}
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
      <Title order={1}>One port, two services</Title>
      <Text maw={760} mb="sm">
        A DHCP server listens on UDP port 67, and so does a PXE service, for a client asks both with the same packet. On
        one server only one of them can have the port. UseDHCPPorts tells WDS to leave it alone.
      </Text>
      <SimpleGrid cols={{ base: 1, sm: 2 }} maw={980} mb="md">
        <figure className="flush">
          <OnePortPicture isRepaired={false} />
          <Text component="figcaption" size="xs" c="dimmed">
            As installed: whoever starts second gets nothing.
          </Text>
        </figure>
        <figure className="flush">
          <OnePortPicture isRepaired />
          <Text component="figcaption" size="xs" c="dimmed">
            As documented: DHCP answers on 67 and points to 4011, where WDS answers.
          </Text>
        </figure>
      </SimpleGrid>
      <SegmentedControl
        aria-label="Which way out"
        mb="md"
        value={id}
        onChange={(value) => setId(value)}
        data={[
          { value: 'together', label: 'Keep both here' },
          { value: 'apart', label: 'Separate them' },
          { value: 'responder', label: 'PXE responder' },
          { value: 'moved', label: 'DHCP moved away' },
        ]}
      />
      <ProcedureView procedure={procedure} facts={facts} onChanged={onChanged} />
      <Requirements facts={facts} />
    </>
  )
}
