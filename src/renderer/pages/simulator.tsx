import {
  ActionIcon,
  Alert,
  Button,
  Group,
  Loader,
  Menu,
  Modal,
  Tabs,
  Text,
  TextInput,
  Title,
  Tooltip,
} from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { IconArrowLeft, IconDots, IconLink, IconPresentation, IconRestore } from '@tabler/icons-react'
import { useCallback, useEffect, useMemo, useState, type ReactElement } from 'react'
import type { Change, Scenario } from '#shared/simulation/scenario.ts'
import { call } from '../connection.ts'
import { copyText } from '../parts/copy.ts'
import { EmptyState } from '../parts/empty-state.tsx'
import { Panes } from '../parts/panes.tsx'
import { useRead } from '../parts/use-read.ts'
import { addressOf, useRoute } from '../route.ts'
import { attempt, useStore } from '../store.ts'
import { offerUndo } from '../undo.tsx'
import { simulator } from '../simulator/client.ts'
import { ClientsTable } from '../simulator/clients-table.tsx'
import { useEdited } from '../simulator/edited.ts'
import type { Ran, RunResult } from '../simulator/engine.ts'
import { Lesson } from '../simulator/lesson.tsx'
import { LibraryView, type ListedScenario } from '../simulator/library-view.tsx'
import { LogView } from '../simulator/log-view.tsx'
import { MatrixView } from '../simulator/matrix-view.tsx'
import { NetworkView } from '../simulator/network-view.tsx'
import { isMatrix, placeOf, show, type SimulatorPlace } from '../simulator/place.ts'
import { usePlayback, usePlaybackKeys } from '../simulator/playback.ts'
import { download } from '../parts/download.ts'
import { Presenter } from '../simulator/presenter.tsx'
import { ScreenView } from '../simulator/screen-view.tsx'
import { ScenarioText } from '../simulator/scenario-text.tsx'
import { SettingsPanel } from '../simulator/settings-panel.tsx'
import { SimLadder } from '../simulator/sim-ladder.tsx'
import { Transport } from '../simulator/transport.tsx'

/** Settings of the same path stand for each other; the newest wins. */
const joined = (before: readonly Change[], added: readonly Change[]): Change[] => [
  ...before.filter((one) => !added.some((other) => other.path === one.path)),
  ...added,
]

/** Runs the scenario; what was there stays until the new run is done. */
function useRun(
  input: unknown,
  changes: readonly Change[],
): { readonly ran: Ran | undefined; readonly isRunning: boolean } {
  const [ran, setRan] = useState<Ran>()
  const [isRunning, setRunning] = useState(true)
  const key = JSON.stringify(changes)
  useEffect(() => {
    let isCurrent = true
    setRunning(true)
    void simulator('run', input, JSON.parse(key) as Change[]).then((value) => {
      if (!isCurrent || !value) return
      setRan(value)
      setRunning(false)
    })
    return () => {
      isCurrent = false
    }
  }, [input, key])
  return { ran, isRunning }
}

function SaveDialog({
  isOpen,
  onClose,
  onSave,
}: {
  readonly isOpen: boolean
  readonly onClose: () => void
  readonly onSave: (id: string) => void
}): ReactElement {
  const [name, setName] = useState('')
  const id = name
    .trim()
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
  return (
    <Modal opened={isOpen} onClose={onClose} title="Save the scenario" size="sm">
      <TextInput
        label="Name"
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={name !== '' && id === '' ? 'Letters or digits, please.' : undefined}
        data-autofocus
      />
      <Button mt="sm" disabled={id === ''} onClick={() => onSave(id)}>
        Save
      </Button>
    </Modal>
  )
}

const everybody = 'all'
/** Address of the scenario that was written as a text. */
const editedScenario = 'edited'

interface PlayerProps {
  readonly place: SimulatorPlace
  readonly id: string
  readonly input: unknown
  readonly onSaved: () => void
}

