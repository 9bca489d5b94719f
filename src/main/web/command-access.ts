/**
 * How a command of the same person reaches a lab that is served: its address and a secret, in a file of the state folder
 * that only its owner can read. The secret is good for a few calls alone, for as long as that lab is served.
 */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { z } from 'zod'
import { CallFailure } from '#shared/contract/channel.ts'
import { calls, type Handlers } from '#shared/contract/calls.ts'

export const commandAccessSchema = z.object({
  /** Origin of the web server, such as https://127.0.0.1:8443. */
  url: z.url(),
  secret: z.string().min(1),
  /** What the server must show over TLS: its certificate and those that signed it, as PEM. */
  certificate: z.string().optional(),
})
export type CommandAccess = z.infer<typeof commandAccessSchema>

export const commandAccessFile = (stateFolder: string): string => join(stateFolder, 'serve-commands')

export const newCommandSecret = (): string => randomBytes(24).toString('base64url')

const allowed: ReadonlySet<string> = new Set([
  'status.read',
  'approvals.list',
  'approvals.decide',
  'nextBoots.list',
  'nextBoots.set',
  'nextBoots.undo',
  'groups.read',
  'groups.wake',
  'groups.cancel',
  'frames.range',
  'frames.read',
])

/** The calls that commands are for; whoever comes by the secret of commands can do nothing else. */
export function commandHandlers(handlers: Handlers): Handlers {
  const refused = Object.keys(calls)
    .filter((name) => !allowed.has(name))
    .map((name) => [
      name,
      (): never => {
        throw new CallFailure(`${name} is not for commands`, 'Open a window of the lab.')
      },
    ])
  return { ...handlers, ...Object.fromEntries(refused) }
}
