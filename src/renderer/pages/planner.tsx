import { Button, Group, Menu, Progress, SegmentedControl, Text, Textarea, TextInput, Title } from '@mantine/core'
import { useEffect, useMemo, useState, type ReactElement } from 'react'
import type { Reply } from '#shared/contract/calls.ts'
import { byState, exportPlan, planFormats, stateNames } from '#shared/planner/export.ts'
import { plan, type Plan } from '#shared/planner/plan.ts'
import type { Judged, State } from '#shared/planner/rule.ts'
import type { Site } from '#shared/planner/site.ts'
import { call } from '../connection.ts'
import { bad, good, Mark, unknown } from '../doctor/mark.tsx'
import { download } from '../flows/sources.ts'
import { useRead } from '../parts/use-read.ts'
import { attempt } from '../store.ts'
import { Hierarchy } from '../planner/hierarchy.tsx'

const marks = { violated: bad, unknown, met: good, 'not-applicable': unknown } as const
const capabilityNames = {
  deployment: 'Every deployment',
  pxe: 'PXE',
  multicast: 'Multicast',
  userState: 'User state',
  updates: 'Software updates',
  reports: 'Reports',
} as const
const types = { md: 'text/markdown', csv: 'text/csv', html: 'text/html' } as const
const kept = 'planner'
const readAfterMs = 300

function RuleView({ rule }: { readonly rule: Judged }): ReactElement {
  const { id, state, title, severity, items, remedy, source } = rule
  return (
    <details aria-label={`${id}: ${stateNames[state]}`} open={state === 'violated'} style={{ padding: '3px 0' }}>
      <summary>
        <Mark {...marks[state]} />
        <span className="mono">{id}</span> {title}
        {state === 'violated' && (
          <Text span size="xs" c="dimmed">
            {' '}
            {severity}
          </Text>
        )}
      </summary>
      <div style={{ paddingLeft: 20 }}>
        {items
          .filter((one) => one.state === state)
          .map((one, index) => (
            <Text key={index} size="sm">
              <strong>{one.subject}</strong>: {one.says}
            </Text>
          ))}
        {state === 'violated' && (
          <Text size="sm">
            <strong>Remedy.</strong> {remedy}
          </Text>
        )}
        <Text size="xs" c="dimmed">
          {source}
        </Text>
      </div>
    </details>
  )
}

function Verdicts({ site, judged }: { readonly site: Site; readonly judged: Plan }): ReactElement {
  const [shown, setShown] = useState<State | 'all'>('all')
  const [words, setWords] = useState('')
  const count = (state: State): number => judged.rules.filter((one) => one.state === state).length
  const list = byState(judged.rules).filter(
    (one) =>
      (shown === 'all' || one.state === shown) && `${one.id} ${one.title}`.toLowerCase().includes(words.toLowerCase()),
  )
  const title = site.name ?? 'Site'
  return (
    <>
      <Group justify="space-between" mb={6}>
        <div role="status">
          <Title order={1}>
            {count('violated') > 0
              ? `${count('violated')} rules are violated.`
              : count('unknown') > 0
                ? `Nothing is violated, and ${count('unknown')} rules want to know more.`
                : 'Everything that applies is met.'}
          </Title>
        </div>
        <Menu>
          <Menu.Target>
            <Button size="xs" variant="default">
              Save as…
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {planFormats.map((format) => (
              <Menu.Item
                key={format}
                onClick={() => download(`plan.${format}`, exportPlan(judged, title, format), types[format])}
              >
                {{ md: 'Markdown', csv: 'CSV', html: 'HTML' }[format]}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      </Group>
      <Hierarchy site={site} />
      <section className="section" aria-label="Readiness">
        {judged.readiness.map(({ capability, percent, blocking }) => (
          <Group key={capability} gap="sm" wrap="nowrap" style={{ padding: '2px 0' }}>
            <Text size="sm" w={130} style={{ flexShrink: 0 }}>
              {capabilityNames[capability]}
            </Text>
            <Progress
              value={percent}
              w={140}
              style={{ flexShrink: 0 }}
              aria-label={`${capabilityNames[capability]}: ${percent} percent`}
              color={blocking.length > 0 ? 'red' : percent === 100 ? 'green' : 'gray'}
            />
            <Text size="xs" w={40} style={{ flexShrink: 0 }}>
              {percent} %
            </Text>
            <Text size="xs" c="dimmed">
              {blocking.length > 0 && `blocked by ${blocking.join(', ')}`}
            </Text>
          </Group>
        ))}
      </section>
      <Group mb={6} gap="sm">
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
        <TextInput
          size="xs"
          placeholder="Find a rule"
          aria-label="Find a rule"
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
        />
      </Group>
      <section aria-label="Rules">
        {list.length === 0 && <Text c="dimmed">No rule is like that.</Text>}
        {list.map((one) => (
          <RuleView key={one.id} rule={one} />
        ))}
      </section>
    </>
  )
}

/** A site file on the left, and on the right what stands in its way. */
export function PlannerPage(): ReactElement {
  const examples = useRead(() => call('plan.examples', {}), 'examples')
  const [text, setText] = useState(() => sessionStorage.getItem(kept) ?? '')
  const [read, setRead] = useState<Reply<'plan.read'>>()
  useEffect(() => {
    sessionStorage.setItem(kept, text)
    let isCurrent = true
    const timer = window.setTimeout(() => {
      void attempt('The site file', () => call('plan.read', { text })).then((reply) => {
        if (isCurrent && reply) setRead(reply)
      })
    }, readAfterMs)
    return () => {
      isCurrent = false
      window.clearTimeout(timer)
    }
  }, [text])
  const site = read?.site ?? undefined
  const judged = useMemo(() => site && plan(site), [site])
  return (
    <div className="planner">
      <div className="planner-file">
        <Group gap="xs" mb={6}>
          <Menu>
            <Menu.Target>
              <Button size="xs" variant="default">
                Open an example…
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              {(examples.value ?? []).map((one) => (
                <Menu.Item key={one.id} onClick={() => setText(one.text)}>
                  {one.title}
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
          <Button
            size="xs"
            variant="default"
            disabled={text === ''}
            onClick={() => download('site.yaml', text, 'text/yaml')}
          >
            Save the file
          </Button>
        </Group>
        <Textarea
          aria-label="Site file"
          classNames={{ root: 'planner-text', wrapper: 'planner-text', input: 'planner-text mono' }}
          spellCheck={false}
          value={text}
          placeholder={"sites:\n  - { code: P01, role: primary, version: '2403' }\nwants: { pxe: true }"}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <div role="status" aria-label="Problems of the file">
          {(read?.problems ?? []).map((one, index) => (
            <Text key={index} size="sm" c="var(--lab-bad)">
              Line {one.line}: {one.field} {one.message} (it is {one.value}). {one.remedy}
            </Text>
          ))}
        </div>
      </div>
      <div className="planner-verdicts">
        {site && judged && text.trim() !== '' ? (
          <Verdicts site={site} judged={judged} />
        ) : (
          <Text c="dimmed" maw={520}>
            Describe a Configuration Manager site as far as it is known, or open an example. What is not stated is
            unknown, and a rule that needs it says which place in the file would tell.
          </Text>
        )}
      </div>
    </div>
  )
}
