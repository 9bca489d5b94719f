/**
 * What is wrong with a value that a schema refuses, for people: the field, why it cannot stand, and the remedy, which is the
 * description of the field in the schema.
 */
import { isMessage, say, type Phrase } from '#messages/message.ts'
import { z } from 'zod'
import { nearest } from './nearest.ts'

export type Path = readonly PropertyKey[]
export type AddProblem = (path: Path, message: Phrase, remedy: Phrase, value?: unknown) => void

export const shownValue = (value: unknown): string => {
  if (value === undefined) return 'not written'
  const text = JSON.stringify(value) ?? typeof value
  return text.length > 80 ? `${text.slice(0, 77)}...` : text
}

/** What stands at a path of an input of any shape. */
export const valueAt = (input: unknown, path: Path): unknown =>
  path.reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown> | null | undefined)?.[key], input)

/** What a value would have to be, in words. */
const kinds: Readonly<Record<string, Phrase>> = {
  array: say('schema.list'),
  boolean: say('schema.true-false'),
  int: say('schema.whole-number'),
  number: say('schema.number'),
  object: say('schema.map-of-keys'),
  record: say('schema.map-of-keys'),
  string: say('schema.text'),
}

/** The one of a union that has keys: `none` or a map. */
const mapOf = (schema: z.ZodType | undefined): z.ZodType | undefined =>
  schema instanceof z.ZodUnion
    ? (schema.options as readonly z.ZodType[]).map(unwrap).find((one) => one instanceof z.ZodObject)
    : schema

/** The schema at a path, through defaults, optionals, unions and records. */
function schemaAt(root: z.ZodType, path: Path): z.ZodType | undefined {
  let schema: z.ZodType | undefined = root
  for (const key of path) {
    const inner = mapOf(unwrap(schema))
    if (inner instanceof z.ZodObject) schema = (inner.shape as Record<string, z.ZodType | undefined>)[String(key)]
    else if (inner instanceof z.ZodArray) schema = inner.element as z.ZodType
    else if (inner instanceof z.ZodRecord) schema = inner.valueType as z.ZodType
    else return undefined
    if (!schema) return undefined
  }
  return schema
}

function unwrap(schema: z.ZodType | undefined): z.ZodType | undefined {
  let current = schema
  for (;;) {
    if (current instanceof z.ZodDefault || current instanceof z.ZodPrefault || current instanceof z.ZodOptional)
      current = current.def.innerType as z.ZodType
    else if (current instanceof z.ZodPipe) current = current.def.out as z.ZodType
    else return current
  }
}

function descriptionAt(root: z.ZodType, path: Path): string | undefined {
  let current = schemaAt(root, path)
  while (current) {
    if (current.description !== undefined) return current.description
    const inner = unwrap(current)
    if (inner === current) return undefined
    current = inner
  }
  return undefined
}

/** Nobody mends more at a time, and finding the place of each costs a search of the file. */
export const mostProblems = 100

function knownKeys(root: z.ZodType, path: Path): readonly string[] {
  const schema = mapOf(unwrap(schemaAt(root, path)))
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : []
}

/** What a refinement of ours says; what the library itself says is English. */
const saysOf = (issue: z.core.$ZodIssue): Phrase => {
  const says: unknown = issue.code === 'custom' ? issue.params?.['says'] : undefined
  return isMessage(says) ? says : issue.message
}

/** `Write none, or a map of provider, multicast.`, of a union that has words and maps. */
function choicesAt(root: z.ZodType, path: Path): Phrase | undefined {
  const union = unwrap(schemaAt(root, path))
  if (!(union instanceof z.ZodUnion)) return undefined
  const choices = (union.options as readonly z.ZodType[]).flatMap((option): Phrase[] => {
    const one = unwrap(option)
    if (one instanceof z.ZodLiteral) return [...one.values].map(String)
    return one instanceof z.ZodObject ? [say('schema.map-of', { keys: Object.keys(one.shape).join(', ') })] : []
  })
  return choices.length === union.options.length
    ? say('schema.write', { what: choices.reduce((first, next) => say('schema.or', { first, next })) })
    : undefined
}

function explainIssue(schema: z.ZodType, noun: Phrase, issue: z.core.$ZodIssue, add: AddProblem): void {
  const { path } = issue
  const what = descriptionAt(schema, path)
  // What a switch is described by says what true means.
  const isSwitch = issue.code === 'invalid_type' && issue.expected === 'boolean'
  const remedy = what ? say(isSwitch ? 'schema.write-switch' : 'schema.write', { what }) : say('schema.correct-remove')
  switch (issue.code) {
    case 'unrecognized_keys':
      for (const key of issue.keys.slice(0, mostProblems)) {
        const known = knownKeys(schema, path)
        const meant = nearest(key, known)
        add(
          [...path, key],
          say('schema.no-key', { noun }),
          meant
            ? say('schema.did-you-mean', { meant })
            : known.length > 0
              ? say('schema.known-here', { known: known.join(', ') })
              : say('schema.remove'),
        )
      }
      return
    case 'invalid_type':
      return add(
        path,
        issue.input === undefined && !('received' in issue)
          ? say('schema.missing-wrong-kind')
          : say('schema.is-not', { kind: kinds[issue.expected] ?? issue.expected }),
        remedy,
      )
    case 'too_small':
      return add(path, say('schema.below', { minimum: String(issue.minimum) }), remedy)
    case 'too_big':
      return add(path, say('schema.above', { maximum: String(issue.maximum) }), remedy)
    case 'invalid_value':
      return add(path, say('schema.none-of', { values: issue.values.map(String).join(', ') }), remedy)
    case 'invalid_union':
      return add(path, say('schema.none-may-stand-here'), what ? remedy : (choicesAt(schema, path) ?? remedy))
    case 'invalid_key':
      return add(path, issue.issues[0] ? saysOf(issue.issues[0]) : say('schema.no-key-may-stand-here'), remedy)
    default:
      return add(path, saysOf(issue), remedy)
  }
}

/** Tells the issues of a refused value, the first hundred of each kind; `noun` is what the whole is called, such as "a lab file". */
export function explainIssues(schema: z.ZodType, noun: Phrase, error: z.ZodError, add: AddProblem): void {
  for (const issue of error.issues.slice(0, mostProblems)) explainIssue(schema, noun, issue, add)
}
