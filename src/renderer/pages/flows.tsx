import { t } from '#messages/text.ts'
import { SegmentedControl } from '@mantine/core'
import { useElementSize, useMediaQuery } from '@mantine/hooks'
import { memo, useCallback, useDeferredValue, useEffect, useMemo, useState, type ReactElement } from 'react'
import type { ExplainedAttempt, SourceState } from '../flows/answers.ts'
import { AttemptPane } from '../flows/attempt-pane.tsx'
import { ask, useSources } from '../flows/client.ts'
import { CompareView } from '../flows/compare-view.tsx'
import { narrowed, without } from '../flows/filter-text.ts'
import { FramePane } from '../flows/frame-detail.tsx'
import { LadderPane } from '../flows/ladder-pane.tsx'
import { Nothing } from '../flows/nothing.tsx'
import type { FilterChange } from '../flows/packet-menu.tsx'
import { PacketPane } from '../flows/packet-pane.tsx'
import { placeOf, rememberPlace, show, type Place } from '../flows/places.ts'
import { rememberFilter } from '../flows/preferences.ts'
import { Sentences } from '../flows/sentences.tsx'
import { live } from '../flows/source-names.ts'
import { openSource } from '../flows/sources.ts'
import { FlowsToolbar } from '../flows/toolbar.tsx'
import { useAsked } from '../flows/use-asked.ts'
import { useAttemptAt, useExplained, useFlowKeys, useNames, useVendors } from '../flows/use-boot.ts'
import { usePacketSelection } from '../flows/use-packet-selection.ts'
import { Verdict } from '../flows/verdict.tsx'
import { EmptyState } from '../parts/empty-state.tsx'
import { PaneGroup, Panes } from '../parts/panes.tsx'
import { isTyping } from '../parts/typing.ts'
import { useSteady } from '../parts/use-steady.ts'
import { useRoute } from '../route.ts'

/** Room for the border of a box that scrolls. */
const scrollBar = 18
const noMacs: readonly string[] = []

interface BootProps {
  readonly explained: ExplainedAttempt
  readonly frame: number | undefined
  readonly onFrame: (frame: number) => void
  readonly onFilter: FilterChange
  readonly unfolded: readonly number[]
  readonly onUnfold: (unfolded: readonly number[]) => void
  /** Whether ladder and sentences take turns. */
  readonly isNarrow: boolean
}

/** A boot: its verdict, then the ladder and what it tells in sentences. */
const Boot = memo(function Boot(props: BootProps): ReactElement {
  const { explained, frame, onFrame, onFilter, unfolded, onUnfold, isNarrow } = props
  const [view, setView] = useState<'ladder' | 'story'>('ladder')
  const views = isNarrow ? (
    <SegmentedControl
      size="xs"
      className="boot-views"
      aria-label={t('flows.view-boot')}
      value={view}
      onChange={(value) => setView(value)}
      data={[
        { value: 'ladder', label: t('flows.ladder') },
        { value: 'story', label: t('flows.happened', { count: explained.explanation.sentences.length }) },
      ]}
    />
  ) : undefined
  const ladder = (
    <LadderPane
      explained={explained}
      frame={frame}
      onFrame={onFrame}
      onFilter={onFilter}
      unfolded={unfolded}
      onFold={(one) =>
        onUnfold(unfolded.includes(one) ? unfolded.filter((other) => other !== one) : [...unfolded, one])
      }
      onFoldAll={() => onUnfold([])}
      views={views}
    />
  )
  const sentences = <Sentences explained={explained} frame={frame} onFrame={onFrame} />
  return (
    <section className="flow-pane" aria-label={t('flows.happened-2')}>
      <Verdict explained={explained} frame={frame} onFrame={onFrame} />
      {!isNarrow ? (
        <Panes id="flows-boot" share={34} first={sentences} second={ladder} />
      ) : view === 'ladder' ? (
        ladder
      ) : (
        <>
          {views}
          {sentences}
        </>
      )}
    </section>
  )
})

interface ShownProps {
  readonly place: Place
  readonly state: SourceState
  readonly attempt: number | undefined
  readonly compared: string | undefined
  readonly onCompare: (other: string | undefined) => void
}

