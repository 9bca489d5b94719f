/** A Kea as this program uses it: what it says of itself, and our classes in and out of it. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Lab } from '#shared/lab/lab.ts'
import type { Engine } from '#shared/lab/engine.ts'
import type { EngineLab } from '#shared/kea/boot-classes.ts'
import { converse, KeaProblem, type JsonObject, type KeaDialogue } from '#shared/kea/control.ts'
import { applyClasses, lookAtKea, planFor, readLeases, readState, readStatus, removeClasses, type ChangeOptions, type KeaChange, type KeaLease, type KeaPlan, type KeaState, type KeaStatus, type KeaView } from '#shared/kea/dialogues.ts' // prettier-ignore
import { freeLease, restoreLease } from '#shared/kea/freeing.ts'
import { writeRemedy } from '../files/replace-file.ts'
import { openKeaChannel, type KeaChannel } from './kea-channel.ts'
import { keepConfiguration } from './kept-configurations.ts'

export interface KeaControlOptions {
  readonly engine: Engine
  /** Paths of the lab file count from its folder. */
  readonly resolve: (path: string) => string
  readonly stateFolder: string
}

export interface AppliedKea extends KeaChange {
  /** File with what it had before; undefined where nothing was changed. */
  readonly kept: string | undefined
}

/** A pair takes its clients up again after a new configuration; before that the other one is left alone. */
const settleMs = 60_000
const settleEveryMs = 250
/** States of libdhcp_ha in which a server answers clients or stands by for one that does. */
const settledStates: ReadonlySet<string> = new Set(['hot-standby', 'load-balancing', 'passive-backup', 'partner-down', 'communication-recovery', 'backup', 'in-maintenance', 'partner-in-maintenance', 'terminated']) // prettier-ignore

const isSettled = ({ highAvailability }: KeaStatus): boolean =>
  highAvailability.every(({ state }) => settledStates.has(state))

export class KeaControl {
  readonly #channel: KeaChannel
  readonly #stateFolder: string
  readonly #save: boolean

  constructor(channel: KeaChannel, { engine, stateFolder }: KeaControlOptions) {
    this.#channel = channel
    this.#stateFolder = stateFolder
    this.#save = engine.kea.save
  }

  /** Socket or address, as the lab file has it. */
  get name(): string {
    return this.#channel.name
  }

  close(): void {
    this.#channel.close()
  }

  status(): Promise<KeaStatus> {
    return this.#converse(readStatus())
  }

  state(): Promise<KeaState> {
    return this.#converse(readState())
  }

  /** Undefined where Kea has no hook lease_cmds. */
  leases(most: number): Promise<{ leases: KeaLease[]; isCut: boolean } | undefined> {
    return this.#converse(readLeases(most, Date.now()))
  }

  /** What Kea had of the lease; undefined where it had none. */
  freeLease(address: string): Promise<JsonObject | undefined> {
    return this.#converse(freeLease(address))
  }

  restoreLease(lease: JsonObject): Promise<void> {
    return this.#converse(restoreLease(lease, Date.now()))
  }

  /** What would be changed; nothing is. */
  async plan(lab: EngineLab): Promise<KeaPlan & Pick<KeaView, 'version' | 'dhcp4'>> {
    const view = await this.#converse(lookAtKea())
    return { ...planFor(lab, view), version: view.version, dhcp4: view.dhcp4 }
  }

  apply(lab: EngineLab): Promise<AppliedKea> {
    return this.#change((options) => applyClasses(lab, options))
  }

  undo(): Promise<AppliedKea> {
    return this.#change(removeClasses)
  }

  /** Waits until a server of a pair answers clients again, for a minute at the most. */
  async settle(): Promise<void> {
    const until = performance.now() + settleMs
    while (performance.now() < until && !isSettled(await this.status())) await delay(settleEveryMs)
  }

  async #change(dialogue: (options: ChangeOptions) => KeaDialogue<KeaChange>): Promise<AppliedKea> {
    let kept: string | undefined
    const change = await converse(dialogue({ save: this.#save }), async (command) => {
      if (command.keeps) kept = await this.#keep(command.keeps)
      return this.#channel.send(command)
    })
    return { ...change, kept }
  }

  async #keep(before: JsonObject): Promise<string> {
    try {
      return await keepConfiguration(this.#stateFolder, this.name, before)
    } catch (error) {
      throw new KeaProblem(`what Kea has now cannot be kept in ${this.#stateFolder}, so it is not changed. ${writeRemedy(error)}`, 'Name another folder in state.') // prettier-ignore
    }
  }

  #converse<T>(dialogue: KeaDialogue<T>): Promise<T> {
    return converse(dialogue, (command) => this.#channel.send(command))
  }
}

export const openKeas = (options: KeaControlOptions): KeaControl[] =>
  options.engine.kea.servers.map((server) => new KeaControl(openKeaChannel({ server, resolve: options.resolve }), options)) // prettier-ignore

/** Addresses that boot files come from; undefined where this machine has none and the lab names no other. */
export function filesFrom(lab: Lab, addresses: readonly number[]): EngineLab {
  if (addresses.length > 0 || lab.boot.nextServer !== null) return { lab, addresses }
  throw new KeaProblem(
    `interface ${[lab.interface].flat().join(', ')} has no IPv4 address, so Kea cannot be told where boot files come from`,
    'Choose an interface that has one, or set boot.nextServer.',
  )
}
