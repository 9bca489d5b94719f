import { Text } from '@mantine/core'
import { useEffect, useState, type ReactElement } from 'react'
import { explainField } from '#shared/wire/dissect/explanations.ts'
import type { Field } from '#shared/wire/dissect/field.ts'
import { formatHex } from '#shared/wire/bytes.ts'
import { HexView } from '../parts/hex-view.tsx'
import type { FrameDetail } from './engine.ts'

/** Layers that are the same for every packet stay folded until somebody wants them. */
const carriers = new Set(['Ethernet', 'VLAN', 'IPv4', 'UDP'])

interface FieldRowProps {
  readonly field: Field
  readonly depth: number
  readonly selected: Field | undefined
  readonly onSelect: (field: Field) => void
}

const holds = (field: Field, wanted: Field | undefined): boolean =>
  wanted !== undefined && (field.children?.some((child) => child === wanted || holds(child, wanted)) ?? false)

function FieldRow({ field, depth, selected, onSelect }: FieldRowProps): ReactElement {
  const [isOpen, setOpen] = useState(depth > 0 || !carriers.has(field.name))
  const isParent = (field.children?.length ?? 0) > 0
  const shows = isOpen || holds(field, selected)
  return (
    <>
      <div
        className="field"
        role="treeitem"
        aria-level={depth + 1}
        aria-selected={selected === field}
        {...(isParent ? { 'aria-expanded': shows } : {})}
        tabIndex={-1}
        title={field.reference}
        onClick={() => {
          onSelect(field)
          if (isParent && depth === 0) setOpen(!shows)
        }}
      >
        <span style={{ paddingLeft: depth * 14, color: 'var(--mantine-color-dimmed)' }}>
          {depth === 0 && isParent ? (shows ? '▾ ' : '▸ ') : ''}
          {field.name}
        </span>
        <span className="mono" style={field.problem === undefined ? undefined : { color: 'var(--lab-bad)' }}>
          {field.text}
          {field.problem === undefined ? '' : ` (malformed: ${field.problem})`}
        </span>
      </div>
      {shows &&
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

/** The innermost field that holds a byte. */
function fieldAt(fields: readonly Field[], at: number): Field | undefined {
  for (const field of fields) {
    const inner = field.children && fieldAt(field.children, at)
    if (inner) return inner
    if (at >= field.at && at < field.at + field.length) return field
  }
  return undefined
}

/** One packet as fields and bytes, each of which selects the other. */
export function FramePane({ detail }: { readonly detail: FrameDetail }): ReactElement {
  const [selected, setSelected] = useState<Field>()
  useEffect(() => setSelected(undefined), [detail.frame])
  const { dissection, parts, comment } = detail
  const chosen = selected && fieldAt(dissection.layers, selected.at) ? selected : undefined
  return (
    <div className="frame-detail">
      <Text fw={600} size="sm">
        {dissection.protocol}: {dissection.summary}
      </Text>
      <Text c="dimmed" size="xs" mb={6}>
        Frame {detail.frame} · {new Date(detail.time).toISOString()} · {detail.interface}
        {detail.direction === undefined ? '' : detail.direction === 'in' ? ' · received' : ' · sent'} · {detail.length}{' '}
        bytes
        {detail.length > detail.bytes.length ? `, ${detail.bytes.length} kept` : ''}
        {detail.isSynthesised ? ' · headers synthesised' : ''}
      </Text>
      {parts.length > 0 && (
        <Text size="xs" mb={6}>
          Put together from the fragments in frames {parts.join(', ')}.
        </Text>
      )}
      {comment !== undefined && (
        <Text size="xs" mb={6} style={{ whiteSpace: 'pre-line' }}>
          Comment: {comment}
        </Text>
      )}
      {dissection.problems.map((one) => (
        <Text key={`${one.at}${one.message}`} c="var(--lab-bad)" size="xs" role="note">
          Malformed at byte {one.at}: {one.field} {one.message}
        </Text>
      ))}
      <div role="tree" aria-label="Fields">
        {dissection.layers.map((field) => (
          <FieldRow key={`${field.at}${field.name}`} field={field} depth={0} selected={chosen} onSelect={setSelected} />
        ))}
      </div>
      {chosen && (
        <Text size="xs" mt={4} px={8} role="note" aria-label="What the field means">
          <strong>{chosen.name}</strong>: {explainField(chosen) ?? 'bytes '}
          {explainField(chosen) === undefined ? `${chosen.at} to ${chosen.at + chosen.length - 1}` : ''}
          {chosen.reference === undefined ? '' : ` (${chosen.reference})`}
        </Text>
      )}
      <HexView
        hex={formatHex(detail.bytes.subarray(0, 4096))}
        from={chosen?.at}
        length={chosen?.length}
        onByte={(at) => setSelected(fieldAt(dissection.layers, at))}
      />
    </div>
  )
}
