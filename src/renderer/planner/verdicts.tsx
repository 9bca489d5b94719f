import { Anchor, Group, Progress, SegmentedControl, Text, TextInput, Title } from '@mantine/core'
import { useState, type ReactElement } from 'react'
import { stateNames } from '#shared/planner/export.ts'
import type { Plan, ServerReadiness } from '#shared/planner/plan.ts'
import { byState, topicOf, topics, type Judged, type State } from '#shared/planner/rule.ts'
import { WithCodes } from '../ask/with-codes.tsx'
import { Fold } from '../parts/fold.tsx'
import { addressOf } from '../route.ts'
import { Mark } from '../doctor/mark.tsx'
import { marks } from './marks.ts'
import { Needs } from './needs.tsx'

const capabilityNames = {
  deployment: 'Every deployment',
  pxe: 'PXE',
  multicast: 'Multicast',
  userState: 'User state',
  updates: 'Software updates',
  reports: 'Reports',
} as const

interface Going {
  readonly onGo: (name: string) => void
}

/** Of things in one state that are many, the first are enough. */
const mostItems = 30

interface RuleViewProps extends Going {
  readonly rule: Judged
  readonly isFolded?: boolean
}

function RuleView({ rule, isFolded, onGo }: RuleViewProps): ReactElement {
  const { id, state, title, severity, items, remedy, source } = rule
  const own = items.filter((one) => one.state === state)
  return (
    <Fold
      label={`${id}: ${stateNames[state]}`}
      opens={state === 'violated' && !isFolded}
      summary={
        <>
          <Mark {...marks[state]} />
          <span className="mono">{id}</span> <WithCodes text={title} />
          {state === 'violated' && (
            <Text span size="xs" c="dimmed">
              {' '}
              {severity}
            </Text>
          )}
        </>
      }
    >
      <div className="indented">
        {own.slice(0, mostItems).map((one, index) => (
          <Text key={index} size="sm">
            <strong>{one.subject}</strong>:{' '}
            {one.needs.length > 0 ? <Needs needs={one.needs} onGo={onGo} /> : <WithCodes text={one.says} />}
          </Text>
        ))}
        {own.length > mostItems && (
          <Text size="sm" c="dimmed">
            and {own.length - mostItems} more
          </Text>
        )}
        {state === 'violated' && (
          <Text size="sm">
            <strong>Remedy.</strong> {remedy}{' '}
            {id.startsWith('OSD-COHOST') && (
              <Anchor size="sm" href={addressOf('doctor', 'use-dhcp-ports')}>
                The procedure, step by step
              </Anchor>
            )}
          </Text>
        )}
        <Text size="xs" c="dimmed">
          {source}
        </Text>
      </div>
    </Fold>
  )
}

function Bar({
  name,
  percent,
  isBlocked,
}: {
  readonly name: string
  readonly percent: number | undefined
  readonly isBlocked: boolean
}): ReactElement {
  return (
    <>
      <Text size="sm" w={170} truncate title={name} className="keeps-width">
        {name}
      </Text>
      <Progress
        value={percent ?? 0}
        w={120}
        className="keeps-width"
        aria-label={`${name}: ${percent === undefined ? 'no rule is about it' : `${percent} percent`}`}
        color={isBlocked ? 'red' : percent === 100 ? 'green' : 'gray'}
      />
      <Text size="xs" w={40} className="keeps-width">
        {percent === undefined ? '–' : `${percent} %`}
      </Text>
    </>
  )
}

function ServerChecks({
  server: { server, percent, checks },
  onGo,
}: { readonly server: ServerReadiness } & Going): ReactElement {
  const violated = checks.filter((one) => one.state === 'violated').length
  return (
    <Fold
      label={`Server ${server}`}
      summaryClass="planner-bar"
      summary={
        <>
          <Bar name={server} percent={percent} isBlocked={violated > 0} />
          <Text size="xs" c="dimmed" truncate>
            {violated > 0 && `${violated} in the way`}
          </Text>
        </>
      }
    >
      <div className="fold-body">
        {checks.map((one, index) => (
          <Text key={index} size="sm">
            <Mark {...marks[one.state]} />
            <span className="mono">{one.rule}</span> {one.title}
            {one.state !== 'met' && ': '}
            {one.needs.length > 0 ? (
              <Needs needs={one.needs} onGo={onGo} />
            ) : one.state === 'violated' ? (
              <WithCodes text={`${one.says} ${one.remedy}`} />
            ) : (
              ''
            )}
          </Text>
        ))}
        {checks.length === 0 && (
          <Text size="sm" c="dimmed">
            No rule is about it.
          </Text>
        )}
      </div>
    </Fold>
  )
}

