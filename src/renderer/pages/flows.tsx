import { Button, Chip, Group, Kbd, Loader, Text } from '@mantine/core'
import { useElementSize, useMediaQuery } from '@mantine/hooks'
import { useCallback, useEffect, useMemo, useRef, useState, type ReactElement } from 'react'
import type { FilterProblem } from '#shared/trace/filter/syntax.ts'
import { ask, useSources } from '../flows/client.ts'
import { CompareView } from '../flows/compare-view.tsx'
import type { AttemptLine, ExplainedAttempt, PacketRow, SourceState } from '../flows/engine.ts'
import { FilterInput } from '../flows/filter-input.tsx'
import { protocolColours } from '../flows/format.ts'
import { FramePane } from '../flows/frame-detail.tsx'
import { LadderView } from '../flows/ladder-view.tsx'
import { isFile, knowsFile, live, nameOfSource, openSource, placeOf, show, type Place } from '../flows/sources.ts'
import { outcomeMarks, Story } from '../flows/story.tsx'
import { FlowsToolbar, LadderTools } from '../flows/toolbar.tsx'
import { call } from '../connection.ts'
import { EmptyState } from '../parts/empty-state.tsx'
import { PagedList } from '../parts/paged-list.tsx'
import { Panes } from '../parts/panes.tsx'
import { useRead } from '../parts/use-read.ts'
import { useRoute } from '../route.ts'
import { useStore } from '../store.ts'

const wideColumns = '56px 84px 92px 148px 152px minmax(200px, 1fr)'
const narrowColumns = '44px 66px 78px minmax(160px, 1fr)'

function AttemptRow({
  line,
  vendors,
}: {
  readonly line: AttemptLine
  readonly vendors: ReadonlyMap<string, string>
}): ReactElement {
  if (line.kind === 'machine')
    return (
      <span className="machine-line">
        <span className="mono">{line.name}</span>
        <Text span size="xs" c="dimmed" ml={6}>
          {vendors.get(line.name)}
        </Text>
      </span>
    )
  const { mark, colour, word } = outcomeMarks[line.outcome]
  return (
    <span className="attempt-line" title={`${new Date(line.began).toLocaleString()}: ${line.headline}`}>
      <span style={{ color: colour }} aria-label={word}>
        {mark}
      </span>
      <span className="attempt-text">{line.headline}</span>
      <Text span size="xs" c="dimmed">
        {line.seconds < 100 ? `${line.seconds.toFixed(1)} s` : `${Math.round(line.seconds)} s`}
      </Text>
    </span>
  )
}

/** Vendors of network cards, asked for once each. */
function useVendors(): [ReadonlyMap<string, string>, (names: readonly string[]) => void] {
  const [vendors, setVendors] = useState<ReadonlyMap<string, string>>(new Map())
  const asked = useRef(new Set<string>())
  const want = useCallback((names: readonly string[]) => {
    const fresh = names.filter((name) => name.includes(':') && !asked.current.has(name)).slice(0, 500)
    if (fresh.length === 0) return
    for (const name of fresh) asked.current.add(name)
    void (async () => {
      // Without a connection the names are left out; they are no reason to complain.
      const found = await call('vendors.find', { macs: fresh }).catch(() => [])
      setVendors((before) => new Map([...before, ...fresh.map((name, index) => [name, found[index] ?? ''] as const)]))
    })()
  }, [])
  return [vendors, want]
}

interface PaneProps {
  readonly place: Place
  readonly state: SourceState
}

interface AttemptPaneProps extends PaneProps {
  readonly vendors: ReadonlyMap<string, string>
  readonly wantVendors: (macs: readonly string[]) => void
}

function AttemptPane({ place, state, vendors, wantVendors }: AttemptPaneProps): ReactElement {
  const { source, attempt } = place
  const { value: position } = useRead(
    () => (attempt === undefined ? Promise.resolve(-1) : ask('lineOf', source, attempt)),
    `${source} ${attempt} ${state.attempts}`,
  )
  const fetch = useCallback(
    async (from: number, to: number) => {
      const lines = await ask('lines', source, from, to)
      wantVendors(lines.filter((line) => line.kind === 'machine').map((line) => line.name))
      return lines
    },
    [source, wantVendors],
  )
  return (
    <PagedList
      label="Machines and their attempts"
      count={state.lines}
      fetch={fetch}
      identity={source}
      version={state.version}
      selected={position === undefined || position < 0 ? undefined : position}
      selectedKey={attempt}
      onSelect={(line) => {
        if (line.kind === 'attempt') show({ source, attempt: line.number, frame: undefined })
      }}
      rowHeight={28}
      columns="minmax(0, 1fr)"
      pageSize={32}
      row={(line) => <AttemptRow line={line} vendors={vendors} />}
    />
  )
}

