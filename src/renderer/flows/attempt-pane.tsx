import { t } from '#messages/text.ts'
import { Text } from '@mantine/core'
import { memo, useCallback, useState, type ReactElement } from 'react'
import { tellDuration } from '#shared/contract/amounts.ts'
import { formatDateTime } from '#shared/wire/time.ts'
import { PagedList } from '../parts/paged-list.tsx'
import { useRead } from '../parts/use-read.ts'
import type { AttemptLine, SourceState } from './answers.ts'
import { ask } from './client.ts'
import { show, type Place } from './places.ts'
import { OutcomeMark } from './outcome.tsx'
import { useVendors } from './use-boot.ts'

interface LineProps {
  readonly line: AttemptLine
  readonly vendors: ReadonlyMap<string, string>
}

const Line = memo(function Line({ line, vendors }: LineProps): ReactElement {
  if (line.kind === 'machine')
    return (
      <span className="machine-line" title={[line.title, line.name, vendors.get(line.name)].filter(Boolean).join(', ')}>
        {line.title === '' ? <span className="mono">{line.name}</span> : line.title}
        <Text span size="xs" c="dimmed" ml={6}>
          {line.title === '' ? vendors.get(line.name) : line.name}
        </Text>
      </span>
    )
  return (
    <span className="attempt-line" title={`${formatDateTime(line.began)}: ${line.headline}`}>
      <OutcomeMark outcome={line.outcome} />
      <span className="attempt-text">{line.headline}</span>
      <Text span size="xs" c="dimmed">
        {tellDuration(line.milliseconds)}
      </Text>
    </span>
  )
})

interface AttemptPaneProps {
  readonly place: Place
  /** The attempt that is shown. */
  readonly attempt: number | undefined
  readonly state: SourceState
}

/** Every machine of the capture with its boots. */
export function AttemptPane({ place, attempt, state }: AttemptPaneProps): ReactElement {
  const { source, filter } = place
  const [machines, setMachines] = useState<readonly string[]>([])
  const vendors = useVendors(machines)
  const { value: position } = useRead(
    () => (attempt === undefined ? Promise.resolve(-1) : ask('lineOf', source, attempt)),
    `${source} ${attempt} ${state.attempts}`,
  )
  const fetch = useCallback(
    async (from: number, to: number) => {
      const lines = await ask('lines', source, from, to)
      setMachines(lines.filter((line) => line.kind === 'machine').map((line) => line.name))
      return lines
    },
    [source],
  )
  return (
    <PagedList
      label={t('flows.machines-their-attempts')}
      count={state.lines}
      fetch={fetch}
      identity={source}
      version={state.version}
      selected={position === undefined || position < 0 ? undefined : position}
      selectedKey={attempt}
      onSelect={(line) => {
        if (line.kind === 'attempt') show({ source, attempt: line.number, frame: undefined, filter })
      }}
      rowHeight={28}
      columns="minmax(0, 1fr)"
      pageSize={32}
      row={(line) => <Line line={line} vendors={vendors} />}
    />
  )
}
