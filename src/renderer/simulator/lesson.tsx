import { t, textOf } from '#messages/text.ts'
import { Alert, Badge, Button, Code, Group, List, Radio, Stack, Table, Text, Title } from '@mantine/core'
import { useEffect, useMemo, useRef, useState, type ReactElement } from 'react'
import { describeScenarioProblem, type ScenarioProblem } from '#shared/simulation/changes.ts'
import type { Change, Repair, Scenario } from '#shared/simulation/scenario.ts'
import { shuffledRepairs } from '#shared/simulation/repair-order.ts'
import { scenarioNames } from '#shared/simulation/scenario-names.ts'
import type { ClientOutcome } from '#shared/simulation/simulation.ts'
import { simulator } from './client.ts'
import { solve, useLessons } from './progress.ts'

interface LessonProps {
  readonly id: string
  readonly input: unknown
  readonly scenario: Scenario
  readonly changes: readonly Change[]
  readonly onChanges: (changes: readonly Change[]) => void
}

interface Tried {
  readonly repair: Repair
  readonly before: readonly ClientOutcome[]
  readonly after: readonly ClientOutcome[]
}

const stateText = ({ state, code }: ClientOutcome): string =>
  state === 'booted' ? 'boots' : code === '' ? state : code

export function OutcomeTable({
  before,
  after,
  names,
}: Pick<Tried, 'before' | 'after'> & {
  /** What people call the machines, where they call them anything. */
  readonly names?: ReadonlyMap<string, string>
}): ReactElement {
  return (
    <Table verticalSpacing={4} horizontalSpacing="xs" aria-label={t('simulator.before-after')}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t('simulator.machine')}</Table.Th>
          <Table.Th>{t('simulator.before')}</Table.Th>
          <Table.Th>{t('simulator.after')}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {after.map((one) => {
          const was = before.find((other) => other.name === one.name)
          return (
            <Table.Tr key={one.name}>
              <Table.Td>{names?.get(one.name) ?? one.name}</Table.Td>
              <Table.Td>{was ? stateText(was) : t('simulator.not')}</Table.Td>
              <Table.Td>
                <Badge color={one.state === 'booted' ? 'green' : 'red'} variant="light" radius="sm">
                  {stateText(one)}
                </Badge>
                {was?.state === 'booted' && one.state !== 'booted' ? ` ${t('simulator.broken-change')}` : ''}
              </Table.Td>
            </Table.Tr>
          )
        })}
      </Table.Tbody>
    </Table>
  )
}

/** Break, observe, repair, verify. */
export function Lesson({ id, input, scenario, changes, onChanges }: LessonProps): ReactElement {
  const [hints, setHints] = useState(0)
  const [isTold, setTold] = useState(false)
  const [chosen, setChosen] = useState<string>()
  const [tried, setTried] = useState<Tried>()
  const [refused, setRefused] = useState<readonly ScenarioProblem[]>()
  const solved = useLessons((one) => one.solved.includes(id))
  const repairs = useMemo(() => shuffledRepairs(scenario.repairs), [scenario.repairs])
  useEffect(() => {
    setHints(0)
    setTold(false)
    setChosen(undefined)
    setTried(undefined)
    setRefused(undefined)
  }, [id])
  const answer = useRef<HTMLDivElement>(null)
  // Below the hints and repairs the answer is out of sight.
  useEffect(() => {
    // Chromium returns a promise from it, which is no clean-up.
    answer.current?.scrollIntoView({ block: 'nearest' })
  }, [tried, refused])
  const verify = async (repair: Repair): Promise<void> => {
    const verified = await simulator('verify', input, [], repair.set)
    if (!('before' in verified)) {
      setTried(undefined)
      setRefused(verified)
      return
    }
    setRefused(undefined)
    setTried({ repair, ...verified })
    if (repair.isAccepted && verified.after.every((one) => one.state === 'booted')) solve(id)
  }
  const repair = repairs.find((one) => one.title === chosen)
  return (
    <Stack gap="md" p="md" className="lesson">
      <div>
        <Group gap="xs">
          <Title order={2} size="h4">
            {scenario.title}
          </Title>
          {solved && (
            <Badge color="green" variant="light" radius="sm">
              {t('simulator.repaired')}
            </Badge>
          )}
        </Group>
        <Text mt={4}>{scenario.summary}</Text>
      </div>
      {scenario.look.length > 0 && (
        <div>
          <Text fw={600}>{t('simulator.watch-for')}</Text>
          <List size="sm" spacing={2}>
            {scenario.look.map((text) => (
              <List.Item key={text}>{text}</List.Item>
            ))}
          </List>
        </div>
      )}
      {scenario.hints.length > 0 && (
        <div>
          <Text fw={600}>{t('simulator.hints')}</Text>
          <List size="sm" spacing={2} type="ordered">
            {scenario.hints.slice(0, hints).map((text) => (
              <List.Item key={text}>{text}</List.Item>
            ))}
          </List>
          {hints < scenario.hints.length && (
            <Button size="compact-xs" variant="default" mt={4} onClick={() => setHints(hints + 1)}>
              {hints === 0 ? t('simulator.give-me-hint') : t('simulator.another-hint')}
            </Button>
          )}
        </div>
      )}
      {scenario.goesWrong !== undefined && (
        <div>
          {isTold ? (
            <>
              <Text fw={600}>{t('simulator.wrong')}</Text>
              <Text size="sm">{scenario.goesWrong}</Text>
            </>
          ) : (
            <Button size="compact-xs" variant="default" onClick={() => setTold(true)}>
              {t('simulator.tell-me-goes-wrong')}
            </Button>
          )}
        </div>
      )}
      {repairs.length > 0 && (
        <div>
          <Radio.Group
            label={t('simulator.repair-2')}
            description={t('simulator.some-these-help-some-do')}
            value={chosen ?? ''}
            onChange={setChosen}
          >
            <Stack gap={6} mt={6}>
              {repairs.map((one) => (
                <Radio key={one.title} value={one.title} label={one.title} size="xs" />
              ))}
            </Stack>
          </Radio.Group>
          <Group gap="xs" mt="sm">
            <Button size="xs" disabled={!repair} onClick={() => repair && void verify(repair)}>
              {t('simulator.verify')}
            </Button>
            <Button size="xs" variant="default" disabled={!repair} onClick={() => repair && onChanges(repair.set)}>
              {t('simulator.play-change')}
            </Button>
            {changes.length > 0 && (
              <Button size="xs" variant="subtle" onClick={() => onChanges([])}>
                {t('simulator.back-how')}
              </Button>
            )}
          </Group>
        </div>
      )}
      {refused && (
        <Alert ref={answer} role="alert" color="red" variant="light" title={t('simulator.change-does-not-fit-network')}>
          {refused.map((one) => (
            <Text key={one.field + textOf(one.message)} size="sm">
              {textOf(describeScenarioProblem(one))}
            </Text>
          ))}
        </Alert>
      )}
      {tried && (
        <Alert
          ref={answer}
          role="status"
          color={tried.repair.isAccepted ? 'green' : 'red'}
          variant="light"
          title={tried.repair.isAccepted ? t('simulator.repaired-every-machine-boots') : t('simulator.not-repaired')}
        >
          <Text size="sm">{tried.repair.says}</Text>
          <OutcomeTable before={tried.before} after={tried.after} names={scenarioNames(scenario)} />
          {tried.repair.commands.length > 0 && (
            <Code block mt="xs" className="commands">
              {tried.repair.commands.join('\n')}
            </Code>
          )}
        </Alert>
      )}
    </Stack>
  )
}
