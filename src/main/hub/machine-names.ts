/** What people call machines, in a file of the hub's folder: packets of most machines tell none, and boots of years stay readable. */
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { machineNameSchema, mostMachineNames, type MachineName } from '#shared/contract/sites.ts'
import { replaceFile } from '../files/replace-file.ts'

const stored = z.array(machineNameSchema).max(mostMachineNames)

export class MachineNames {
  readonly #path: string
  #names: ReadonlyMap<string, string>
  #written: Promise<unknown> = Promise.resolve()

  /** Throws where the file is there and cannot be used: nothing may be written over it. */
  constructor(path: string) {
    this.#path = path
    let text = '[]'
    try {
      text = readFileSync(path, 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
    try {
      this.#names = new Map(stored.parse(JSON.parse(text)).map(({ mac, name }) => [mac, name]))
    } catch {
      throw new Error(`${path} is no list of machine names. Correct it, or move it away.`)
    }
  }

  list(): MachineName[] {
    return [...this.#names].map(([mac, name]) => ({ mac, name }))
  }

  /** Resolves when it is on disk; an empty name takes the name away. False where there is no room for another. */
  async set({ mac, name }: MachineName): Promise<boolean> {
    const next = new Map(this.#names)
    if (name === '') next.delete(mac)
    else next.set(mac, name)
    if (next.size > mostMachineNames) return false
    this.#names = next
    // One after the other, each with what is newest then.
    const writing = this.#written.catch(() => undefined).then(() => replaceFile(this.#path, JSON.stringify(this.list()), { mode: 0o600 })) // prettier-ignore
    this.#written = writing
    await writing
    return true
  }
}
