/**
 * What passes between the process that responds and the one that serves people. Calls are few and answered; what happened
 * on the wire goes in batches, each of which is acknowledged, so that neither side fills the other's memory.
 */
import type { Lab } from '#shared/lab/lab.ts'
import type { EngineStatus, LabEvent, ListeningPort } from '#shared/contract/events.ts'
import type { IpAddress } from '#shared/wire/ip-address.ts'
import type { StoredLease } from '../responder/lease-store.ts'
import type { InsteadOfRules } from '#shared/machines/boot-answer.ts'
import type { Decision } from '#shared/machines/pending-requests.ts'
import type { Observed } from '../responder/observed.ts'
import type { LifeState } from '../responder/responder-life.ts'
import { StartError, type StartProblem } from '../responder/start-error.ts'

/** Carries values by structured clone: an IPC channel, a message port, a test. */
export interface Channel {
  post(message: unknown): void
  /** Called once, before anything comes. */
  listen(hear: (message: unknown) => void): void
}

/** What a responder is started with, and started again with after its process has ended. */
export interface ResponderSettings {
  readonly lab: Lab
  /** The text of the lab file that `lab` was read from. */
  readonly labText: string
  readonly labFile: string
  readonly bootFolder: string
  readonly stateFolder: string
  readonly uploadFolder: string | undefined
}

export interface Failure {
  readonly message: string
  readonly remedy: string
  /** Undefined where it is a defect. */
  readonly problem: StartProblem | undefined
}

export type RemoteLife =
  Exclude<LifeState, { readonly state: 'failed' }> | { readonly state: 'failed'; readonly failure: Failure }

export interface PoolState {
  readonly subnet: string
  readonly used: number
  readonly size: number
}

export interface HostStatus {
  readonly life: RemoteLife
  /** Of what runs or is about to; undefined where nothing does. */
  readonly settings: ResponderSettings | undefined
  readonly listening: readonly ListeningPort[]
  /** Milliseconds since 1970; undefined where it does not run. */
  readonly startedAt: number | undefined
  readonly stopsInMs: number | undefined
  /** Servers of the lab's DHCP engine. */
  readonly engine: readonly EngineStatus[]
  /** It began as root and is not any more: another lab needs another process. */
  readonly hasGivenUpRights: boolean
}

export type Call =
  | { readonly type: 'start'; readonly settings: ResponderSettings; readonly isResuming: boolean }
  | { readonly type: 'stop'; readonly reason: string }
  | { readonly type: 'forget'; readonly address: IpAddress }
  /** Takes back a `forget`. */
  | { readonly type: 'restore'; readonly address: IpAddress }
  | { readonly type: 'restore-request'; readonly request: number }
  | { readonly type: 'leases' }
  | { readonly type: 'requests' }
  /** Whether every packet of a file is told, rather than one in a while. */
  | { readonly type: 'keep-all'; readonly all: boolean }
  | { readonly type: 'next-boots' }
  /** Without `what` it is taken back. */
  | { readonly type: 'set-next-boot'; readonly mac: string; readonly what: InsteadOfRules | undefined }
  /** Without a decision it is taken off the list. */
  | { readonly type: 'decide'; readonly request: number; readonly decision: Decision | undefined }

export type ToResponder =
  | { readonly type: 'call'; readonly id: number; readonly call: Call }
  /** That batch has been dealt with. */
  | { readonly type: 'taken'; readonly batch: number }
  /** Asks only for a `pong`, which a process that is held up does not send. */
  | { readonly type: 'ping' }

export interface Batch {
  readonly number: number
  readonly events: readonly LabEvent[]
  readonly datagrams: readonly Observed[]
  /** What there was no room for since the batch before. */
  readonly lost: { readonly events: number; readonly datagrams: number }
  readonly transfers: number
  readonly pools: readonly PoolState[]
}

export type FromResponder =
  | { readonly type: 'hello'; readonly pid: number; readonly status: HostStatus }
  | { readonly type: 'status'; readonly status: HostStatus }
  | { readonly type: 'reply'; readonly id: number; readonly value: unknown }
  /** A part of the answer to `leases`. */
  | { readonly type: 'leases'; readonly id: number; readonly leases: readonly StoredLease[]; readonly isLast: boolean }
  | { readonly type: 'batch'; readonly batch: Batch }
  | { readonly type: 'pong' }

export function remoteLife(state: LifeState): RemoteLife {
  if (state.state !== 'failed') return state
  const { error } = state
  return {
    state: 'failed',
    failure:
      error instanceof StartError
        ? { message: error.message, remedy: error.remedy, problem: error.problem }
        : {
            message: error instanceof Error ? error.message : String(error),
            remedy: 'Report it with the log.',
            problem: undefined,
          },
  }
}

export const failureAsError = ({ message, remedy, problem }: Failure): Error =>
  problem ? new StartError(problem, message, remedy) : new Error(message)