/** Of servers that are many, those with something in their way come first. */
const mostServers = 8

function Readiness({ judged, words, onGo }: { readonly judged: Plan; readonly words: string } & Going): ReactElement {
  const found = judged.servers.filter((one) => one.server.toLowerCase().includes(words.toLowerCase()))
  const servers = found.toSorted((a, b) => (a.percent ?? 101) - (b.percent ?? 101)).slice(0, mostServers)
  return (
    <section className="section" aria-label="Readiness">
      {judged.readiness.map(({ capability, percent, blocking, checks }) => (
        <Fold
          key={capability}
          label={capabilityNames[capability]}
          summaryClass="planner-bar"
          summary={
            <>
              <Bar name={capabilityNames[capability]} percent={percent} isBlocked={blocking.length > 0} />
              <Text size="xs" c="dimmed">
                {blocking.length > 0 && `blocked by ${blocking.join(', ')}`}
              </Text>
            </>
          }
        >
          <div className="fold-body">
            {checks.map((one) => (
              <RuleView key={one.id} rule={one} onGo={onGo} isFolded />
            ))}
          </div>
        </Fold>
      ))}
      {servers.length > 0 && (
        <Title order={2} size="h3" mt={8} mb={2}>
          Servers
        </Title>
      )}
      {servers.map((one, index) => (
        <ServerChecks key={`${one.server} ${index}`} server={one} onGo={onGo} />
      ))}
      {found.length > mostServers && (
        <Text size="xs" c="dimmed">
          and {found.length - mostServers} that are readier: find them by name below
        </Text>
      )}
    </section>
  )
}

interface VerdictsProps extends Going {
  readonly judged: Plan
  /** What is looked for. */
  readonly words: string
  readonly onWords: (words: string) => void
}

/** How ready it is, and every rule with its reason and its source. */
export function Verdicts({ judged, words, onWords, onGo }: VerdictsProps): ReactElement {
  const [shown, setShown] = useState<State | 'all'>('all')
  const [grouped, setGrouped] = useState<'state' | 'topic'>('state')
  const count = (state: State): number => judged.rules.filter((one) => one.state === state).length
  const list = byState(judged.rules).filter(
    (one) =>
      (shown === 'all' || one.state === shown) &&
      `${one.id} ${one.title} ${one.items.map((item) => item.subject).join(' ')}`.toLowerCase().includes(words.toLowerCase()),
  ) // prettier-ignore
  const groups = grouped === 'state' ? [['', list] as const] : topics.map((topic) => [topic, list.filter((one) => topicOf(one.id) === topic)] as const) // prettier-ignore
  return (
    <>
      <Readiness judged={judged} words={words} onGo={onGo} />
      <Group my={8} gap="sm">
        <SegmentedControl
          size="xs"
          aria-label="Which rules"
          value={shown}
          onChange={(value) => setShown(value)}
          data={[
            { value: 'all', label: 'All' },
            { value: 'violated', label: `Violated ${count('violated')}` },
            { value: 'unknown', label: `Unknown ${count('unknown')}` },
            { value: 'met', label: `Met ${count('met')}` },
          ]}
        />
        <SegmentedControl
          size="xs"
          aria-label="In which order"
          value={grouped}
          onChange={(value) => setGrouped(value)}
          data={[
            { value: 'state', label: 'By state' },
            { value: 'topic', label: 'By topic' },
          ]}
        />
        <TextInput
          size="xs"
          placeholder="Find a rule or a server"
          aria-label="Find a rule"
          value={words}
          onChange={(event) => onWords(event.currentTarget.value)}
        />
      </Group>
      <section aria-label="Rules">
        {list.length === 0 && <Text c="dimmed">No rule is like that.</Text>}
        {groups.map(
          ([topic, own]) =>
            own.length > 0 && (
              <div key={topic}>
                {topic !== '' && (
                  <Title order={2} size="h3" mt={8}>
                    {topic}
                  </Title>
                )}
                {own.map((one) => (
                  <RuleView key={one.id} rule={one} onGo={onGo} />
                ))}
              </div>
            ),
        )}
      </section>
    </>
  )
}
