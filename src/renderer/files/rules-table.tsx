import { ActionIcon, Button, Group, Select, Text, TextInput } from '@mantine/core'
import { IconCheck, IconGripVertical, IconPencil, IconTrash, IconX } from '@tabler/icons-react'
import { useState, type DragEvent, type ReactElement } from 'react'
import type { BootFiles } from '#shared/contract/calls.ts'
import { withRule } from '#shared/lab/known-programs.ts'
import { changeRules, type Rule } from './change-lab.ts'
import { MoveActions, RowAction } from './row-action.tsx'
import { choiceOf, machinesOf, whoChoices, whoIs } from './who.ts'

function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const copy = list.toSpliced(from, 1)
  return copy.toSpliced(to, 0, list[from]!)
}

interface Edited {
  readonly who: string | undefined
  readonly file: string
}

/** One rule as fields; conditions that no choice has stay as they are. */
function Editor({
  rule,
  onSave,
  onCancel,
}: {
  readonly rule: Rule
  readonly onSave: (rule: Rule) => void
  readonly onCancel: () => void
}): ReactElement {
  const [{ who, file }, setEdited] = useState<Edited>({ who: choiceOf(rule), file: rule.file })
  const save = (): void => {
    const { architecture: _, userClass: __, vendorClass: ___, ...rest } = rule
    onSave(who === undefined ? { ...rule, file: file.trim() } : { ...rest, ...whoIs(who), file: file.trim() })
  }
  return (
    <tr>
      <td />
      <td>
        {who === undefined ? (
          <Text size="sm">its conditions are kept</Text>
        ) : (
          <Select
            aria-label="Machines"
            size="xs"
            data={whoChoices}
            value={who}
            onChange={(value) => value !== null && setEdited({ who: value, file })}
            searchable
            allowDeselect={false}
          />
        )}
      </td>
      <td colSpan={2}>
        <form onSubmit={(event) => (event.preventDefault(), save())}>
          <Group gap={4} wrap="nowrap">
            <TextInput
              aria-label="File or address"
              size="xs"
              flex={1}
              autoFocus
              list="boot-files"
              value={file}
              onChange={(event) => setEdited({ who, file: event.currentTarget.value })}
              onKeyDown={(event) => event.key === 'Escape' && onCancel()}
            />
            <ActionIcon type="submit" size="sm" aria-label="Save line" disabled={file.trim() === ''}>
              <IconCheck size={14} />
            </ActionIcon>
            <ActionIcon size="sm" variant="subtle" color="gray" aria-label="Leave line as it was" onClick={onCancel}>
              <IconX size={14} />
            </ActionIcon>
          </Group>
        </form>
      </td>
      <td />
    </tr>
  )
}

export function RulesTable({
  rules,
  boot,
}: {
  readonly rules: readonly Rule[]
  readonly boot: BootFiles
}): ReactElement {
  const [editing, setEditing] = useState<number>()
  const [dragged, setDragged] = useState<number>()
  const [over, setOver] = useState<number>()
  const move = (from: number, to: number): void => {
    if (to >= 0 && to < rules.length && to !== from) void changeRules(`Line ${from + 1} moved`, moved(rules, from, to))
  }
  const drop = (event: DragEvent, to: number): void => {
    event.preventDefault()
    if (dragged !== undefined) move(dragged, to)
    setDragged(undefined)
    setOver(undefined)
  }
  return (
    <table className="grid-table rules">
      <thead>
        <tr>
          <th>
            <span className="visually-hidden">Order</span>
          </th>
          <th>Machines</th>
          <th>File</th>
          <th>What it is</th>
          <th>
            <span className="visually-hidden">Change</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {boot.programs.map(({ rule: at, who, file, problem, description }) =>
          editing === at && rules[at] ? (
            <Editor
              key={at}
              rule={rules[at]}
              onCancel={() => setEditing(undefined)}
              onSave={(rule) => {
                setEditing(undefined)
                void changeRules(`Line ${at + 1} changed`, rules.with(at, rule))
              }}
            />
          ) : (
            <tr
              key={at}
              data-over={over === at || undefined}
              onDragOver={(event) => {
                if (dragged === undefined) return
                event.preventDefault()
                setOver(at)
              }}
              onDrop={(event) => drop(event, at)}
            >
              <td
                className="rule-grip"
                draggable
                title="Drag to change the order"
                onDragStart={(event) => {
                  event.dataTransfer.effectAllowed = 'move'
                  event.dataTransfer.setData('text/plain', file)
                  setDragged(at)
                }}
                onDragEnd={() => {
                  setDragged(undefined)
                  setOver(undefined)
                }}
              >
                <IconGripVertical size={14} aria-hidden />
              </td>
              <td>{who}</td>
              <td className="mono">{file}</td>
              <td>
                {problem ? (
                  <span className="rule-problem">
                    <span className="dot" data-shape="square" />
                    {problem}
                  </span>
                ) : (
                  description
                )}
              </td>
              <td>
                <Group gap={2} wrap="nowrap" justify="flex-end">
                  <MoveActions name="line" at={at} count={rules.length} onMove={(to) => move(at, to)} />
                  <RowAction label={`Edit line ${at + 1}`} icon={IconPencil} onClick={() => setEditing(at)} />
                  <RowAction
                    label={`Remove line ${at + 1}`}
                    icon={IconTrash}
                    onClick={() => void changeRules(`Line ${at + 1} removed: ${file}`, rules.toSpliced(at, 1))}
                  />
                </Group>
              </td>
            </tr>
          ),
        )}
      </tbody>
    </table>
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
    if (await changeRules(`${name} goes to ${machinesOf(rule)}`, withRule(rules, rule))) setFile('')
  }
  return (
    <Group mt={12} align="flex-end" component="form" onSubmit={(event) => (event.preventDefault(), void add())}>
      <Select
        label="Machines"
        data={whoChoices}
        value={who}
        onChange={(value) => value !== null && setWho(value)}
        searchable
        allowDeselect={false}
        w={220}
      />
      <TextInput
        label="File or address"
        placeholder="grubx64.efi or http://…"
        value={file}
        onChange={(event) => setFile(event.currentTarget.value)}
        w={300}
        list="boot-files"
      />
      <Button type="submit" disabled={file.trim() === ''}>
        Add
      </Button>
    </Group>
  )
}
