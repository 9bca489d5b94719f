/**
 * Changes to a server that can be taken back, and the journal that remembers what was there. Only what is listed here
 * can be changed: whatever reaches the engine, it is a value of these keys, a DHCP option, a service or a port.
 */
import { z } from 'zod'
import { dpKey, wdsKey, wdsParametersKey, wdsTftpKey } from './registry-keys.ts'

const serviceName = z.string().regex(/^[\w@.-]{1,80}$/)

export const changeSchema = z.discriminatedUnion('kind', [
  /** A REG_DWORD. */
  z.strictObject({
    kind: z.literal('registry'),
    key: z.enum([wdsKey, wdsTftpKey, wdsParametersKey, dpKey]),
    name: z.string().regex(/^\w{1,60}$/),
    data: z.int().min(0).max(0xffffffff),
  }),
  /** A string option of the DHCP server; null deletes it. */
  z.strictObject({
    kind: z.literal('dhcp-option'),
    option: z.union([z.literal(60), z.literal(66), z.literal(67)]),
    level: z.enum(['server', 'scope', 'policy', 'reservation']),
    at: z.string(),
    /** The ScopeId of a policy that is one of a scope. */
    scope: z.string().optional(),
    /** The user class whose members alone get it. */
    userClass: z.string().optional(),
    value: z
      .string()
      .regex(/^[^"\r\n]{1,255}$/)
      .nullable(),
  }),
  /** Whether a scope gives addresses. */
  z.strictObject({ kind: z.literal('dhcp-scope'), scope: z.ipv4(), isActive: z.boolean() }),
  z.strictObject({
    kind: z.literal('service'),
    name: serviceName,
    state: z.enum(['running', 'stopped']),
    start: z.enum(['auto', 'manual', 'disabled']).optional(),
  }),
  /** So that a service reads its settings again; comes last, and last again when all is taken back. */
  z.strictObject({ kind: z.literal('restart'), name: serviceName }),
  /** Lets a UDP port in; with `family` where IPv6 has a chain of its own (nftables). */
  z.strictObject({
    kind: z.literal('firewall'),
    port: z.int().min(1).max(65535),
    family: z.literal('ipv6').optional(),
  }),
  /** Lets this program open ports below 1024 without administrator rights (Linux). */
  z.strictObject({ kind: z.literal('low-ports') }),
])
export type Change = z.infer<typeof changeSchema>
export type ChangeOf<K extends Change['kind']> = Extract<Change, { kind: K }>

/**
 * What was there before a change, as exact as the tools tell it. `registry`: type, data (both null: absent), missingKey;
 * `dhcp-option`: line, definition, as a dump writes them; `dhcp-scope`: state, its number; `service` and `restart`: state, start; `firewall`: rule, and on Linux chain, each a list with commas;
 * `low-ports`: capabilities.
 */
export const savedSchema = z.record(z.string(), z.string().nullable())
export type Saved = z.infer<typeof savedSchema>

/** What values of policies, reservations and classes need is not told by the tools exactly enough to bring it back. */
export const canApply = (change: Change): boolean =>
  change.kind !== 'dhcp-option' ||
  ((change.level === 'server' || change.level === 'scope') && change.userClass === undefined)

export const remedySchema = z.strictObject({
  title: z.string().min(1).max(200),
  changes: z.array(changeSchema).min(1).max(100),
})

/** Names of records, which are those of files: nothing that leads out of their folder. */
export const recordName = /^[\w-]{1,60}$/

export const remedyRecordSchema = z.strictObject({
  version: z.literal(1),
  id: z.string().regex(recordName),
  title: z.string(),
  startedAt: z.string().describe('ISO 8601'),
  endedAt: z.string().optional(),
  phase: z
    .enum(['applying', 'applied', 'undoing', 'undone'])
    .describe('applying and undoing in a journal that nobody works on: it was interrupted'),
  steps: z.array(
    z.strictObject({
      change: changeSchema,
      saved: savedSchema,
      state: z.enum(['waiting', 'started', 'done']),
    }),
  ),
  log: z.array(z.strictObject({ command: z.string(), code: z.int(), output: z.string() })),
  problem: z.string().optional().describe('why it was taken back, or could not be'),
})
export type RemedyRecord = z.infer<typeof remedyRecordSchema>

/** What a change would do here and now. */
export const remedyPreviewSchema = z.strictObject({
  steps: z.array(
    z.strictObject({
      change: changeSchema,
      what: z.string(),
      now: z.string(),
      wanted: z.string(),
      commands: z.array(z.string()),
    }),
  ),
  needsElevation: z.boolean().describe('the system will ask for administrator rights'),
})
export type RemedyPreview = z.infer<typeof remedyPreviewSchema>
