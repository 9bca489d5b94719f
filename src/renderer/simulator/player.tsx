import { say } from '#messages/message.ts'
import { t, textOf } from '#messages/text.ts'
import { Alert, Button, Loader, Text } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { lazy, Suspense, useCallback, useMemo, useState, type ReactElement } from 'react'
import { changeScenario } from '#shared/simulation/changes.ts'
import { remove as removal, titleOf, type Edit } from '#shared/simulation/edits.ts'
import type { Change, Scenario } from '#shared/simulation/scenario.ts'
import { call } from '../connection.ts'
import { EmptyState } from '../parts/empty-state.tsx'
import { Panes } from '../parts/panes.tsx'
import { attempt, complain } from '../store.ts'
import { tellOwn } from '../undo.tsx'
import { simulator } from './client.ts'
import { editedScenario, keepDraft } from './edited.ts'
import type { RunResult } from './engine.ts'
import { useScenarioHistory, type ScenarioHistory } from './history.ts'
import { nowhere } from './layouts.ts'
import { show, type SimulatorPlace } from './place.ts'
import { usePlayback, usePlaybackKeys } from './playback.ts'
import { Presenter } from './presenter.tsx'
import { SaveDialog } from './save-dialog.tsx'
import { settingsId } from './settings-panel.tsx'
import { SideTabs } from './side-tabs.tsx'
import { SimLadder } from './sim-ladder.tsx'
import { StageToolbar } from './stage-toolbar.tsx'
import { Transport } from './transport.tsx'
import { useRun } from './use-run.ts'
import { Rich } from '../parts/rich.tsx'

// Who looks at no drawing does not wait for what draws it.
const NetworkDrawing = lazy(async () => ({
  default: (await import('./drawing/network-drawing.tsx')).NetworkDrawing,
}))

/** Settings of the same path stand for each other; the newest wins. */
const joined = (before: readonly Change[], added: readonly Change[]): Change[] => [
  ...before.filter((one) => !added.some((other) => other.path === one.path)),
  ...added,
]

const everybody = 'all'
const noNotes: ReadonlyMap<number, string> = new Map()

interface PlayerProps {
  readonly place: SimulatorPlace
  readonly id: string
  readonly input: unknown
  readonly onSaved: () => void
}

/** A scenario that is played, once it has been computed. */
export function Player({ place, id, input, onSaved }: PlayerProps): ReactElement {
  const { ran, isRunning } = useRun(input, place.changes)
  const go = useCallback(
    (next: Partial<SimulatorPlace>, isReplacing = true) => show({ ...place, ...next }, isReplacing),
    [place],
  )
  const history = useScenarioHistory(id, place.changes, (scenario, changes) =>
    go({ scenario, changes, step: 0, ...(scenario === id ? {} : { client: undefined }) }, false),
  )
  if (!ran)
    return (
      <EmptyState
        title={t('simulator.booting')}
        icon={<Loader size={20} />}
        action={
          <Button size="xs" variant="default" onClick={() => void simulator('cancel')}>
            {t('common.cancel')}
          </Button>
        }
      >
        {t('simulator.whole-boot-computed-first-so')}
      </EmptyState>
    )
  if (!ran.ok)
    return (
      <Alert m="md" color="red" variant="light" title={t('simulator.these-settings-do-not-fit')} role="alert">
        {ran.problems.map(({ field, value, message, remedy }) => (
          <Text key={field + textOf(message)} size="sm">
            <Rich
              message={say('simulator.setting-problem', { field, problem: message, value, remedy })}
              tags={{ field: (text) => <b>{text}</b> }}
            />
          </Text>
        ))}
        <Button
          size="xs"
          mt="sm"
          onClick={() => (history.undoes === undefined ? go({ changes: place.changes.slice(0, -1) }) : history.undo())}
        >
          {t('simulator.undo-last-change')}
        </Button>
      </Alert>
    )
  return (
    <Stage
      key={id}
      place={place}
      id={id}
      input={input}
      run={ran}
      isRunning={isRunning}
      go={go}
      history={history}
      onSaved={onSaved}
    />
  )
}

interface StageProps extends PlayerProps {
  readonly run: RunResult
  readonly isRunning: boolean
  readonly go: (next: Partial<SimulatorPlace>, isReplacing?: boolean) => void
  readonly history: ScenarioHistory
}