interface PacketPaneProps extends PaneProps {
  readonly filter: string
  readonly onFilter: (text: string) => void
  readonly problem: FilterProblem | undefined
  readonly machine: string | undefined
  /** Leaves out who to whom: the summary matters more. */
  readonly isNarrow: boolean
}

function PacketPane({ place, state, filter, onFilter, problem, machine, isNarrow }: PacketPaneProps): ReactElement {
  const packetColumns = isNarrow ? narrowColumns : wideColumns
  const { source, frame } = place
  const presets = [
    ...(machine === undefined ? [] : [['This machine', `client == ${machine}`] as const]),
    ['Only errors', 'error'] as const,
    ['Only 4011', 'port == 4011'] as const,
    ['No blocks', '!(tftp.type == data || tftp.type == ack)'] as const,
  ]
  const { value: position } = useRead(
    () => (frame === undefined ? Promise.resolve(-1) : ask('positionOf', source, frame)),
    `${source} ${frame} ${filter} ${state.first}`,
  )
  const fetch = useCallback((from: number, to: number) => ask('rows', source, from, to), [source])
  return (
    <div className="page-full">
      <div className="toolbar packet-tools">
        <FilterInput source={source} value={filter} onChange={onFilter} problem={problem} />
        <Group gap={4} wrap="nowrap">
          {presets.map(([label, text]) => (
            <Chip
              key={label}
              size="xs"
              radius="sm"
              checked={filter.trim() === text}
              onChange={(isOn) => onFilter(isOn ? text : '')}
            >
              {label}
            </Chip>
          ))}
        </Group>
        <span style={{ flex: 1 }} />
        <Text c="dimmed" size="xs" role="status" title={`Read and analysed in ${(state.busyMs / 1000).toFixed(1)} s`}>
          {state.matched.toLocaleString('en')} of {(state.last - state.first + 1).toLocaleString('en')} packets
          {state.filtered < state.last ? ', filtering' : ''}
        </Text>
      </div>
      <div className="list-head" style={{ gridTemplateColumns: packetColumns }}>
        <span className="number">No.</span>
        <span className="number">Time</span>
        <span>Protocol</span>
        {!isNarrow && (
          <>
            <span>From</span>
            <span>To</span>
          </>
        )}
        <span>What</span>
      </div>
      <PagedList<PacketRow>
        label="Packets"
        count={state.matched}
        fetch={fetch}
        identity={`${source} ${filter} ${state.first}`}
        version={0}
        selected={position === undefined || position < 0 ? undefined : position}
        selectedKey={frame}
        onSelect={(row) => show({ ...place, frame: row.frame })}
        rowHeight={22}
        columns={packetColumns}
        follows={source === live}
        row={(row) => (
          <>
            <span className="mono number">{row.frame}</span>
            <span className="mono number" title={new Date(row.time).toISOString()}>
              {row.seconds.toFixed(3)}
            </span>
            <span style={{ color: protocolColours[row.protocol] ?? 'var(--lab-quiet)' }}>{row.protocol}</span>
            {!isNarrow && (
              <>
                <span className="mono">{row.source}</span>
                <span className="mono">{row.destination}</span>
              </>
            )}
            <span title={isNarrow ? `${row.source} to ${row.destination}` : undefined}>
              {row.isMalformed && <strong style={{ color: 'var(--lab-bad)' }}>malformed </strong>}
              {row.summary}
            </span>
          </>
        )}
      />
    </div>
  )
}

/** Most of what comes in live concerns other machines: what is the same is not drawn again. */
const isSame = (before: ExplainedAttempt | undefined, value: ExplainedAttempt | undefined): boolean =>
  before?.source === value?.source &&
  before?.number === value?.number &&
  before?.svg === value?.svg &&
  before?.explanation.sentences.length === value?.explanation.sentences.length &&
  before?.explanation.headline === value?.explanation.headline

const noMacs: readonly string[] = []

/** What is asked for of an attempt, asked again while it changes. */
function useExplained(
  place: Place,
  state: SourceState | undefined,
  width: number,
  spacing: 'even' | 'scale',
  unfolded: ReadonlySet<number>,
  vendors: ReadonlyMap<string, string>,
): ExplainedAttempt | undefined {
  const { source, attempt } = place
  const [explained, setExplained] = useState<ExplainedAttempt>()
  const isAsking = useRef(false)
  const [again, setAgain] = useState(0)
  const version = state?.version
  // Of all vendors only those of the lanes go to the worker, and only they have it drawn again.
  const macs = explained?.macs ?? noMacs
  const named = JSON.stringify(macs.map((mac) => [mac, vendors.get(mac) ?? '']))
  const captions = useMemo(() => new Map(JSON.parse(named) as [string, string][]), [named])
  const waits = source === live && explained?.explanation.outcome === 'waiting'
  useEffect(() => {
    if (!waits) return
    // What is due counts down though nothing comes.
    const timer = window.setInterval(() => setAgain((one) => one + 1), 1000)
    return () => window.clearInterval(timer)
  }, [waits])
  useEffect(() => {
    if (attempt === undefined || width < 100) {
      setExplained(undefined)
      return
    }
    if (isAsking.current) return
    isAsking.current = true
    let isCurrent = true
    void ask('explain', source, attempt, { width, spacing, unfolded: [...unfolded], vendors: captions })
      .then((value) => isCurrent && setExplained((before) => (isSame(before, value) ? before : value)))
      .finally(() => {
        isAsking.current = false
        if (!isCurrent) setAgain((one) => one + 1)
      })
    return () => {
      isCurrent = false
    }
  }, [source, attempt, version, width, spacing, unfolded, captions, again])
  return explained?.number === attempt && explained?.source === source ? explained : undefined
}

