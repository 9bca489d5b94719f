/**
 * Kea's control channel without a socket (Kea Administrator Reference Manual, "Management API"): commands and replies as text,
 * and conversations as generators that are handed each reply. Whoever drives one sends what it yields and owns the connection.
 */
import type { Json, JsonObject } from '../interchange/writers/kea.ts'

export type { Json, JsonObject } from '../interchange/writers/kea.ts'

export interface KeaCommand {
  readonly command: string
  readonly arguments?: JsonObject
  /** A configuration that has to be kept before this is sent; where that fails, it is not sent. */
  readonly keeps?: JsonObject
}

/** Results of commands: done, failed, unknown to this server, nothing found, in conflict (manual, "Using the Control Channel"). */
export const keaResults = { done: 0, failed: 1, unsupported: 2, empty: 3, conflict: 4 } as const

export interface KeaReply {
  readonly result: number
  readonly text: string
  readonly arguments: Json
}

/** Yields commands and is handed the reply to each. */
export type KeaDialogue<T> = Generator<KeaCommand, T, KeaReply>

/** What Kea refused or did not say, with what to do about it. */
export class KeaProblem extends Error {
  readonly remedy: string

  constructor(message: string, remedy: string) {
    super(message)
    this.remedy = remedy
  }
}

/** `service` for a control agent (up to Kea 2.6), which answers for itself where no server is named. */
export const commandText = ({ command, arguments: values }: KeaCommand, service?: 'dhcp4'): string =>
  JSON.stringify({
    command,
    ...(service === undefined ? {} : { service: [service] }),
    ...(values === undefined ? {} : { arguments: values }),
  })

export const isJsonObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const objectsIn = (value: Json | undefined): readonly JsonObject[] =>
  Array.isArray(value) ? (value as readonly Json[]).filter(isJsonObject) : []

export const textsIn = (value: Json | undefined): readonly string[] =>
  Array.isArray(value) ? (value as readonly Json[]).filter((one) => typeof one === 'string') : []

/** A reply of a server, or the list of one that HTTP gives. Throws a `KeaProblem` for anything else. */
export function readReply(text: string): KeaReply {
  const stranger = (why: string): KeaProblem =>
    new KeaProblem(
      `what answers is no Kea: ${why}`,
      'Name the control socket of kea-dhcp4, or the address of its HTTP control channel or control agent.',
    )
  let value: Json
  try {
    value = JSON.parse(text) as Json
  } catch {
    throw stranger(`its answer is no JSON (${JSON.stringify(text.slice(0, 60))})`)
  }
  const found = Array.isArray(value) ? (value as readonly Json[])[0] : value
  if (!isJsonObject(found) || typeof found['result'] !== 'number') throw stranger('its answer has no result')
  const said = found['text']
  return {
    result: found['result'],
    text: typeof said === 'string' ? said : '',
    arguments: found['arguments'] ?? null,
  }
}

/** Sends a command and gives its reply back; throws a `KeaProblem` where it failed. Unsupported and empty are no failure. */
export function* ask(command: string, values?: JsonObject, keeps?: JsonObject): KeaDialogue<KeaReply> {
  const reply = yield { command, ...(values === undefined ? {} : { arguments: values }), ...(keeps === undefined ? {} : { keeps }) } // prettier-ignore
  const { result, text } = reply
  if (result === keaResults.done || result === keaResults.unsupported || result === keaResults.empty) return reply
  throw new KeaProblem(`Kea refuses ${command}: ${text || `result ${result}`}`, remedyOf(command, text))
}

/** The same for what has to be supported. */
export function* demand(command: string, values?: JsonObject, keeps?: JsonObject): KeaDialogue<KeaReply> {
  const reply = yield* ask(command, values, keeps)
  if (reply.result !== keaResults.unsupported) return reply
  throw new KeaProblem(
    `Kea does not know ${command}: ${reply.text}`,
    'Name the control channel of kea-dhcp4 itself, not that of another of its servers.',
  )
}

function remedyOf(command: string, text: string): string {
  if (command === 'config-write')
    return 'Let the user that runs Kea write its configuration file, or write save: false in engine.kea.'
  // The control agent's words for a server that is not there.
  if (/unable to forward|not configured for|connect/i.test(text)) return 'Start kea-dhcp4, and name its control socket in the control agent.' // prettier-ignore
  return 'Read the log of Kea.'
}

/** Runs a conversation against whatever carries commands. */
export async function converse<T>(
  dialogue: KeaDialogue<T>,
  send: (command: KeaCommand) => Promise<KeaReply>,
): Promise<T> {
  let step = dialogue.next()
  while (!step.done) {
    let reply: KeaReply
    try {
      reply = await send(step.value)
    } catch (error) {
      step = dialogue.throw(error)
      continue
    }
    step = dialogue.next(reply)
  }
  return step.value
}
