/** What the desktop shell and its page tell each other beside the calls to the back end. */
import { z } from 'zod'

/** From the shell to the page. */
export const shellMessageSchema = z.discriminatedUnion('type', [
  /** A capture that a person chose outside the page; it is fetched from that address. */
  z.object({ type: z.literal('open-capture'), name: z.string(), url: z.string() }),
  /** Go to a place of the page, as the hash of its address: #/settings. */
  z.object({ type: z.literal('go'), hash: z.string() }),
  /** Something went wrong that only the shell knows of. */
  z.object({ type: z.literal('complaint'), message: z.string(), remedy: z.string() }),
])
export type ShellMessage = z.infer<typeof shellMessageSchema>

/** Wraps what the shell says where it passes through the page's own message events. */
export const shellEnvelopeSchema = z.object({ pxeLabShell: shellMessageSchema })

/** What the preload script puts into the page as `pxeLabShell`. */
export interface ShellBridge {
  /** The back end is reached by message ports that the shell hands over. */
  readonly transport: 'message-port'
}
