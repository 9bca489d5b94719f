/**
 * A step of a scenario to be opened elsewhere: in a link, whose fragment no server sees, or in a file. It carries the scenario
 * itself (with its seed, so that the boot is the same), the changes made to it, whose boot is shown and which step.
 */
import { deflateSync, Inflate, strFromU8, strToU8 } from 'fflate'
import { create } from 'zustand'
import { createJSONStorage, persist } from 'zustand/middleware'
import { CallFailure } from '#shared/contract/channel.ts'
import { isNestedTooDeeply } from '#shared/lab/nesting.ts'
import type { Change } from '#shared/simulation/scenario.ts'
import { t } from '#messages/text.ts'
import { addressOf } from '../route.ts'
import { mostChanges, type SimulatorPlace } from './place.ts'

/** Address of a scenario that came in a link or a file. */
export const sharedScenario = 'shared'

/** What came last; a reload keeps it. */
export const useShared = create<{ readonly input: unknown }>()(
  persist((): { input: unknown } => ({ input: undefined }), {
    name: 'pxe-lab-shared-scenario',
    storage: createJSONStorage(() => sessionStorage),
  }),
)

export interface SharedStep {
  readonly input: unknown
  readonly changes: readonly Change[]
  readonly client?: string | undefined
  readonly step: number
}

export const stepFileEnding = '.pxelab-step'

/** Far above the largest scenario that somebody wrote, far below what a browser cannot hold. */
const mostCharacters = 4_000_000
/** Compressed text at a time: what comes of it is at most a thousand times as long (RFC 1951). */
const pieceBytes = 1024

const base64Url = (bytes: Uint8Array): string => {
  let text = ''
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192))
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}
const fromBase64Url = (text: string): Uint8Array =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (one) => one.charCodeAt(0))

const unusable = (): CallFailure => new CallFailure(t('share.damaged'), t('share.damaged-remedy'))

function inflated(bytes: Uint8Array): string {
  const pieces: Uint8Array[] = []
  let length = 0
  const inflate = new Inflate((piece) => {
    pieces.push(piece)
    length += piece.length
    if (length > mostCharacters) throw new CallFailure(t('share.too-large'), t('share.damaged-remedy'))
  })
  for (let at = 0; at < bytes.length; at += pieceBytes)
    inflate.push(bytes.subarray(at, at + pieceBytes), at + pieceBytes >= bytes.length)
  const whole = new Uint8Array(length)
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return strFromU8(whole)
}

/** @throws {CallFailure} where it is no step, or one of a later version */
function stepIn(text: string): SharedStep {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw unusable()
  }
  if (typeof value !== 'object' || value === null || isNestedTooDeeply(value)) throw unusable()
  const { pxeLabStep, scenario, changes = [], client, step = 0 } = value as Record<string, unknown>
  if (typeof pxeLabStep !== 'number' || typeof scenario !== 'object' || scenario === null) throw unusable()
  if (pxeLabStep > 1) throw new CallFailure(t('share.newer'), t('share.newer-remedy'))
  const isChange = (one: unknown): one is Change =>
    typeof one === 'object' && one !== null && typeof (one as { path?: unknown }).path === 'string'
  if (!Array.isArray(changes) || changes.length > mostChanges || !changes.every(isChange)) throw unusable()
  return {
    input: scenario,
    changes,
    client: typeof client === 'string' ? client : undefined,
    step: typeof step === 'number' && Number.isInteger(step) && step >= 0 ? step : 0,
  }
}

/** The file of a step, JSON. */
export const stepFile = ({ input, changes, client, step }: SharedStep): string =>
  JSON.stringify({ pxeLabStep: 1, scenario: input, changes, client, step })

/** What a link carries: letters, digits, - and _. */
export const packedStep = (shared: SharedStep): string =>
  base64Url(deflateSync(strToU8(stepFile(shared)), { level: 9 }))

/** The fragment of a link, from its `#` on. */
export const fragmentOf = (shared: SharedStep): string => addressOf('simulator', `link?z=${packedStep(shared)}`)

/** What a fragment made by `fragmentOf` carries. @throws {CallFailure} where it is cut off or was changed */
export function stepOfLink(packed: string): SharedStep {
  let text: string
  try {
    text = inflated(fromBase64Url(packed))
  } catch (error) {
    throw error instanceof CallFailure ? error : unusable()
  }
  return stepIn(text)
}

/** @throws {CallFailure} */
export function stepOfFile(text: string): SharedStep {
  if (text.length > mostCharacters) throw new CallFailure(t('share.too-large'), t('share.damaged-remedy'))
  return stepIn(text)
}

/** Keeps what was shared, and says where it is shown. */
export function takeShared({ input, changes, client, step }: SharedStep): SimulatorPlace {
  useShared.setState({ input })
  return { scenario: sharedScenario, view: 'play', step, client, changes }
}
