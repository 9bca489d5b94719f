import { keyOf } from '#messages/message.ts'
import { t, textOf } from '#messages/text.ts'
import { ActionIcon, Group, Menu, Text, Tooltip } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { useEffect, useRef, useState, type KeyboardEvent, type MouseEvent, type ReactElement } from 'react'
import { explainField } from '#shared/wire/dissect/explanations.ts'
import type { Field } from '#shared/wire/dissect/field.ts'
import { formatHex } from '#shared/wire/bytes.ts'
import { fieldName } from '#shared/wire/field-names.ts'
import { formatPreciseDateTime } from '#shared/wire/time.ts'
import { ContextMenu, isMenuKey, useContextMenu } from '../parts/context-menu.tsx'
import { copyText } from '../parts/copy.ts'
import { HexView } from '../parts/hex-view.tsx'
import { Panes } from '../parts/panes.tsx'
import type { FrameDetail } from './answers.ts'
import { comparisonOf } from './filter-text.ts'

/** Layers that are the same for every packet stay folded until somebody wants them. */
const carriers = new Set(['Ethernet', 'VLAN', 'IPv4', 'UDP'])
/** Bytes that are drawn; of a longer packet the rest is in what is exported. */
const mostBytes = 4096

interface TreeProps {
  readonly selected: Field | undefined
  readonly onSelect: (field: Field) => void
  readonly onMenu: (event: MouseEvent, field: Field) => void
}

const holds = (field: Field, wanted: Field | undefined): boolean =>
  wanted !== undefined && (field.children?.some((child) => child === wanted || holds(child, wanted)) ?? false)

/** A capture file may leave its interfaces without names: they are numbered then. */
function interfaceText(name: string): string {
  const number = /^interface (\d+)$/.exec(name)?.[1]
  return number === undefined ? name : t('wire.interface', { number })
}

/** Where a packet comes from, in one line. */
const aboutFrame = (detail: FrameDetail): string =>
  [
    t('flows.frame-number', { frame: detail.frame }),
    formatPreciseDateTime(detail.time),
    interfaceText(detail.interface),
    ...(detail.direction === undefined ? [] : [detail.direction === 'in' ? t('flows.received') : t('flows.sent')]),
    detail.length > detail.bytes.length
      ? t('flows.length-kept', { length: detail.length, kept: detail.bytes.length })
      : t('flows.length-bytes', { length: detail.length }),
    ...(detail.isSynthesised ? [t('flows.headers-synthesised')] : []),
    ...(detail.isMarked ? [t('flows.marked')] : []),
  ].join(' · ')

