import { t, textOf } from '#messages/text.ts'
import {
  ActionIcon,
  Button,
  Group,
  MultiSelect,
  NativeSelect,
  SegmentedControl,
  TagsInput,
  Text,
  TextInput,
} from '@mantine/core'
import { IconTrash } from '@tabler/icons-react'
import { useEffect, useRef, useState, type ReactElement } from 'react'
import type { LabProblem } from '#shared/lab/lab.ts'
import { objectRights } from '#shared/planner/image-rules.ts'
import { nameOf, type Path } from '#shared/planner/site.ts'
import { at, fields, formParts, isObject, labelOf, nounOf, referenceOf, type FieldSchema } from './site-schema.ts'

/** Somewhere in the form that is to be shown; another object each time. */
export interface Place {
  readonly path: Path
}

interface FormState {
  readonly site: unknown
  readonly problems: ReadonlyMap<string, LabProblem>
  readonly place: Place | undefined
  /** Undefined takes the value away; `what` was done is what can be undone. */
  readonly onEdit: (path: Path, value: unknown, what?: string) => void
}

const mostShown = 40
const notStated = t('planner-page.not-stated-placeholder')
const startsWith = (path: Path, start: Path): boolean => start.every((key, index) => path[index] === key)

/** What is typed is written when it is complete: each writing goes through the whole text. */
function TypedInput({
  value,
  label,
  problem,
  name,
  placeholder = notStated,
  onCommit,
}: {
  readonly value: string
  readonly label: string
  readonly name: string
  readonly problem: LabProblem | undefined
  readonly placeholder?: string
  readonly onCommit: (text: string) => void
}): ReactElement {
  const [typed, setTyped] = useState(value)
  useEffect(() => setTyped(value), [value])
  const commit = (): void => {
    if (typed !== value) onCommit(typed)
  }
  return (
    <TextInput
      size="xs"
      aria-label={label}
      data-field={name}
      placeholder={placeholder}
      value={typed}
      error={problem && `${textOf(problem.message)}. ${textOf(problem.remedy)}`}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onBlur={commit}
      onKeyDown={(event) => event.key === 'Enter' && commit()}
    />
  )
}

function YesNo({
  value,
  label,
  name,
  onChange,
}: {
  readonly value: unknown
  readonly label: string
  readonly name: string
  readonly onChange: (value: boolean | undefined) => void
}): ReactElement {
  return (
    <SegmentedControl
      size="xs"
      aria-label={label}
      data-field={name}
      value={typeof value === 'boolean' ? (value ? 'yes' : 'no') : ''}
      onChange={(one) => onChange(one === '' ? undefined : one === 'yes')}
      data={[
        { value: '', label: '?' },
        { value: 'no', label: t('common.no') },
        { value: 'yes', label: t('common.yes') },
      ]}
    />
  )
}

/** One of several; `code` is how it stands in the file where that is no text. */
function Choice({
  value,
  label,
  name,
  options,
  onChange,
}: {
  readonly value: unknown
  readonly label: string
  readonly name: string
  readonly options: readonly (readonly [shown: string, value: unknown])[]
  readonly onChange: (value: unknown) => void
}): ReactElement {
  const chosen = options.findIndex(([, one]) => one === value)
  return (
    <NativeSelect
      size="xs"
      aria-label={label}
      data-field={name}
      value={chosen}
      onChange={(event) => onChange(options[Number(event.currentTarget.value)]?.[1])}
      data={[
        { value: '-1', label: notStated },
        ...options.map(([shown], index) => ({ value: `${index}`, label: shown })),
      ]}
    />
  )
}

