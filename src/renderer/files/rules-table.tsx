import { t, textOf } from '#messages/text.ts'
import { ActionIcon, Button, Group, Select, TextInput } from '@mantine/core'
import { IconCheck, IconGripVertical, IconPencil, IconTrash, IconX } from '@tabler/icons-react'
import { useState, type ReactElement } from 'react'
import type { BootFiles } from '#shared/contract/calls.ts'
import { withRule } from '#shared/lab/known-programs.ts'
import { DataTable } from '../parts/data-table.tsx'
import type { Column } from '../parts/table-columns.ts'
import { changeRules, type Rule } from './change-lab.ts'
import { MoveActions, RowAction } from './row-action.tsx'
import { choiceOf, machinesOf, whoChoices, whoIs } from './who.ts'

function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const copy = list.toSpliced(from, 1)
  return copy.toSpliced(to, 0, list[from]!)
}

/** A rule while it is changed. */
interface Edited {
  readonly at: number
  readonly who: string | undefined
  readonly file: string
}

type Program = BootFiles['programs'][number]

const keyOf = ({ rule }: Program): string => String(rule)

/** The rules in their order: dragged, changed in their row, removed, all of it undone by Ctrl+Z. */
export function RulesTable({
  rules,
  boot,
}: {
  readonly rules: readonly Rule[]
  readonly boot: BootFiles
}): ReactElement {
  const [edited, setEdited] = useState<Edited>()
  const [dragged, setDragged] = useState<number>()
  const [over, setOver] = useState<number>()
  const edit = (at: number): void => setEdited({ at, who: choiceOf(rules[at]!), file: rules[at]!.file })
  const move = (from: number, to: number): void => {
    if (to >= 0 && to < rules.length && to !== from)
      void changeRules(t('files.line-moved', { line: from + 1 }), moved(rules, from, to))
  }
  const remove = (some: readonly Program[]): void => {
    const gone = new Set(some.map(({ rule }) => rule))
    const what = some.length === 1 ? t('files.line-removed', { line: some[0]!.rule + 1, file: some[0]!.file }) : t('files.lines-removed', { count: some.length }) // prettier-ignore
    void changeRules(
      what,
      rules.filter((_, at) => !gone.has(at)),
    )
  }
  const save = ({ at, who, file }: Edited): void => {
    const { architecture: _, userClass: __, vendorClass: ___, ...rest } = rules[at]!
    setEdited(undefined)
    // Conditions that no choice has stay as they are.
    const rule =
      who === undefined ? { ...rules[at]!, file: file.trim() } : { ...rest, ...whoIs(who), file: file.trim() }
    void changeRules(t('files.line-changed', { line: at + 1 }), rules.with(at, rule))
  }
  const ended = (): void => {
    setDragged(undefined)
    setOver(undefined)
  }
  const columns: readonly Column<Program>[] = [
    {
      id: 'order',
      title: t('files.order-title'),
      hint: t('files.order-hint'),
      width: 52,
      isNumber: true,
      value: ({ rule }) => rule + 1,
      cell: ({ rule, file }) => (
        <span
          className="rule-grip"
          draggable
          title={t('files.drag-change-order')}
          onDragStart={(event) => {
            event.dataTransfer.effectAllowed = 'move'
            event.dataTransfer.setData('text/plain', file)
            setDragged(rule)
          }}
          onDragEnd={ended}
        >
          <IconGripVertical size={14} aria-hidden />
          {rule + 1}
        </span>
      ),
    },
    {
      id: 'machines',
      title: t('files.machines-title'),
      width: 150,
      grows: 1,
      value: ({ who }) => who,
      cell: ({ rule, who }) =>
        edited?.at !== rule ? (
          who
        ) : edited.who === undefined ? (
          t('files.conditions-kept')
        ) : (
          <Select
            aria-label={t('files.machines-title')}
            size="xs"
            data={whoChoices}
            value={edited.who}
            onChange={(value) => value !== null && setEdited({ ...edited, who: value })}
            searchable
            allowDeselect={false}
          />
        ),
    },
    {
      id: 'file',
      title: t('files.file-title'),
      width: 180,
      grows: 1,
      value: ({ file }) => file,
      cell: ({ rule, file }) =>
        edited?.at !== rule ? (
          <span className="mono" title={file}>
            {file}
          </span>
        ) : (
          <form onSubmit={(event) => (event.preventDefault(), save(edited))}>
            <Group gap={4} wrap="nowrap">
              <TextInput
                aria-label={t('files.file-address')}
                size="xs"
                flex={1}
                autoFocus
                list="boot-files"
                value={edited.file}
                onChange={(event) => setEdited({ ...edited, file: event.currentTarget.value })}
                onKeyDown={(event) => event.key === 'Escape' && setEdited(undefined)}
              />
              <ActionIcon
                type="submit"
                size="sm"
                aria-label={t('files.save-line')}
                disabled={edited.file.trim() === ''}
              >
                <IconCheck size={14} />
              </ActionIcon>
              <ActionIcon
                size="sm"
                variant="subtle"
                color="gray"
                aria-label={t('files.leave-line')}
                onClick={() => setEdited(undefined)}
              >
                <IconX size={14} />
              </ActionIcon>
            </Group>
          </form>
        ),
    },
    {
      id: 'what',
      title: t('files.what-title'),
      width: 180,
      grows: 1,
      value: ({ problem, description }) => textOf(problem) || textOf(description),
      cell: ({ problem, description }) =>
        problem ? (
          <span className="rule-problem" title={textOf(problem)}>
            <span className="dot" data-shape="square" />
            {textOf(problem)}
          </span>
        ) : (
          <span title={textOf(description)}>{textOf(description)}</span>
        ),
    },
    {
      id: 'change',
      title: t('files.change-title'),
      width: 110,
      cell: (program) => (
        <Group gap={2} wrap="nowrap" justify="flex-end">
          <MoveActions name="line" at={program.rule} count={rules.length} onMove={(to) => move(program.rule, to)} />
          <RowAction
            label={t('files.edit-line', { line: program.rule + 1 })}
            icon={IconPencil}
            onClick={() => edit(program.rule)}
          />
          <RowAction
            label={t('files.remove-line', { line: program.rule + 1 })}
            icon={IconTrash}
            onClick={() => remove([program])}
          />
        </Group>
      ),
    },
  ]
  return (
    <DataTable
      id="boot-rules"
      label={t('files.boot-rules')}
      rows={boot.programs}
      columns={columns}
      keyOf={keyOf}
      rowHeight={34}
      mostRows={12}
      rowProps={({ rule }) => ({
        'data-over': over === rule || undefined,
        onDragOver: (event) => {
          if (dragged === undefined) return
          event.preventDefault()
          setOver(rule)
        },
        onDrop: (event) => {
          event.preventDefault()
          if (dragged !== undefined) move(dragged, rule)
          ended()
        },
      })}
      actions={(some) => [
        ...(some.length === 1
          ? [{ label: t('files.edit-line', { line: some[0]!.rule + 1 }), run: () => edit(some[0]!.rule) }]
          : []),
        {
          label:
            some.length === 1
              ? t('files.remove-line', { line: some[0]!.rule + 1 })
              : t('files.remove-lines', { count: some.length }),
          run: () => remove(some),
          isBad: true,
        },
      ]}
    />
  )
}

/** A new rule, put where it is reached. */
export function AddRule({ rules }: { readonly rules: readonly Rule[] }): ReactElement {
  const [who, setWho] = useState('x64-uefi')
  const [file, setFile] = useState('')
  const add = async (): Promise<void> => {
    const name = file.trim()
    if (name === '') return
    const rule: Rule = { ...whoIs(who), file: name }
    if (await changeRules(t('files.goes', { file: name, machines: machinesOf(rule) }), withRule(rules, rule)))
      setFile('')
  }
  return (
    <Group mt={12} align="flex-end" component="form" onSubmit={(event) => (event.preventDefault(), void add())}>
      <Select
        label={t('files.machines-title')}
        data={whoChoices}
        value={who}
        onChange={(value) => value !== null && setWho(value)}
        searchable
        allowDeselect={false}
        w={220}
      />
      <TextInput
        label={t('files.file-address')}
        placeholder={t('files.grubx64-efi-http')}
        value={file}
        onChange={(event) => setFile(event.currentTarget.value)}
        w={300}
        list="boot-files"
      />
      <Button type="submit" disabled={file.trim() === ''}>
        {t('files.add')}
      </Button>
    </Group>
  )
}