function useFlowKeys(place: Place, spacing: (one: 'even' | 'scale') => void): void {
  useEffect(() => {
    const { source, attempt, frame } = place
    const press = (event: KeyboardEvent): void => {
      const target = event.target as HTMLElement
      if (/^(input|textarea|select)$/i.test(target.tagName) || event.ctrlKey || event.metaKey || event.altKey) return
      const to = (next: number | undefined): void => {
        if (next !== undefined) show({ source, attempt, frame: next })
      }
      const actions: Readonly<Record<string, () => void>> = {
        n: () => void ask('stepFrom', source, frame, 1).then(to),
        p: () => void ask('stepFrom', source, frame, -1).then(to),
        ']': () =>
          void ask('neighbour', source, attempt, 1).then(
            (next) => next !== undefined && show({ source, attempt: next, frame: undefined }),
          ),
        '[': () =>
          void ask('neighbour', source, attempt, -1).then(
            (next) => next !== undefined && show({ source, attempt: next, frame: undefined }),
          ),
        x: () => {
          if (attempt !== undefined) void ask('nextProblem', source, attempt, frame).then(to)
        },
        e: () => spacing('even'),
        t: () => spacing('scale'),
      }
      const action = actions[event.key]
      if (!action) return
      event.preventDefault()
      action()
    }
    window.addEventListener('keydown', press)
    return () => window.removeEventListener('keydown', press)
  }, [place, spacing])
}

function Nothing({ source }: { readonly source: string }): ReactElement {
  const status = useStore((one) => one.status)
  if (isFile(source) && !knowsFile(source))
    return (
      <EmptyState title={`${nameOfSource(source)} is not open any more`}>
        A page cannot open a file of yours by itself after a reload. Drop the file on the window again, or choose Open.
      </EmptyState>
    )
  if (source !== live)
    return (
      <EmptyState title={`Reading ${nameOfSource(source)}`} icon={<Loader size={20} />}>
        The first packets appear in a moment.
      </EmptyState>
    )
  const isRunning = status?.state === 'responding' || status?.state === 'listening'
  return (
    <EmptyState title="No packet yet">
      {isRunning
        ? 'Every packet that passes through the ports of this lab appears here as it comes. Start a client.'
        : 'Here a boot shows as a ladder: who said what to whom, what should have come and did not, and why.'}
      <ul>
        <li>Drop a capture file (pcap or pcapng) anywhere on this window, or choose Open.</li>
        <li>Press Capture to look at what passes on an interface, without answering anything.</li>
        <li>Start the responder: its own traffic shows here by itself.</li>
      </ul>
      Keys: <Kbd>n</Kbd> <Kbd>p</Kbd> next and previous packet, <Kbd>]</Kbd> <Kbd>[</Kbd> attempt, <Kbd>x</Kbd> next
      problem, <Kbd>/</Kbd> filter, <Kbd>e</Kbd> even, <Kbd>t</Kbd> to scale.
    </EmptyState>
  )
}