/** Several words or numbers. None at all is something else than not stated. */
function Several({
  value,
  label,
  name,
  options,
  isNumbers,
  onChange,
}: {
  readonly value: unknown
  readonly label: string
  readonly name: string
  readonly options: readonly string[] | undefined
  readonly isNumbers: boolean
  readonly onChange: (value: readonly (string | number)[] | undefined) => void
}): ReactElement {
  const list = Array.isArray(value) ? value.map(String) : []
  const change = (words: string[]): void =>
    onChange(isNumbers ? words.map((one) => (Number.isFinite(Number(one)) ? Number(one) : one)) : words)
  const shared = {
    size: 'xs',
    'aria-label': label,
    'data-field': name,
    value: list,
    onChange: change,
    placeholder: list.length > 0 ? undefined : Array.isArray(value) ? t('planner-page.none-placeholder') : notStated,
    className: 'grows',
  } as const
  return (
    <Group gap={4} wrap="nowrap">
      {options ? <MultiSelect {...shared} data={[...options]} /> : <TagsInput {...shared} />}
      <Button size="compact-xs" variant="subtle" onClick={() => onChange(Array.isArray(value) ? undefined : [])}>
        {Array.isArray(value) ? t('planner-page.stated') : t('planner-page.none')}
      </Button>
    </Group>
  )
}

interface FieldProps {
  readonly schema: FieldSchema
  readonly path: Path
  readonly state: FormState
}

function Field({ schema, path, state }: FieldProps): ReactElement {
  const key = String(path.at(-1))
  const value = path.reduce(at, state.site)
  const name = nameOf(path)
  const label = labelOf(key)
  const edit = (next: unknown): void => state.onEdit(path, next)
  const shared = { value, label, name }
  const row = (control: ReactElement, isWide = false): ReactElement => (
    <div className="planner-field" data-wide={isWide} title={schema.description}>
      <Text size="xs">{label}</Text>
      <div>{control}</div>
    </div>
  )
  const nested = schema.anyOf?.find((one) => one.properties)
  const own = nested ?? (schema.properties ? schema : undefined)
  if (own?.properties) {
    const isThere = isObject(value)
    return (
      <>
        {nested
          ? row(
              <Choice
                {...shared}
                value={isThere ? 'there' : value}
                options={[
                  ['there', t('planner-page.is-there')],
                  ['none', t('planner-page.none-placeholder')],
                ]}
                onChange={(one) => edit(one === 'there' ? {} : one)}
              />,
            )
          : row(<></>)}
        {(isThere || !nested) && (
          <div className="planner-nested">
            {Object.entries(own.properties).map(([inner, schemaOf]) => (
              <Field key={inner} schema={schemaOf} path={[...path, inner]} state={state} />
            ))}
          </div>
        )}
      </>
    )
  }
  if (schema.anyOf)
    return row(
      <Choice
        {...shared}
        options={schema.anyOf.map((one) => (one.type === 'null' ? ['absent', null] : [String(one.const), one.const]))}
        onChange={edit}
      />,
    )
  if (schema.type === 'boolean') return row(<YesNo {...shared} onChange={edit} />)
  if (schema.enum) return row(<Choice {...shared} options={schema.enum.map((one) => [one, one])} onChange={edit} />)
  if (schema.type === 'array' && schema.items?.properties)
    return <List schema={schema.items} path={path} state={state} />
  if (schema.type === 'array')
    return row(
      <Several {...shared} options={schema.items?.enum} isNumbers={schema.items?.type === 'integer'} onChange={edit} />,
      true,
    )
  if (schema.additionalProperties !== undefined && schema.type === 'object')
    return <Permissions path={path} state={state} />
  const reference = referenceOf[key]
  const names = reference && at(state.site, reference[0])
  if (reference && Array.isArray(names) && names.length > 0) {
    const known = names.map((one) => at(one, reference[1])).filter((one) => typeof one === 'string')
    const all = typeof value === 'string' && !known.includes(value) ? [...known, value] : known
    return row(<Choice {...shared} options={all.map((one) => [one, one])} onChange={edit} />)
  }
  const input = (
    <TypedInput
      {...shared}
      {...(value === '' ? { placeholder: t('planner-page.none-placeholder') } : {})}
      value={typeof value === 'string' || typeof value === 'number' ? String(value) : ''}
      problem={state.problems.get(name)}
      onCommit={(text) =>
        edit(text === '' ? undefined : schema.type === 'integer' && /^\d+$/.test(text) ? Number(text) : text)
      }
    />
  )
  // An empty key says that there is none, which is something else than not stated.
  return row(
    key !== 'productKey' ? (
      input
    ) : (
      <Group gap={4} wrap="nowrap">
        {input}
        <Button size="compact-xs" variant="subtle" onClick={() => edit(value === undefined ? '' : undefined)}>
          {value === undefined ? t('planner-page.none') : notStated}
        </Button>
      </Group>
    ),
  )
}