function Stage({ place, id, input, run, isRunning, go, history, onSaved }: StageProps): ReactElement {
  const { story } = run
  // What is edited is the scenario with all changes, also while its boot is still computed.
  const scenario = useMemo(() => {
    const checked = changeScenario(input, place.changes)
    return checked.ok ? checked.scenario : run.scenario
  }, [input, place.changes, run])
  const [tab, setTab] = useState(id === editedScenario ? 'text' : scenario.repairs.length > 0 ? 'lesson' : 'screen')
  const [selected, setSelected] = useState<string>()
  const [isSaving, setSaving] = useState(false)
  const isNarrow = useMediaQuery('(max-width: 1250px)')
  const isShort = useMediaQuery('(max-height: 620px)')
  const clients = story.outcomes.map((one) => one.name)
  // Many boots at once are hard to follow: one at a time, unless somebody wants them all.
  const wanted = place.client === everybody ? undefined : (place.client ?? clients[0])
  const client = wanted !== undefined && clients.includes(wanted) ? wanted : undefined
  const steps = useMemo(
    () => (client === undefined ? story.steps : story.steps.filter((one) => one.client === client)),
    [story, client],
  )
  const playback = usePlayback(steps, place.step, (step) => go({ step }))
  const step = steps[playback.index]
  const isPresenting = place.view === 'present'
  // While it is presented, the presenter hears the keys.
  usePlaybackKeys(playback, steps, !isRunning && !isPresenting)
  const [notes, setNotes] = useState<ReadonlyMap<number, string>>(noNotes)
  // With many machines one of them is looked at: the one that was chosen, else the one the step is about.
  const watched = client ?? step?.client ?? clients[0]
  const isLast = playback.index >= steps.length - 1
  const now = isLast ? Infinity : (step?.until ?? 0)
  const lastFrame = useMemo(() => {
    if (isLast) return Infinity
    let last = 0
    for (let at = 0; at <= playback.index; at++) last = Math.max(last, steps[at]?.frame ?? 0)
    return last
  }, [steps, playback.index, isLast])
  // The end of a boot and what passes elsewhere are no frames of this segment: what was seen of the machine last stands for them.
  const shownFrame = useMemo(() => {
    for (let at = playback.index; at >= 0; at--) {
      const one = steps[at]
      if (one && one.client === watched && one.frame !== undefined) return one.frame
    }
    return undefined
  }, [steps, playback.index, watched])
  const toFrame = (frame: number): void => {
    const at = steps.findIndex((one) => one.frame === frame)
    if (at >= 0) playback.to(at)
  }
  const ladder =
    watched === undefined ? (
      <EmptyState title={t('simulator.no-machine-boots-here')}>{t('simulator.add-one-drawing-boot-played')}</EmptyState>
    ) : (
      <SimLadder
        run={run}
        client={watched}
        frame={shownFrame}
        lastFrame={lastFrame}
        isAtEnd={step?.kind === 'end' && step.client === watched}
        zoom={isPresenting ? 1.25 : 1}
        onFrame={toFrame}
        onNotes={setNotes}
      />
    )
  const change = (what: string, ...added: readonly Change[]): void =>
    history.make(what, { changes: joined(place.changes, added) })
  /** Does what somebody did in the drawing, and tells what could not be done. */
  const edit = (made: Edit | undefined): void => {
    if (!made) return
    if (made.changes.length === 0) {
      complain(new Error(textOf(made.says)), t('simulator.not-done'))
      return
    }
    // What has been given another wire stands where the drawing has room for it.
    const { [made.name]: _moved, ...places } = history.state.places
    history.make(textOf(made.says), { changes: joined(place.changes, made.changes), places })
  }
  const remove = (...names: readonly string[]): void => {
    setSelected(undefined)
    const made = removal(scenario, names)
    if (!made) return
    edit(made)
    tellOwn(textOf(made.says))
  }
  const isMachine = (name: string): boolean => story.outcomes.some((one) => one.name === name)
  /** A machine that is selected is the one whose boot is played. */
  const select = (name: string): void => {
    setSelected(name)
    if (name !== client && isMachine(name)) go({ client: name, step: 0 })
  }
  const open = (name: string): void => {
    setSelected(name)
    setTab('settings')
    // The panel is there with the next picture.
    requestAnimationFrame(() => document.getElementById(settingsId)?.focus())
  }
  const add = (made: Edit): void => {
    edit(made)
    if (made.changes.length === 0) return
    setSelected(made.name)
    setTab('settings')
  }
  const selectedRow = selected !== undefined && isMachine(selected) ? selected : client
  const network = (
    <Suspense fallback={<div className="network-box" />}>
      <NetworkDrawing
        scenario={scenario}
        story={story}
        step={step}
        travelled={playback.travelled}
        now={now}
        isShownOnly={isPresenting}
        selected={selected}
        places={history.state.places}
        onPlace={(name, point, isContinued) =>
          history.make(
            t('simulator.placed', { name: titleOf(scenario, name) }),
            { places: { ...history.state.places, [name]: point } },
            isContinued,
          )
        }
        onSelect={select}
        onOpen={open}
        onEdit={edit}
        onAdd={add}
        onRemove={remove}
      />
    </Suspense>
  )
  if (isPresenting && watched !== undefined)
    return (
      <Presenter
        scenario={scenario}
        story={story}
        steps={steps}
        playback={playback}
        client={watched}
        ladder={ladder}
        network={network}
        remarks={[notes.get(step?.frame ?? -1)].filter((text) => text !== undefined)}
        onClose={() => go({ view: 'play' })}
      />
    )
  const stage = (
    <Panes
      id={isShort ? 'simulator-stage-short' : 'simulator-stage'}
      orientation="vertical"
      share={isShort ? 66 : 54}
      first={
        <div className="sim-stage">
          {network}
          <Transport
            playback={playback}
            steps={steps}
            clients={clients}
            names={story.names}
            client={client}
            onClient={(next) => go({ client: next ?? everybody, step: 0 })}
          />
          <p className="narration" data-tone={step?.tone} role="status">
            {textOf(step?.sentence) ??
              (watched === undefined
                ? t('simulator.network-ready-no-machine')
                : t('simulator.network-ready-press-space-switch'))}
          </p>
        </div>
      }
      second={ladder}
    />
  )
  return (
    <div className="page-full">
      <StageToolbar
        id={id}
        place={place}
        input={input}
        run={run}
        isRunning={isRunning}
        changes={place.changes}
        history={history}
        canPresent={watched !== undefined}
        onPresent={() => go({ view: 'present' }, false)}
        onSave={() => setSaving(true)}
      />
      {run.forgotten > 0 && (
        <Text size="xs" c="dimmed" px="md">
          {t('simulator.more-frames-were-simulated-than', { count: run.forgotten })}
        </Text>
      )}
      <Panes
        id={isNarrow ? 'simulator-narrow' : 'simulator'}
        share={isNarrow ? 60 : 64}
        first={stage}
        second={
          <SideTabs
            id={id}
            input={input}
            run={run}
            scenario={scenario}
            tab={tab}
            onTab={setTab}
            changes={place.changes}
            now={now}
            client={client}
            watched={watched}
            selected={selected}
            selectedRow={selectedRow}
            onSelect={select}
            onSelected={setSelected}
            onRemove={(keys) => remove(...keys)}
            onEdit={edit}
            onChange={change}
            onRepair={(changes) =>
              history.make(
                changes.length === 0 ? t('simulator.all-changes-taken-back') : t('simulator.repair-applied'),
                { changes },
              )
            }
            onApply={(next, text) => {
              keepDraft(id, undefined)
              history.make(t('simulator.text-applied'), {
                scenario: editedScenario,
                changes: [],
                places: nowhere,
                edited: { input: next, text },
              })
            }}
          />
        }
      />
      <SaveDialog
        isOpen={isSaving}
        onClose={() => setSaving(false)}
        onSave={(name) => {
          setSaving(false)
          void attempt(t('simulator.save'), async () => {
            const plain: Scenario = { ...scenario, title: scenario.title, expect: {} }
            await call('scenarios.save', { id: name, input: JSON.parse(JSON.stringify(plain)) as never })
            onSaved()
            go({ scenario: name, changes: [], step: 0 }, false)
          })
        }}
      />
    </div>
  )
}
