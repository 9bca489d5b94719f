/**
 * What the desktop shell and its page tell each other beside the calls to the back end. Neither answers: the shell alone
 * shows dialogs of the system, opens files and knows the machine. A page in a browser has no shell.
 */
import { z } from 'zod'
import { phraseSchema } from '../lab/phrase.ts'

/** The one window that a page may open beside itself: an empty one, which it fills with notes for a presenter. */
export const notesWindowName = 'pxe-lab-notes'

/** Dialogs of the page that the menu opens. */
export const sheets = ['about', 'shortcuts', 'search', 'help'] as const
export type Sheet = (typeof sheets)[number]

export const preferencesSchema = z.object({
  /** Whether a failed boot is told by a system notification while the window is not in front. */
  notifiesFailures: z.boolean().default(true),
  /** Whether a machine that waits for approval is told in the same way. */
  notifiesApprovals: z.boolean().default(true),
  /** Takes effect at the next start. */
  hardwareAcceleration: z.boolean().default(true),
  /** Whether each start asks the releases address for a newer version; nothing is downloaded. */
  looksForUpdates: z.boolean().default(false),
})
export type Preferences = z.infer<typeof preferencesSchema>

export const shellStateSchema = z.object({
  preferences: preferencesSchema,
  /** Why this run draws without the graphics processor; empty where it draws with it. */
  unacceleratedBecause: phraseSchema,
  /** Electron and what it is made of, then the system. */
  versions: z.array(z.object({ name: z.string(), version: z.string() })),
  logFolder: z.string(),
  /** Labs and captures that were opened last, the latest first. */
  recent: z.array(z.object({ kind: z.enum(['lab', 'capture']), path: z.string().min(1) })),
  update: z.object({
    /** Who is asked. */
    host: z.string(),
    /** What is known, as a sentence; empty while the check is off. */
    message: phraseSchema,
    isNewer: z.boolean(),
  }),
})
export type ShellState = z.infer<typeof shellStateSchema>

/** From the shell to the page. */
export const shellMessageSchema = z.discriminatedUnion('type', [
  /** A capture that a person chose outside the page; it is fetched from that address. */
  z.object({ type: z.literal('open-capture'), name: z.string(), url: z.string() }),
  /** Go to a place of the page, as the hash of its address: #/settings. */
  z.object({ type: z.literal('go'), hash: z.string() }),
  z.object({ type: z.literal('show'), sheet: z.enum(sheets) }),
  /** What the shell knows and the page shows; sent when the page has loaded and whenever it changes. */
  z.object({ type: z.literal('state'), state: shellStateSchema }),
  /** How the process behind the window is; the texts are empty where there is nothing to tell. */
  z.object({
    type: z.literal('back-end'),
    state: z.enum(['well', 'silent', 'restarting', 'failed', 'stopping']),
    message: phraseSchema,
    remedy: phraseSchema,
  }),
  /** Something went wrong that only the shell knows of. */
  z.object({ type: z.literal('complaint'), message: phraseSchema, remedy: phraseSchema }),
])
export type ShellMessage = z.infer<typeof shellMessageSchema>
export type BackEndNotice = Omit<Extract<ShellMessage, { type: 'back-end' }>, 'type'>

/** Wraps what the shell says where it passes through the page's own message events. */
export const shellEnvelopeSchema = z.object({ pxeLabShell: shellMessageSchema })

/** From the page to the shell. */
export const shellRequestSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('new-lab') }),
  z.strictObject({ type: z.literal('open-lab') }),
  z.strictObject({ type: z.literal('open-capture') }),
  z.strictObject({ type: z.literal('save-lab-as') }),
  z.strictObject({ type: z.literal('open-log-folder') }),
  /** The page of the newer release that was found. */
  z.strictObject({ type: z.literal('open-release') }),
  /** The back end was given up; a person wants it tried again. */
  z.strictObject({ type: z.literal('start-back-end') }),
  /** A file that was dropped on the window, by absolute path. */
  z.strictObject({ type: z.literal('open-file'), path: z.string().min(1) }),
  /** The language that somebody chose for the window; null where the system decides. */
  z.strictObject({ type: z.literal('speak'), language: z.string().max(35).nullable() }),
  z.strictObject({ type: z.literal('change-preferences'), preferences: preferencesSchema }),
])
export type ShellRequest = z.infer<typeof shellRequestSchema>

/** What the preload script puts into the page as `pxeLabShell`. */
export interface ShellBridge {
  /** The back end is reached by message ports that the shell hands over. */
  readonly transport: 'message-port'
  ask(request: ShellRequest): void
  /** Opens a File that was dropped on the page; its path goes to the shell and not to the page. */
  openDropped(file: unknown): void
}

/** What the shell keeps between two runs: a damaged or older file falls back to the defaults, part by part. */
export const keptShellSchema = z.object({
  window: z
    .object({
      x: z.int(),
      y: z.int(),
      width: z.int().min(1),
      height: z.int().min(1),
      isMaximized: z.boolean(),
    })
    .nullable()
    .default(null)
    .catch(null),
  recent: z
    .array(z.object({ kind: z.enum(['lab', 'capture']), path: z.string().min(1) }))
    .max(50)
    .default([])
    .catch([]),
  preferences: preferencesSchema.prefault({}).catch(() => preferencesSchema.parse({})),
  /** The tag of the language that somebody chose for the window; null where the system decides. */
  language: z.string().max(35).nullable().default(null).catch(null),
  /** Crashes of the graphics process since the last run that ended without one. */
  graphicsCrashes: z.int().min(0).default(0).catch(0),
})
export type KeptShell = z.infer<typeof keptShellSchema>
export type OpenedFile = KeptShell['recent'][number]
export type WindowPlace = NonNullable<KeptShell['window']>