/** A source with packets. */
function Shown({ place, state, attempt, compared, onCompare }: ShownProps): ReactElement {
  const { source, frame, filter = '' } = place
  const [unfolded, setUnfolded] = useState<readonly number[]>([])
  const { ref, width } = useElementSize()
  // Beside each other ladder and sentences would leave too little room.
  const isNarrow = useMediaQuery('(max-width: 1250px)', undefined, { getInitialValueInEffect: false })
  const ladderWidth = Math.floor(isNarrow ? width : width * 0.66) - scrollBar
  const explained = useExplained(source, attempt, state, { width: Math.max(0, ladderWidth), unfolded })
  useVendors(explained?.macs ?? noMacs)
  const problem = useAsked(`${source} ${filter}`, () => ask('filter', source, filter))
  const detail = useAsked(frame === undefined ? undefined : `${source} ${frame} ${state.edits}`, () =>
    ask('frame', source, frame!),
  )
  const toFrame = useSteady((next: number, of?: number): void =>
    show({ source, attempt: of || attempt, frame: next, filter }),
  )
  const selected = usePacketSelection(place, state, toFrame)
  useFlowKeys(place, attempt, selected.mark)
  const setFilter = (text: string): void => show({ source, attempt: place.attempt, frame, filter: text })
  const changeFilter: FilterChange = useSteady((test, how) => {
    const text = how === 'apply' ? test : how === 'and' ? narrowed(filter, test) : without(filter, test)
    rememberFilter(text)
    setFilter(text)
  })
  const close = useCallback(() => show({ source, attempt, frame: undefined, filter }), [source, attempt, filter])
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.key === 'Escape' && !event.defaultPrevented && !isTyping(event.target) && frame !== undefined) close()
      if (event.key.toLowerCase() !== 'g' || !(event.ctrlKey || event.metaKey) || event.shiftKey) return
      event.preventDefault()
      document.getElementById('go-to-packet')?.focus()
    }
    window.addEventListener('keydown', press)
    return () => window.removeEventListener('keydown', press)
  }, [frame, close])
  const boot = (
    <div className="flow-pane" ref={ref}>
      {compared !== undefined && attempt !== undefined ? (
        <CompareView
          source={source}
          attempt={attempt}
          other={compared}
          frame={frame}
          onFrame={toFrame}
          onClose={() => onCompare(undefined)}
        />
      ) : explained ? (
        <Boot
          explained={explained}
          frame={frame}
          onFrame={toFrame}
          onFilter={changeFilter}
          unfolded={unfolded}
          onUnfold={setUnfolded}
          isNarrow={isNarrow ?? false}
        />
      ) : state.attempts === 0 ? (
        <EmptyState title={t('flows.no-boot-among-these-packets')}>{t('flows.neither-dhcp-nor-tftp-been')}</EmptyState>
      ) : null}
    </div>
  )
  // The packets are there first: the list of boots and the ladder wait for answers anyway, and are put together behind them.
  const hasRows = useDeferredValue(true, false)
  const attempts = <AttemptPane place={place} attempt={attempt} state={state} />
  const packets = (
    <PacketPane
      place={place}
      state={state}
      problem={problem ?? state.filterProblem}
      machine={explained?.machine}
      onFilter={setFilter}
      onChangeFilter={changeFilter}
      onFrame={toFrame}
      selected={selected}
    />
  )
  const fields =
    detail && frame !== undefined ? <FramePane detail={detail} onFilter={changeFilter} onClose={close} /> : undefined
  const size = isNarrow ? 'narrow' : 'wide'
  return (
    <div className="flows-body">
      <PaneGroup
        id={`flows-${size}`}
        orientation="vertical"
        panes={[
          {
            id: 'boot',
            share: fields ? 50 : isNarrow ? 68 : 62,
            content: hasRows && (
              <Panes id={`flows-top-${size}`} share={isNarrow ? 25 : 19} first={attempts} second={boot} />
            ),
          },
          { id: 'packets', share: fields ? 22 : isNarrow ? 32 : 38, content: packets },
          ...(fields ? [{ id: 'fields', share: 28, content: fields }] : []),
        ]}
      />
    </div>
  )
}

export function FlowsPage(): ReactElement {
  const { item } = useRoute()
  const place = useMemo(() => placeOf(item), [item])
  const { source } = place
  const state = useSources((one) => one.states.get(source))
  const [compared, setCompared] = useState<{ readonly source: string; readonly other: string }>()
  useEffect(() => rememberPlace(place), [place])
  useEffect(() => void openSource(source), [source])
  useNames(source)
  const attempt = useAttemptAt(place, state)
  const hasFrames = state !== undefined && state.last >= state.first
  const other = compared?.source === source ? compared.other : undefined
  const isBehind = source === live && place.attempt !== undefined && place.attempt !== state?.attempts
  const toNewest = useSteady(() => show({ source, attempt: undefined, frame: undefined, filter: place.filter }))
  const compare = useSteady((next: string | undefined): void =>
    setCompared(next === undefined ? undefined : { source, other: next }),
  )
  return (
    <div className="page-full">
      {hasFrames && attempt === undefined && <h1 className="visually-hidden">{t('flows.flows')}</h1>}
      <FlowsToolbar
        source={source}
        attemptNumber={attempt}
        progress={state?.progress}
        damage={state?.damage}
        hasFrames={hasFrames}
        onNewest={isBehind ? toNewest : undefined}
        onCompare={compare}
        compared={other}
      />
      {hasFrames ? (
        <Shown key={source} place={place} state={state} attempt={attempt} compared={other} onCompare={compare} />
      ) : (
        <Nothing source={source} state={state} />
      )}
    </div>
  )
}