function Player({ place, id, input, onSaved }: PlayerProps): ReactElement {
  const { ran, isRunning } = useRun(input, place.changes)
  const go = useCallback(
    (next: Partial<SimulatorPlace>, isReplacing = true) => show({ ...place, ...next }, isReplacing),
    [place],
  )
  if (!ran)
    return (
      <EmptyState
        title="Booting"
        icon={<Loader size={20} />}
        action={
          <Button size="xs" variant="default" onClick={() => void simulator('cancel')}>
            Cancel
          </Button>
        }
      >
        The whole boot is computed first, so that it can be played back and forth.
      </EmptyState>
    )
  if (!ran.ok)
    return (
      <Alert m="md" color="red" variant="light" title="These settings do not fit together" role="alert">
        {ran.problems.map(({ field, value, message, remedy }) => (
          <Text key={field + message} size="sm">
            <b>{field}</b> {message} (it is {value}). {remedy}
          </Text>
        ))}
        <Button size="xs" mt="sm" onClick={() => go({ changes: place.changes.slice(0, -1) })}>
          Undo the last change
        </Button>
      </Alert>
    )
  return (
    <Stage key={id} place={place} id={id} input={input} run={ran} isRunning={isRunning} go={go} onSaved={onSaved} />
  )
}

interface StageProps extends PlayerProps {
  readonly run: RunResult
  readonly isRunning: boolean
  readonly go: (next: Partial<SimulatorPlace>, isReplacing?: boolean) => void
}

