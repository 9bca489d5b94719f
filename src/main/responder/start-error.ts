/** Why the responder did not start, told so that a person can act on it. */
import type { PortOwner } from '../inspect/port-owner.ts'
import type { FoundServer } from '#shared/contract/events.ts'

export type StartProblem =
  | { readonly kind: 'port'; readonly port: number; readonly code: string; readonly owners: readonly PortOwner[] }
  | { readonly kind: 'interface'; readonly missing: readonly string[] }
  | { readonly kind: 'other-server'; readonly servers: readonly FoundServer[] }
  | { readonly kind: 'configuration' }
  | { readonly kind: 'boot-folder' }
  | { readonly kind: 'state' }
  | { readonly kind: 'cancelled' }

export class StartError extends Error {
  readonly problem: StartProblem
  readonly remedy: string

  constructor(problem: StartProblem, message: string, remedy: string) {
    super(message)
    this.problem = problem
    this.remedy = remedy
  }
}