/** What a role may do with what. */
function Permissions({ path, state }: { readonly path: Path; readonly state: FormState }): ReactElement {
  const value = path.reduce(at, state.site)
  return (
    <>
      {Object.entries(objectRights).map(([thing, rights]) => (
        <div key={thing} className="planner-field" data-wide="true">
          <Text size="xs">{thing}</Text>
          <Several
            value={at(value, thing)}
            label={thing}
            name={`${nameOf(path)}.${thing}`}
            options={[...new Set(Object.values(objectRights).flat().concat(rights))]}
            isNumbers={false}
            onChange={(next) => state.onEdit([...path, thing], next)}
          />
        </div>
      ))}
    </>
  )
}

const titleOf = (one: unknown): string => {
  const { code, name, version, role, operatingSystem } = isObject(one) ? one : {}
  return [code ?? name ?? 'without a name', version, role, operatingSystem]
    .filter((word) => typeof word === 'string')
    .join(', ')
}

function Entry({ schema, path, state }: FieldProps): ReactElement {
  const [isOpen, setOpen] = useState(false)
  const value = path.reduce(at, state.site)
  const name = nameOf(path)
  const wrong = [...state.problems.keys()].filter((one) => one.startsWith(`${name}.`)).length
  useEffect(() => {
    if (state.place && startsWith(state.place.path, path)) setOpen(true)
    // The path is that of this place in the form; what counts is where one wants to go.
  }, [state.place])
  return (
    <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary data-field={name}>
        {titleOf(value)}
        {wrong > 0 && (
          <Text span size="xs" c="var(--lab-bad)">
            {t('planner-page.wrong', { wrong })}
          </Text>
        )}
      </summary>
      {isOpen && (
        <div className="planner-nested">
          {Object.entries(schema.properties!).map(([key, inner]) => (
            <Field key={key} schema={inner} path={[...path, key]} state={state} />
          ))}
          <Button
            size="compact-xs"
            variant="subtle"
            color="red"
            leftSection={<IconTrash size={14} />}
            onClick={() => {
              // What comes after it takes its place here.
              setOpen(false)
              state.onEdit(path, undefined, t('planner-page.removed', { name: titleOf(value) }))
            }}
          >
            {t('planner-page.remove', { name: titleOf(value) })}
          </Button>
        </div>
      )}
    </details>
  )
}

/** `a server`, `an image`. */
const oneOf = (noun: string): string => (noun === 'media' ? noun : `${/^[aeio]|^up/.test(noun) ? 'an' : 'a'} ${noun}`)

/** What a new one of a list begins with: a name that no other has. */
function fresh(list: readonly unknown[], schema: FieldSchema, noun: string): Record<string, string> {
  const isSite = schema.properties?.['code'] !== undefined
  const key = isSite ? 'code' : 'name'
  const taken = new Set(list.map((one) => at(one, key)))
  for (let count = list.length + 1; ; count++) {
    const name = isSite ? `P${String(count).padStart(2, '0')}` : `${noun.replaceAll(' ', '-')}-${count}`
    if (!taken.has(name)) return { [key]: name }
  }
}