function Stage({ place, id, input, run, isRunning, go, onSaved }: StageProps): ReactElement {
  const { scenario, story } = run
  const [selected, setSelected] = useState<string>()
  const [isSaving, setSaving] = useState(false)
  const [draft, setDraft] = useState<string>()
  const isNarrow = useMediaQuery('(max-width: 1250px)')
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
  usePlaybackKeys(playback, steps, !isRunning, isPresenting ? () => go({ view: 'play' }) : undefined)
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
      <EmptyState title="No machine boots here">Add one under Settings, and its boot is played at once.</EmptyState>
    ) : (
      <SimLadder run={run} client={watched} frame={shownFrame} lastFrame={lastFrame} onFrame={toFrame} />
    )
  const change = (...added: readonly Change[]): void => {
    const gone = added.find(({ path, value }) => value === null && /^(hosts|clients)\./.test(path))
    go({ changes: joined(place.changes, added), step: 0 }, false)
    if (!gone) return
    const { changes } = place
    const key = gone.path.replace(/^\w+\./, '')
    offerUndo(`${story.names[key] ?? key} removed`, () => Promise.resolve(go({ changes, step: 0 }, false)))
  }
  /** Takes hosts and machines out, and what was expected of them. */
  const remove = (...keys: readonly string[]): void => {
    setSelected(undefined)
    change(
      ...keys.flatMap((key) => [
        { path: `${scenario.hosts[key] ? 'hosts' : 'clients'}.${key}`, value: null },
        ...(scenario.expect[key] ? [{ path: `expect.${key}`, value: null }] : []),
      ]),
    )
  }
  const isMachine = (name: string): boolean => story.outcomes.some((one) => one.name === name)
  /** A machine that is selected is the one whose boot is played. */
  const select = (name: string): void => {
    setSelected(name)
    if (name !== client && isMachine(name)) go({ client: name, step: 0 })
  }
  const selectedRow = selected !== undefined && isMachine(selected) ? selected : client
  const lab = async (): Promise<void> => {
    const made = await simulator('labOf', input, place.changes)
    if (made) download(`${id}-lab.json`, JSON.stringify(made.lab, null, 2), 'application/json')
  }
  if (isPresenting && watched !== undefined)
    return (
      <Presenter
        title={scenario.title}
        story={story}
        steps={steps}
        playback={playback}
        client={watched}
        ladder={ladder}
        onClose={() => go({ view: 'play' })}
      />
    )
  const stage = (
    <Panes
      id="simulator-stage"
      orientation="vertical"
      share={54}
      first={
        <div className="sim-stage">
          <NetworkView
            id={id}
            scenario={scenario}
            story={story}
            step={step}
            travelled={playback.travelled}
            now={now}
            selected={selected}
            onSelect={select}
            onConnect={(key, segment) => change({ path: `clients.${key}.on`, value: segment })}
            onRemove={remove}
          />
          <Transport
            playback={playback}
            steps={steps}
            clients={clients}
            names={story.names}
            client={client}
            onClient={(next) => go({ client: next ?? everybody, step: 0 })}
          />
          <p className="narration" data-tone={step?.tone} role="status">
            {step?.sentence ??
              (watched === undefined
                ? 'The network is ready, and no machine is on it.'
                : 'The network is ready. Press Space to switch the machines on.')}
          </p>
        </div>
      }
      second={ladder}
    />
  )
  const side = (
    <Tabs
      defaultValue={id === editedScenario ? 'text' : scenario.repairs.length > 0 ? 'lesson' : 'screen'}
      keepMounted={false}
      className="sim-side"
    >
      <Tabs.List>
        <Tabs.Tab value="lesson">Lesson</Tabs.Tab>
        <Tabs.Tab value="screen">Screen and logs</Tabs.Tab>
        <Tabs.Tab value="machines">Machines</Tabs.Tab>
        <Tabs.Tab value="settings">Settings</Tabs.Tab>
        <Tabs.Tab value="text">Text</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="lesson">
        <div className="sim-lesson">
          <div className="sim-lesson-screen">
            {watched !== undefined && (
              <>
                <Text size="xs" c="dimmed">
                  Screen of {story.names[watched] ?? watched}
                </Text>
                <ScreenView story={story} client={watched} now={now} />
              </>
            )}
          </div>
          <Lesson
            id={id}
            input={input}
            scenario={scenario}
            changes={place.changes}
            onChanges={(changes) => go({ changes, step: 0 }, false)}
          />
        </div>
      </Tabs.Panel>
      <Tabs.Panel value="screen">
        <div className="sim-screens">
          {(client === undefined ? clients.slice(0, 6) : [client]).map((name) => (
            <div key={name}>
              <Text size="xs" c="dimmed">
                Screen of {story.names[name] ?? name}
              </Text>
              <ScreenView story={story} client={name} now={now} />
            </div>
          ))}
          <LogView log={story.log} now={now} names={story.names} host={selected} />
        </div>
      </Tabs.Panel>
      <Tabs.Panel value="machines">
        <ClientsTable
          scenario={scenario}
          story={story}
          selected={selectedRow}
          onSelect={select}
          onRemove={(keys) => remove(...keys)}
        />
      </Tabs.Panel>
      <Tabs.Panel value="text">
        <ScenarioText
          id={id}
          input={input}
          changes={place.changes}
          draft={draft}
          onDraft={setDraft}
          onApply={(next, text) => {
            useEdited.setState({ input: next, text })
            setDraft(undefined)
            go({ scenario: editedScenario, changes: [], client: undefined, step: 0 }, false)
          }}
        />
      </Tabs.Panel>
      <Tabs.Panel value="settings">
        <SettingsPanel scenario={scenario} selected={selected} onSelect={setSelected} onChange={change} />
      </Tabs.Panel>
    </Tabs>
  )
  return (
    <div className="page-full">
      <div className="toolbar">
        <Tooltip label="All scenarios">
          <ActionIcon
            component="a"
            href={addressOf('simulator')}
            variant="subtle"
            color="gray"
            aria-label="All scenarios"
          >
            <IconArrowLeft size={18} />
          </ActionIcon>
        </Tooltip>
        <Title order={1} size="h3" className="top-fact">
          {scenario.title}
        </Title>
        {isRunning && <Loader size={14} aria-label="Running" />}
        {place.changes.length > 0 && (
          <Button
            size="compact-xs"
            variant="light"
            leftSection={<IconRestore size={13} />}
            onClick={() => go({ changes: [], step: 0 }, false)}
          >
            {place.changes.length} {place.changes.length === 1 ? 'change' : 'changes'} · Reset
          </Button>
        )}
        <span style={{ flex: 1 }} />
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<IconPresentation size={15} />}
          disabled={watched === undefined}
          onClick={() => go({ view: 'present' }, false)}
        >
          Present
        </Button>
        <Tooltip label="Copy a link to this step">
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label="Copy a link to this step"
            onClick={() => void copyText(window.location.href, 'the link to this step')}
          >
            <IconLink size={17} />
          </ActionIcon>
        </Tooltip>
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon variant="subtle" color="gray" aria-label="More">
              <IconDots size={17} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item
              onClick={() =>
                download(`${id}.pcapng`, run.capture as Uint8Array<ArrayBuffer>, 'application/vnd.tcpdump.pcap')
              }
            >
              Export the packets (pcapng)
            </Menu.Item>
            <Menu.Item onClick={() => void lab()}>Export as a lab file</Menu.Item>
            <Menu.Item onClick={() => setSaving(true)}>Save as a scenario of mine</Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </div>
      {run.forgotten > 0 && (
        <Text size="xs" c="dimmed" px="md">
          {run.forgotten} more frames were simulated than are kept.
        </Text>
      )}
      <Panes id={isNarrow ? 'simulator-narrow' : 'simulator'} share={isNarrow ? 60 : 64} first={stage} second={side} />
      <SaveDialog
        isOpen={isSaving}
        onClose={() => setSaving(false)}
        onSave={(name) => {
          setSaving(false)
          void attempt('Save', async () => {
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

/** Where the scenario of an address comes from. */
function useInput(
  place: SimulatorPlace,
  version: number,
): { readonly input: unknown; readonly isMissing: boolean; readonly entries: readonly ListedScenario[] } {
  const { value: list } = useRead(() => call('scenarios.list', {}), version)
  const name = place.scenario
  const diagnosed = useStore((state) => state.diagnosed)
  const edited = useEdited((state) => state.input)
  const { value: special, error } = useRead<unknown>(
    () =>
      name === 'lab'
        ? call('scenarios.ofLab', {})
        : name?.startsWith('row:')
          ? simulator('rowScenario', name.slice(4))
          : Promise.resolve(undefined),
    name,
  )
  const entries = useMemo(
    (): ListedScenario[] =>
      (list ?? []).map(({ id, origin, input }) => {
        const { title, group, summary, repairs } = input as unknown as Scenario
        return { id, origin, title, group, summary, input, isLesson: (repairs ?? []).some((one) => one.isAccepted) }
      }),
    [list],
  )
  const found = list?.find((one) => one.id === name)?.input
  const isSpecial = name === 'lab' || (name?.startsWith('row:') ?? false)
  const input = name === 'server' ? diagnosed : name === editedScenario ? edited : isSpecial ? special : found
  return {
    input,
    isMissing: name !== undefined && input === undefined && (isSpecial ? error !== undefined : list !== undefined),
    entries,
  }
}

export function SimulatorPage(): ReactElement {
  const { item } = useRoute()
  const place = useMemo(() => placeOf(item), [item])
  const [version, setVersion] = useState(0)
  const onChanged = (): void => setVersion((one) => one + 1)
  const hasLab = useStore((one) => one.lab?.exists === true && one.lab.lab !== undefined)
  const { input, isMissing, entries } = useInput(place, version)
  if (isMatrix(place))
    return (
      <div className="page-full">
        <Group className="toolbar" gap="xs">
          <ActionIcon
            component="a"
            href={addressOf('simulator')}
            variant="subtle"
            color="gray"
            aria-label="All scenarios"
          >
            <IconArrowLeft size={18} />
          </ActionIcon>
          <Title order={1} size="h3">
            Co-hosting matrix
          </Title>
        </Group>
        <MatrixView
          isByRow={place.view === 'rows'}
          onView={(view) => show({ ...place, view })}
          onPlay={(key, client) => show({ scenario: `row:${key}`, view: 'play', step: 0, client, changes: [] })}
        />
      </div>
    )
  if (place.scenario === undefined) return <LibraryView entries={entries} hasLab={hasLab} onChanged={onChanged} />
  if (isMissing)
    return (
      <EmptyState
        title="There is no such scenario"
        action={
          <Button component="a" href={addressOf('simulator')} size="xs">
            All scenarios
          </Button>
        }
      >
        {place.scenario} is neither shipped nor saved here.
      </EmptyState>
    )
  if (input === undefined) return <EmptyState title="Opening the scenario" icon={<Loader size={20} />} />
  return <Player key={place.scenario} place={place} id={place.scenario} input={input} onSaved={onChanged} />
}
