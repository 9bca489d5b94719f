import { t, textOf } from '#messages/text.ts'
import { Anchor, Group, Progress, SegmentedControl, Text, TextInput, Title } from '@mantine/core'
import { useState, type ReactElement } from 'react'
import { stateNames } from '#shared/planner/export.ts'
import { capabilityNames, type ServerReadiness } from '#shared/planner/plan.ts'
import { byState, severityNames, subjectText, topicOf, topics, type State } from '#shared/planner/rule.ts'
import { WithCodes } from '../ask/with-codes.tsx'
import { Fold } from '../parts/fold.tsx'
import { addressOf } from '../route.ts'
import { Mark } from '../doctor/mark.tsx'
import { marks } from './marks.ts'
import { Needs } from './needs.tsx'
import type { ShownPlan, ShownRule } from './shown-plan.ts'

interface Going {
  readonly onGo: (name: string) => void
}

interface RuleViewProps extends Going {
  readonly rule: ShownRule
  readonly isFolded?: boolean
}

function RuleView({ rule, isFolded, onGo }: RuleViewProps): ReactElement {
  const { id, state, title, severity, items, more, remedy, source } = rule
  return (
    <Fold
      label={`${id}: ${textOf(stateNames[state])}`}
      opens={state === 'violated' && !isFolded}
      summary={
        <>
          <Mark {...marks[state]} />
          <span className="mono">{id}</span> <WithCodes text={textOf(title)} />
          {state === 'violated' && (
            <Text span size="xs" c="dimmed">
              {' '}
              {textOf(severityNames[severity])}
            </Text>
          )}
        </>
      }
    >
      <div className="indented">
        {items.map((one, index) => (
          <Text key={index} size="sm">
            <strong>{textOf(subjectText(one.subject))}</strong>:{' '}
            {one.needs.length > 0 ? <Needs needs={one.needs} onGo={onGo} /> : <WithCodes text={textOf(one.says)} />}
          </Text>
        ))}
        {more > 0 && (
          <Text size="sm" c="dimmed">
            {t('planner-page.more', { count: more })}
          </Text>
        )}
        {state === 'violated' && (
          <Text size="sm">
            <strong>{t('planner-page.remedy')}</strong> {textOf(remedy)}{' '}
            {id.startsWith('OSD-COHOST') && (
              <Anchor size="sm" href={addressOf('doctor', 'use-dhcp-ports')}>
                {t('planner-page.procedure-step-step')}
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
        aria-label={`${name}: ${percent === undefined ? t('planner-page.rule-about') : t('planner-page.percent', { percent })}`}
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
      label={t('planner-page.server', { server })}
      summaryClass="planner-bar"
      summary={
        <>
          <Bar name={server} percent={percent} isBlocked={violated > 0} />
          <Text size="xs" c="dimmed" truncate>
            {violated > 0 && t('planner-page.way', { violated })}
          </Text>
        </>
      }
    >
      <div className="fold-body">
        {checks.map((one, index) => (
          <Text key={index} size="sm">
            <Mark {...marks[one.state]} />
            <span className="mono">{one.rule}</span> {textOf(one.title)}
            {one.state !== 'met' && ': '}
            {one.needs.length > 0 ? (
              <Needs needs={one.needs} onGo={onGo} />
            ) : one.state === 'violated' ? (
              <WithCodes text={`${textOf(one.says)} ${textOf(one.remedy)}`} />
            ) : (
              ''
            )}
          </Text>
        ))}
        {checks.length === 0 && (
          <Text size="sm" c="dimmed">
            {t('planner-page.rule-about-2')}
          </Text>
        )}
      </div>
    </Fold>
  )
}

/** Of servers that are many, those with something in their way come first. */
const mostServers = 8

function Readiness({
  judged,
  words,
  onGo,
}: { readonly judged: ShownPlan; readonly words: string } & Going): ReactElement {
  const found = judged.servers.filter((one) => one.server.toLowerCase().includes(words.toLowerCase()))
  const servers = found.toSorted((a, b) => (a.percent ?? 101) - (b.percent ?? 101)).slice(0, mostServers)
  return (
    <section className="section" aria-label={t('planner-page.readiness')}>
      {judged.readiness.map(({ capability, percent, blocking, checks }) => (
        <Fold
          key={capability}
          label={textOf(capabilityNames[capability])}
          summaryClass="planner-bar"
          summary={
            <>
              <Bar name={textOf(capabilityNames[capability])} percent={percent} isBlocked={blocking.length > 0} />
              <Text size="xs" c="dimmed">
                {blocking.length > 0 && t('planner-page.blocked', { blocking: blocking.join(', ') })}
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
          {t('planner-page.servers')}
        </Title>
      )}
      {servers.map((one, index) => (
        <ServerChecks key={`${one.server} ${index}`} server={one} onGo={onGo} />
      ))}
      {found.length > mostServers && (
        <Text size="xs" c="dimmed">
          {t('planner-page.readier-find-them-name-below', { count: found.length - mostServers })}
        </Text>
      )}
    </section>
  )
}

interface VerdictsProps extends Going {
  readonly judged: ShownPlan
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
    (one) => (shown === 'all' || one.state === shown) && one.words.includes(words.toLowerCase()),
  )
  const groups = grouped === 'state' ? [['', list] as const] : topics.map((topic) => [topic, list.filter((one) => topicOf(one.id) === topic)] as const) // prettier-ignore
  return (
    <>
      <Readiness judged={judged} words={words} onGo={onGo} />
      <Group my={8} gap="sm">
        <SegmentedControl
          size="xs"
          aria-label={t('planner-page.rules')}
          value={shown}
          onChange={(value) => setShown(value)}
          data={[
            { value: 'all', label: t('planner-page.all') },
            { value: 'violated', label: t('planner-page.violated', { count: count('violated') }) },
            { value: 'unknown', label: t('planner-page.unknown', { count: count('unknown') }) },
            { value: 'met', label: t('planner-page.met', { count: count('met') }) },
          ]}
        />
        <SegmentedControl
          size="xs"
          aria-label={t('planner-page.order')}
          value={grouped}
          onChange={(value) => setGrouped(value)}
          data={[
            { value: 'state', label: t('planner-page.state') },
            { value: 'topic', label: t('planner-page.topic') },
          ]}
        />
        <TextInput
          size="xs"
          placeholder={t('planner-page.find-rule-server')}
          aria-label={t('planner-page.find-rule')}
          value={words}
          onChange={(event) => onWords(event.currentTarget.value)}
        />
      </Group>
      <section aria-label={t('planner-page.rules-2')}>
        {list.length === 0 && <Text c="dimmed">{t('planner-page.rule-like')}</Text>}
        {groups.map(
          ([topic, own]) =>
            own.length > 0 && (
              <div key={textOf(topic)}>
                {topic !== '' && (
                  <Title order={2} size="h3" mt={8}>
                    {textOf(topic)}
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