function List({ schema, path, state }: FieldProps): ReactElement {
  const [words, setWords] = useState('')
  const key = String(path.at(-1))
  const noun = nounOf[key] ?? labelOf(key)
  const value = path.reduce(at, state.site)
  const list: readonly unknown[] = Array.isArray(value) ? value : []
  const wanted = state.place && startsWith(state.place.path, path) ? Number(state.place.path[path.length]) : undefined
  const found = list.flatMap((one, index) =>
    titleOf(one).toLowerCase().includes(words.toLowerCase()) || index === wanted ? [index] : [],
  )
  const shown = found.filter((index, place) => place < mostShown || index === wanted)
  return (
    <section aria-label={labelOf(key)} className="planner-list">
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <Text size="xs" fw={600}>
          {labelOf(key)} {list.length > 0 && `(${list.length})`}
        </Text>
        <Group gap={4} wrap="nowrap">
          {Array.isArray(value) && list.length === 0 && (
            <ActionIcon
              size="xs"
              variant="subtle"
              aria-label={t('planner-page.field-not-stated', { field: labelOf(key) })}
              onClick={() => state.onEdit(path, undefined)}
            >
              <IconTrash size={14} />
            </ActionIcon>
          )}
          <Button
            data-field={nameOf(path)}
            size="compact-xs"
            variant="default"
            onClick={() => state.onEdit([...path, list.length], fresh(list, schema, noun))}
          >
            {t('planner-page.add-one', { kind: oneOf(noun) })}
          </Button>
        </Group>
      </Group>
      {list.length > mostShown && (
        <TextInput
          size="xs"
          my={4}
          placeholder={t('planner-page.find', { kind: oneOf(noun) })}
          aria-label={t('planner-page.find', { kind: oneOf(noun) })}
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
        />
      )}
      {shown.map((index) => (
        <Entry key={index} schema={schema} path={[...path, index]} state={state} />
      ))}
      {found.length > shown.length && (
        <Text size="xs" c="dimmed">
          {t('planner-page.more-find-them-name', { count: found.length - shown.length })}
        </Text>
      )}
    </section>
  )
}

function Part({
  title,
  keys,
  state,
}: {
  readonly title: string
  readonly keys: readonly string[]
  readonly state: FormState
}): ReactElement {
  const stated = keys.filter((key) => at(state.site, key) !== undefined)
  const [isOpen, setOpen] = useState(title === formParts[0]![0])
  useEffect(() => {
    if (state.place && keys.includes(String(state.place.path[0]))) setOpen(true)
  }, [state.place, keys])
  const wrong = [...state.problems.keys()].filter((name) => keys.some((key) => name.split(/[.[]/)[0] === key)).length
  return (
    <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)} className="planner-part">
      <summary>
        <strong>{title}</strong>
        <Text span size="xs" c={wrong > 0 ? 'var(--lab-bad)' : 'dimmed'}>
          {' '}
          {wrong > 0
            ? t('planner-page.wrong-2', { wrong })
            : stated.length === 0
              ? notStated
              : stated
                  .map((key) => {
                    const value = at(state.site, key)
                    const name = labelOf(key)
                    return !Array.isArray(value) ? name : name === title ? value.length : `${name} ${value.length}`
                  })
                  .join(', ')}
        </Text>
      </summary>
      {isOpen && keys.map((key) => <Field key={key} schema={fields[key]!} path={[key]} state={state} />)}
    </details>
  )
}

/** A site file as a form; every field may stay empty. */
export function SiteForm(state: FormState): ReactElement {
  const box = useRef<HTMLDivElement>(null)
  const { place } = state
  useEffect(() => {
    if (!place) return undefined
    // What holds it opens first.
    const timer = window.setTimeout(() => {
      for (let length = place.path.length; length > 0; length--) {
        const name = nameOf(place.path.slice(0, length))
        const found = [...(box.current?.querySelectorAll<HTMLElement>('[data-field]') ?? [])].find((one) => one.dataset['field'] === name) // prettier-ignore
        if (!found) continue
        found.scrollIntoView({ block: 'center' })
        const input = found.matches('input, select, button, summary')
          ? found
          : found.querySelector<HTMLElement>('input')
        input?.focus()
        return
      }
    }, 60)
    return () => window.clearTimeout(timer)
  }, [place])
  return (
    <div ref={box} className="planner-form" role="group" aria-label={t('planner-page.site-form')}>
      {formParts.map(([title, keys]) => (
        <Part key={title} title={title} keys={keys} state={state} />
      ))}
    </div>
  )
}