function FieldRow({
  field,
  depth,
  ...tree
}: TreeProps & { readonly field: Field; readonly depth: number }): ReactElement {
  const { selected, onSelect, onMenu } = tree
  const [isOpen, setOpen] = useState(depth > 0 || !carriers.has(field.name))
  const isParent = (field.children?.length ?? 0) > 0
  const shows = isOpen || holds(field, selected)
  const row = useRef<HTMLDivElement>(null)
  const isSelected = selected === field
  useEffect(() => {
    if (isSelected) row.current?.scrollIntoView({ block: 'nearest' })
  }, [isSelected])
  return (
    <>
      <div
        ref={row}
        className="field"
        role="treeitem"
        aria-level={depth + 1}
        aria-selected={isSelected}
        {...(isParent ? { 'aria-expanded': shows } : {})}
        tabIndex={-1}
        title={field.reference}
        onClick={() => {
          onSelect(field)
          if (isParent && depth === 0) setOpen(!shows)
        }}
        onContextMenu={(event) => {
          onSelect(field)
          onMenu(event, field)
        }}
      >
        <span className="field-name" data-depth={Math.min(depth, 6)}>
          {depth === 0 && isParent ? (shows ? '▾ ' : '▸ ') : ''}
          {textOf(fieldName(field.name))}
        </span>
        <span className="mono" data-tone={field.problem === undefined ? undefined : 'bad'}>
          {textOf(field.text)}
          {field.problem === undefined ? '' : ` (${t('flows.malformed-why', { problem: field.problem })})`}
        </span>
      </div>
      {shows &&
        field.children?.map((child) => (
          <FieldRow key={`${child.at}${child.name}${keyOf(child.text)}`} field={child} depth={depth + 1} {...tree} />
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

/** The fields of a tree that are on the screen without unfolding any, as arrow keys go through them. */
const inOrder = (fields: readonly Field[]): Field[] =>
  fields.flatMap((field) => [field, ...(field.children ? inOrder(field.children) : [])])

interface FieldMenuProps {
  readonly field: Field
  readonly bytes: Uint8Array
  readonly onFilter: (text: string, how: 'apply' | 'exclude' | 'and') => void
}

function FieldMenu({ field, bytes, onFilter }: FieldMenuProps): ReactElement {
  const test = field.key === undefined ? undefined : comparisonOf(field.key, field.value)
  const name = textOf(fieldName(field.name))
  return (
    <>
      <Menu.Label>{test ?? t('flows.no-name-filters', { field: fieldName(field.name) })}</Menu.Label>
      <Menu.Item disabled={!test} onClick={() => test && onFilter(test, 'apply')}>
        {t('flows.apply-filter')}
      </Menu.Item>
      <Menu.Item disabled={!test} onClick={() => test && onFilter(test, 'and')}>
        {t('flows.add-filter')}
      </Menu.Item>
      <Menu.Item disabled={!test} onClick={() => test && onFilter(test, 'exclude')}>
        {t('flows.exclude')}
      </Menu.Item>
      <Menu.Divider />
      <Menu.Item onClick={() => void copyText(textOf(field.text), name)}>{t('flows.copy-value')}</Menu.Item>
      <Menu.Item onClick={() => void copyText(`${name}: ${textOf(field.text)}`, name)}>
        {t('flows.copy-name-value')}
      </Menu.Item>
      <Menu.Item
        onClick={() => void copyText(formatHex(bytes.subarray(field.at, field.at + field.length)), t('flows.bytes-2'))}
      >
        {t('flows.copy-bytes')}
      </Menu.Item>
    </>
  )
}

interface FramePaneProps {
  readonly detail: FrameDetail
  readonly onFilter: (text: string, how: 'apply' | 'exclude' | 'and') => void
  readonly onClose: () => void
}

/** One packet as fields and bytes side by side, each of which selects the other. */
export function FramePane({ detail, onFilter, onClose }: FramePaneProps): ReactElement {
  const [selected, setSelected] = useState<Field>()
  const menu = useContextMenu<Field>()
  useEffect(() => setSelected(undefined), [detail.frame])
  const { dissection, parts, comment, remark } = detail
  const chosen = selected && fieldAt(dissection.layers, selected.at) ? selected : undefined
  const meaning = chosen && explainField(chosen)
  const tree = useRef<HTMLDivElement>(null)
  const press = (event: KeyboardEvent): void => {
    const all = inOrder(dissection.layers)
    const here = chosen ? all.indexOf(chosen) : -1
    if (isMenuKey(event) && chosen) {
      const row = tree.current?.querySelector('[aria-selected="true"]')
      if (row) menu.openByKey(event, chosen, row)
      return
    }
    const steps: Readonly<Record<string, number>> = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: all.length - 1 } // prettier-ignore
    const next = steps[event.key]
    if (next === undefined) return
    event.preventDefault()
    setSelected(all[Math.max(0, Math.min(all.length - 1, next))])
  }
  return (
    <div className="frame-detail">
      <div className="frame-head">
        <Text fw={600} size="sm" truncate>
          {dissection.protocol}: {textOf(dissection.summary)}
        </Text>
        <Text c="dimmed" size="xs" truncate>
          {aboutFrame(detail)}
        </Text>
        <Tooltip label={t('flows.close-esc')}>
          <ActionIcon size="sm" variant="subtle" color="gray" aria-label={t('flows.close-packet')} onClick={onClose}>
            <IconX size={14} />
          </ActionIcon>
        </Tooltip>
      </div>
      <Panes
        id="flows-bytes"
        share={46}
        first={
          <div className="frame-fields">
            {parts.length > 0 && (
              <Text size="xs">{t('flows.put-together-fragments-frames', { frames: parts.map(String) })}</Text>
            )}
            {[comment, remark].filter(Boolean).map((text) => (
              <Text key={text} size="xs" className="frame-comment">
                {t('flows.comment', { comment: text })}
              </Text>
            ))}
            {dissection.problems.map((one) => (
              <Text key={`${one.at}${one.message}`} c="var(--lab-bad)" size="xs" role="note">
                {t('flows.malformed-byte', { position: one.at, field: one.field, problem: one.message })}
              </Text>
            ))}
            <div ref={tree} role="tree" aria-label={t('flows.fields')} tabIndex={0} onKeyDown={press}>
              {dissection.layers.map((field) => (
                <FieldRow
                  key={`${field.at}${field.name}`}
                  field={field}
                  depth={0}
                  selected={chosen}
                  onSelect={setSelected}
                  onMenu={menu.openAt}
                />
              ))}
            </div>
          </div>
        }
        second={
          <div className="frame-bytes">
            <HexView
              hex={formatHex(detail.bytes.subarray(0, mostBytes))}
              from={chosen?.at}
              length={chosen?.length}
              onByte={(at) => setSelected(fieldAt(dissection.layers, at))}
            />
          </div>
        }
      />
      {chosen && (
        <Group className="frame-meaning" gap={6} wrap="nowrap" role="note" aria-label={t('flows.field-means')}>
          <Text size="xs" truncate title={meaning}>
            <strong>{textOf(fieldName(chosen.name))}</strong>:{' '}
            {meaning ?? t('flows.bytes-from-to', { first: chosen.at, last: chosen.at + chosen.length - 1 })}
            {chosen.reference === undefined ? '' : ` (${chosen.reference})`}
            {chosen.key === undefined ? '' : ` · ${chosen.key}`}
          </Text>
        </Group>
      )}
      <ContextMenu label={t('flows.field-packet', { frame: detail.frame })} place={menu.place} onClose={menu.close}>
        {(field) => <FieldMenu field={field} bytes={detail.bytes} onFilter={onFilter} />}
      </ContextMenu>
    </div>
  )
}
