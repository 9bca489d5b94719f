/** The boot folder as one machine sees it: files that are templates are filled in with what is known of that machine. */
import { createHash } from 'node:crypto'
import type { Lab } from '#shared/lab/lab.ts'
import { machineVariablesOf, templateTest } from '#shared/lab/machine-variables.ts'
import {
  knownVariables,
  variablesOf,
  type MachineFacts,
  type MachineVariables,
} from '#shared/machines/variables/machines.ts'
import {
  asBytes,
  bytesOfText,
  fillTemplate,
  textOfBytes,
  type Escaping,
  type Filled,
} from '#shared/machines/variables/template.ts'
import { parseIp, type IpAddress } from '#shared/wire/ip-address.ts'
import { readWhole, type Asker, type BootFile, type BootFolder, type ServedFolder } from './boot-folder.ts'
import type { MachinesSeen } from './machines-seen.ts'

/** An answer file is a few KiB; what is larger is no text that somebody wrote. */
export const mostTemplateBytes = 1024 * 1024

/** By its byte order mark. */
export const isUtf16 = (bytes: Uint8Array): boolean =>
  (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)

export const escapingOf = (name: string): Escaping => (/\.xml$/i.test(name) ? 'xml' : 'none')

/** As bytes of UTF-8 in a text; secrets are shown where `isSure` says that the machine is who it seems to be. */
export function fillFile(
  name: string,
  bytes: Uint8Array,
  variables: MachineVariables,
  facts: MachineFacts,
  server: IpAddress,
  isSure: boolean,
): Filled {
  if (isUtf16(bytes)) {
    const problem = { line: 1, column: 1, placeholder: '', text: 'it is UTF-16, in which no placeholder is found', remedy: 'Save it as UTF-8.' } // prettier-ignore
    return { ok: false, problems: [problem] }
  }
  const lookup = variablesOf(variables, facts, server, {
    withSecrets: isSure,
    why: 'it is secret, and nothing but its own word says which machine asks',
  })
  return fillTemplate(textOfBytes(bytes), lookup, {
    escaping: escapingOf(name),
    known: knownVariables(variables),
    write: asBytes,
  })
}

export class TemplateFolder implements ServedFolder {
  readonly #folder: BootFolder
  readonly #machines: MachinesSeen
  readonly #variables: MachineVariables
  readonly #isTemplate: (name: string) => boolean

  constructor(folder: BootFolder, lab: Lab, machines: MachinesSeen) {
    this.#folder = folder
    this.#machines = machines
    this.#variables = machineVariablesOf(lab)
    this.#isTemplate = templateTest(lab.boot.templates)
  }

  async openFile(requested: string, asker: Asker): Promise<BootFile> {
    await this.#machines.learn(asker, requested)
    const found = await this.#folder.openFile(requested)
    if (!found.ok || !this.#isTemplate(found.name)) return found
    let isKept = false
    try {
      const filled = await this.#fill(found, asker)
      isKept = filled.ok
      return filled
    } finally {
      if (!isKept) await found.handle.close()
    }
  }

  async #fill(found: Extract<BootFile, { ok: true }>, asker: Asker): Promise<BootFile> {
    const refuse = (reason: string): BootFile => ({ ok: false, code: 'forbidden', reason })
    if (found.size > mostTemplateBytes)
      return refuse(
        `it is a template of more than ${mostTemplateBytes / 1024 / 1024} MiB: take it out of boot.templates`,
      )
    const bytes = await readWhole(found)
    if (bytes.length < found.size) return { ok: false, code: 'busy', reason: 'it is being written just now' }
    const who = await this.#machines.identify(asker)
    if ('conflict' in who) return refuse(who.conflict)
    const filled = fillFile(found.name, bytes, this.#variables, who.facts, parseIp(asker.server) ?? 0, who.isSure)
    if (!filled.ok) {
      const [{ line, text, remedy }] = filled.problems as [(typeof filled.problems)[number]]
      return refuse(`${found.name} line ${line}: ${text}. ${remedy}`)
    }
    const content = bytesOfText(filled.text)
    return {
      ...found,
      content,
      size: content.length,
      version: createHash('sha256').update(content).digest('base64url').slice(0, 22),
      isSecret: filled.hasSecret,
    }
  }
}