export function FlowsPage(): ReactElement {
  const { item } = useRoute()
  const place = useMemo(() => placeOf(item), [item])
  const { source, machine, attempt, frame } = place
  const state = useSources((one) => one.states.get(source))
  const [filter, setFilter] = useState('')
  const [problem, setProblem] = useState<FilterProblem>()
  const [spacing, setSpacing] = useState<'even' | 'scale'>('even')
  const [unfolded, setUnfolded] = useState<ReadonlySet<number>>(new Set())
  const [compared, setCompared] = useState<string>()
  const { ref: ladderBox, width } = useElementSize()
  // Beside the ladder the fields would leave it no room.
  const isNarrow = useMediaQuery('(max-width: 1250px)')
  useEffect(() => void openSource(source), [source])
  useEffect(() => {
    setFilter('')
    setProblem(undefined)
    setUnfolded(new Set())
    setCompared(undefined)
  }, [source])
  useEffect(() => {
    void ask('filter', source, filter).then(setProblem)
  }, [source, filter])
  const attempts = state?.attempts ?? 0
  const newest = useRef(0)
  useEffect(() => {
    const before = newest.current
    newest.current = attempts
    if (attempts === 0) return
    if (machine !== undefined) {
      void ask('attemptOf', source, machine).then((found) =>
        show({ source, attempt: found ?? attempts, frame: undefined }),
      )
      return
    }
    // Whoever comes for a packet sees the attempt it is of.
    if (attempt === undefined && frame !== undefined) {
      void Promise.all([ask('frame', source, frame), ask('neighbour', source, undefined, 1)]).then(([found, first]) => {
        const of = found?.attempt || first
        if (of !== undefined) show({ source, attempt: of, frame })
      })
      return
    }
    // The first attempt of a file is what people come for. Live it is the newest, also when the next one begins, as long
    // as nobody looks at a packet of the one before; in a storm the page stays where it is.
    if (
      source === live &&
      (attempt === undefined || (attempt === before && attempts - before <= 3 && frame === undefined))
    ) {
      if (attempt !== attempts) show({ source, attempt: attempts, frame: undefined })
    } else if (attempt === undefined)
      void ask('neighbour', source, undefined, 1).then(
        (first) => first !== undefined && show({ source, attempt: first, frame: undefined }),
      )
  }, [source, machine, attempt, attempts, frame])
  const [vendors, wantVendors] = useVendors()
  const explained = useExplained(place, state, Math.max(0, Math.floor(width) - 18), spacing, unfolded, vendors)
  useFlowKeys(place, setSpacing)
  const macs = explained?.macs
  useEffect(() => {
    if (macs) wantVendors(macs)
  }, [macs, wantVendors])
  const { value: detail } = useRead(
    () => (frame === undefined ? Promise.resolve(undefined) : ask('frame', source, frame)),
    `${source} ${frame}`,
  )
  const toFrame = useCallback((next: number) => show({ source, attempt, frame: next }), [source, attempt])
  const hasFrames = state !== undefined && state.last >= state.first
  const packets = hasFrames && (
    <PacketPane
      place={place}
      state={state}
      filter={filter}
      onFilter={setFilter}
      problem={problem ?? state.filterProblem}
      machine={explained?.machine}
      isNarrow={isNarrow}
    />
  )
  const fields = detail ? (
    <FramePane detail={detail} />
  ) : (
    <EmptyState title="Choose a packet">
      Its fields and bytes show here: click an arrow, a sentence or a line of the list.
    </EmptyState>
  )
  const middle = (
    <div className="flow-middle" ref={ladderBox}>
      {compared !== undefined && attempt !== undefined ? (
        <CompareView
          source={source}
          attempt={attempt}
          other={compared}
          frame={frame}
          onFrame={toFrame}
          onClose={() => setCompared(undefined)}
        />
      ) : explained ? (
        <>
          <Story explained={explained} frame={frame} onFrame={toFrame} />
          <div className="ladder-tools">
            <LadderTools spacing={spacing} onSpacing={setSpacing} />
            <Text size="xs" c="dimmed">
              Bars are files: click one to see its packets.
            </Text>
          </div>
          <LadderView
            explained={explained}
            frame={frame}
            onFrame={toFrame}
            onFold={(transfer) => {
              const next = new Set(unfolded)
              if (!next.delete(transfer)) next.add(transfer)
              setUnfolded(next)
            }}
          />
          {unfolded.size > 0 && (
            <Button size="compact-xs" variant="default" className="fold-all" onClick={() => setUnfolded(new Set())}>
              Fold all files
            </Button>
          )}
        </>
      ) : (
        <EmptyState title={attempts === 0 ? 'No boot among these packets' : 'Choose an attempt'}>
          {attempts === 0
            ? 'Neither DHCP nor TFTP has been seen. The packets are listed below.'
            : 'The list on the left has machines and their attempts.'}
        </EmptyState>
      )}
    </div>
  )
  return (
    <div className="page-full">
      <FlowsToolbar source={source} attemptNumber={attempt} state={state} onCompare={setCompared} compared={compared} />
      {!hasFrames ? (
        <Nothing source={source} />
      ) : (
        <Panes
          id={isNarrow ? 'flows-narrow' : 'flows'}
          orientation="vertical"
          share={isNarrow ? 62 : 72}
          first={
            <Panes
              id={isNarrow ? 'flows-top-narrow' : 'flows-top'}
              share={isNarrow ? 26 : 19}
              first={<AttemptPane place={place} state={state} vendors={vendors} wantVendors={wantVendors} />}
              second={isNarrow ? middle : <Panes id="flows-right" share={66} first={middle} second={fields} />}
            />
          }
          second={isNarrow ? <Panes id="flows-bottom" share={56} first={packets} second={fields} /> : packets}
        />
      )}
    </div>
  )
}
