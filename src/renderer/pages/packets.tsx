import { Button, Text, TextInput } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { useEffect, useMemo, useState, type ReactElement } from 'react'
import type { PacketDetail, PacketField } from '#shared/contract/calls.ts'
import { call } from '../connection.ts'
import { EmptyState } from '../parts/empty-state.tsx'
import { HexView } from '../parts/hex-view.tsx'
import { Panes } from '../parts/panes.tsx'
import { useRead } from '../parts/use-read.ts'
import { VirtualList } from '../parts/virtual-list.tsx'
import { go, useRoute } from '../route.ts'
import { attempt, clearPackets, fetchPackets, useStore } from '../store.ts'

const colours: Readonly<Record<string, string>> = {
  DHCP: 'var(--lab-dhcp)',
  proxyDHCP: 'var(--lab-pxe)',
  TFTP: 'var(--lab-tftp)',
  HTTP: 'var(--lab-http)',
}

/** Layers that are the same for every packet stay folded until somebody wants them. */
const carriers = new Set(['Ethernet', 'VLAN', 'IPv4', 'UDP'])

const columns = '76px 84px 150px 158px minmax(160px, 1fr)'

async function save(): Promise<void> {
  const file = await attempt('Save', () => call('packets.save', {}))
  if (!file) return
  const bytes = Uint8Array.from(atob(file.base64), (character) => character.charCodeAt(0))
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([bytes], { type: 'application/x-pcapng' }))
  link.download = file.name
  link.click()
  URL.revokeObjectURL(link.href)
}

interface FieldRowProps {
  readonly field: PacketField
  readonly depth: number
  readonly selected: PacketField | undefined
  readonly onSelect: (field: PacketField) => void
}

function FieldRow({ field, depth, selected, onSelect }: FieldRowProps): ReactElement {
  const [isOpen, setOpen] = useState(depth > 0 || !carriers.has(field.name))
  const isParent = (field.children?.length ?? 0) > 0
  return (
    <>
      <div
        className="field"
        role="treeitem"
        aria-level={depth + 1}
        aria-selected={selected?.at === field.at && selected.name === field.name}
        {...(isParent ? { 'aria-expanded': isOpen } : {})}
        tabIndex={-1}
        title={field.reference}
        onClick={() => {
          onSelect(field)
          if (isParent && depth === 0) setOpen(!isOpen)
        }}
      >
        <span style={{ paddingLeft: depth * 16, color: 'var(--mantine-color-dimmed)' }}>
          {depth === 0 && isParent ? (isOpen ? '▾ ' : '▸ ') : ''}
          {field.name}
        </span>
        <span className="mono" style={field.problem === undefined ? undefined : { color: 'var(--lab-bad)' }}>
          {field.text}
          {field.problem === undefined ? '' : ` (malformed: ${field.problem})`}
        </span>
      </div>
      {isOpen &&
        field.children?.map((child) => (
          <FieldRow
            key={`${child.at}${child.name}${child.text}`}
            field={child}
            depth={depth + 1}
            selected={selected}
            onSelect={onSelect}
          />
        ))}
    </>
  )
}

function Detail({ detail }: { readonly detail: PacketDetail }): ReactElement {
  const [selected, setSelected] = useState<PacketField>()
  useEffect(() => setSelected(undefined), [detail])
  const { packet } = detail
  return (
    <div style={{ padding: 12 }}>
      <Text fw={600} mb={2}>
        {packet.protocol}: {packet.summary}
      </Text>
      <Text c="dimmed" size="xs" mb={8}>
        {new Date(packet.time).toISOString()} · {packet.interface} · {packet.direction === 'in' ? 'received' : 'sent'} ·{' '}
        {packet.length} bytes
      </Text>
      {detail.problems.map((one) => (
        <Text key={`${one.at}${one.message}`} c="var(--lab-bad)" role="note">
          Malformed at byte {one.at}: {one.field} {one.message}
        </Text>
      ))}
      <div role="tree" aria-label="Fields">
        {detail.fields.map((field) => (
          <FieldRow
            key={`${field.at}${field.name}`}
            field={field}
            depth={0}
            selected={selected}
            onSelect={setSelected}
          />
        ))}
      </div>
      <HexView hex={detail.hex} from={selected?.at} length={selected?.length} />
    </div>
  )
}

