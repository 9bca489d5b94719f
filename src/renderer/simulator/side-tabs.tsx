import { t } from '#messages/text.ts'
import { Tabs, Text } from '@mantine/core'
import type { ReactElement } from 'react'
import type { Edit } from '#shared/simulation/edits.ts'
import type { Change, Scenario } from '#shared/simulation/scenario.ts'
import { ClientsTable } from './clients-table.tsx'
import { keepDraft, useDrafts } from './edited.ts'
import type { RunResult } from './engine.ts'
import { Lesson } from './lesson.tsx'
import { LogView } from './log-view.tsx'
import { ScenarioText } from './scenario-text.tsx'
import { ScreenView } from './screen-view.tsx'
import { SettingsPanel } from './settings-panel.tsx'

interface SideTabsProps {
  readonly id: string
  readonly input: unknown
  readonly run: RunResult
  /** With all changes, of which the run may not know yet. */
  readonly scenario: Scenario
  readonly tab: string
  readonly onTab: (tab: string) => void
  readonly changes: readonly Change[]
  /** Milliseconds of simulated time: what has happened so far. */
  readonly now: number
  /** The machine whose boot is played; undefined for all of them. */
  readonly client: string | undefined
  /** The machine that is looked at. */
  readonly watched: string | undefined
  readonly selected: string | undefined
  readonly selectedRow: string | undefined
  readonly onSelect: (name: string) => void
  readonly onSelected: (name: string | undefined) => void
  readonly onRemove: (names: readonly string[]) => void
  readonly onEdit: (edit: Edit | undefined) => void
  readonly onChange: (what: string, ...changes: readonly Change[]) => void
  /** A repair of the lesson is played, or taken back. */
  readonly onRepair: (changes: readonly Change[]) => void
  readonly onApply: (input: unknown, text: string) => void
}

/** What stands beside the drawing: lesson, screens and logs, machines, settings, text. */
export function SideTabs(props: SideTabsProps): ReactElement {
  const { id, input, run, scenario, changes, now, client, watched, selected } = props
  const { story } = run
  const draft = useDrafts((one) => one.drafts[id])
  const clients = story.outcomes.map((one) => one.name)
  return (
    <Tabs
      value={props.tab}
      onChange={(tab) => tab !== null && props.onTab(tab)}
      keepMounted={false}
      className="sim-side"
    >
      <Tabs.List>
        <Tabs.Tab value="lesson">{t('simulator.lesson')}</Tabs.Tab>
        <Tabs.Tab value="screen">{t('simulator.screen-logs')}</Tabs.Tab>
        <Tabs.Tab value="machines">{t('simulator.machines')}</Tabs.Tab>
        <Tabs.Tab value="settings">{t('simulator.settings')}</Tabs.Tab>
        <Tabs.Tab value="text">{draft === undefined ? t('simulator.text') : t('simulator.text-not-applied')}</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="lesson">
        <div className="sim-lesson">
          <div className="sim-lesson-screen">
            {watched !== undefined && (
              <>
                <Text size="xs" c="dimmed">
                  {t('simulator.screen-of', { machine: story.names[watched] ?? watched })}
                </Text>
                <ScreenView story={story} client={watched} now={now} />
              </>
            )}
          </div>
          <Lesson id={id} input={input} scenario={scenario} changes={changes} onChanges={props.onRepair} />
        </div>
      </Tabs.Panel>
      <Tabs.Panel value="screen">
        <div className="sim-screens">
          {(client === undefined ? clients.slice(0, 6) : [client]).map((name) => (
            <div key={name}>
              <Text size="xs" c="dimmed">
                {t('simulator.screen-of', { machine: story.names[name] ?? name })}
              </Text>
              <ScreenView story={story} client={name} now={now} />
            </div>
          ))}
          <LogView log={story.log} now={now} names={story.names} host={selected} />
        </div>
      </Tabs.Panel>
      <Tabs.Panel value="machines">
        <ClientsTable
          scenario={run.scenario}
          story={story}
          selected={props.selectedRow}
          onSelect={props.onSelect}
          onRemove={props.onRemove}
        />
      </Tabs.Panel>
      <Tabs.Panel value="text">
        <ScenarioText
          id={id}
          input={input}
          changes={changes}
          draft={draft}
          onDraft={(text) => keepDraft(id, text)}
          onApply={props.onApply}
        />
      </Tabs.Panel>
      <Tabs.Panel value="settings">
        <SettingsPanel
          scenario={scenario}
          selected={selected}
          onSelect={props.onSelected}
          onChange={props.onChange}
          onEdit={props.onEdit}
          onRemove={(name) => props.onRemove([name])}
        />
      </Tabs.Panel>
    </Tabs>
  )
}
