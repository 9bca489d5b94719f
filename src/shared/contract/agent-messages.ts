/** What agents and a hub say to each other, over HTTPS. Texts have bounds: each side reads what the other wrote. */
import { z } from 'zod'

const count = z.int().min(0).max(Number.MAX_SAFE_INTEGER)

/** The number that a spool draws when it is made: it names the agent within its site. */
export const streamForm = /^[0-9a-f]{16}$/

export const agentStateSchema = z.strictObject({
  name: z.string().max(255),
  version: z.string().max(40),
  /** Milliseconds since 1970, by the clock of the agent. */
  now: z.number().min(0).max(8.64e15),
  /** Until when everything was sent; null while something is left. */
  until: z.number().min(0).max(8.64e15).nullable(),
  /** The smallest number of a piece that it still has, or will make. */
  oldest: count.min(1),
  lostPieces: count,
  lostFrames: count,
  /** What waits on its disk. */
  waitingPieces: count,
  waitingBytes: count,
})
export type AgentState = z.infer<typeof agentStateSchema>

/** How much of a piece the hub has; `isComplete` when it is indexed or will be, and needs not be kept any longer. */
export const pieceAnswerSchema = z.object({ received: count, isComplete: z.boolean() })
export type PieceAnswer = z.infer<typeof pieceAnswerSchema>

/** Why something was refused, and what to do. */
export const refusalSchema = z.object({ message: z.string().max(2000), remedy: z.string().max(2000) })

export const agentPaths = {
  state: (stream: string): string => `/agent/v1/${stream}/state`,
  piece: (stream: string, number: number): string => `/agent/v1/${stream}/pieces/${number}`,
} as const

/** The name of the site that the agent believes to be, which must be that of its token. */
export const siteHeader = 'x-pxe-lab-site'