export function PacketsPage(): ReactElement {
  const packets = useStore((one) => one.packets)
  const range = useStore((one) => one.packetRange)
  const { item } = useRoute()
  const [filter, setFilter] = useState('')
  // Side by side the list would lose the column that says what a packet is.
  const isNarrow = useMediaQuery('(max-width: 1200px)')
  useEffect(() => void fetchPackets(), [range])
  const shown = useMemo(() => {
    const words = filter.toLowerCase().split(/\s+/).filter(Boolean)
    if (words.length === 0) return packets
    return packets.filter((packet) => {
      const text =
        `${packet.protocol} ${packet.source} ${packet.destination} ${packet.mac} ${packet.summary}`.toLowerCase()
      return words.every((word) => text.includes(word))
    })
  }, [packets, filter])
  const id = item === undefined ? undefined : Number(item)
  const { value: detail } = useRead(() => (id === undefined ? Promise.resolve(null) : call('packets.read', { id })), id)
  const first = packets[0]?.time ?? 0
  if (packets.length === 0)
    return (
      <EmptyState title="No packet yet">
        Every packet that passes through the lab's ports appears here as it comes: what it is, what it says, byte by
        byte. Start the responder, or choose mode listen to look on without answering.
      </EmptyState>
    )
  return (
    <div className="page-full">
      <div className="toolbar">
        <TextInput
          size="xs"
          w={320}
          aria-label="Filter packets"
          placeholder="Words: offer 52:54:00 4011"
          value={filter}
          onChange={(event) => setFilter(event.currentTarget.value)}
        />
        <Text c="dimmed" size="xs">
          {shown.length} of {packets.length} packets
        </Text>
        <span style={{ flex: 1 }} />
        <Button size="compact-xs" variant="default" onClick={() => void save()}>
          Save as pcapng
        </Button>
        <Button size="compact-xs" variant="default" onClick={() => void attempt('Clear', clearPackets)}>
          Clear
        </Button>
      </div>
      <Panes
        id={isNarrow ? 'packets-narrow' : 'packets'}
        orientation={isNarrow ? 'vertical' : 'horizontal'}
        share={isNarrow ? 45 : 60}
        first={
          <>
            <div className="list-head" style={{ gridTemplateColumns: columns }}>
              <span>Time</span>
              <span>Protocol</span>
              <span>From</span>
              <span>To</span>
              <span>What</span>
            </div>
            <VirtualList
              label="Packets"
              items={shown}
              keyOf={(packet) => packet.id}
              selected={id}
              onSelect={(packet) => go('packets', String(packet.id), true)}
              rowHeight={24}
              columns={columns}
              follows
              row={(packet) => (
                <>
                  <span className="mono" title={new Date(packet.time).toISOString()}>
                    {((packet.time - first) / 1000).toFixed(3)} s
                  </span>
                  <span style={{ color: colours[packet.protocol] ?? 'var(--lab-quiet)' }}>
                    {packet.direction === 'in' ? '→' : '←'} {packet.protocol}
                  </span>
                  <span className="mono">{packet.source}</span>
                  <span className="mono">{packet.destination}</span>
                  <span>
                    {packet.problems > 0 && <strong style={{ color: 'var(--lab-bad)' }}>malformed </strong>}
                    {packet.summary}
                  </span>
                </>
              )}
            />
          </>
        }
        second={
          detail ? (
            <Detail detail={detail} />
          ) : (
            <EmptyState title="Choose a packet">
              Its fields and bytes show here. Arrow keys go through the list.
            </EmptyState>
          )
        }
      />
    </div>
  )
}
