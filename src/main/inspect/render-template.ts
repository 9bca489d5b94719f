/** A file of the boot folder as one machine would get it, for people: secrets are not shown. */
import type { Lab } from '#shared/lab/lab.ts'
import { machineVariablesOf, templateTest, unknownVariables } from '#shared/lab/machine-variables.ts'
import type { LabNotice } from '#shared/lab/boot-check.ts'
import { variablesOf, type MachineEntry, type MachineFacts } from '#shared/machines/variables/machines.ts'
import {
  bytesOfText,
  fillTemplate,
  hasPlaceholders,
  textOfBytes,
  variablesIn,
  type Lookup,
  type TemplateProblem,
} from '#shared/machines/variables/template.ts'
import type { IpAddress } from '#shared/wire/ip-address.ts'
import { BootFolder, readWhole } from '../responder/boot-folder.ts'
import { escapingOf, fillFile, isUtf16, mostTemplateBytes } from '../responder/template-folder.ts'

export interface RenderedPart {
  readonly text: string
  /** The variable that it is the value of; null for what stands in the file. */
  readonly variable: string | null
}

export interface Rendered {
  readonly name: string
  /** Whether boot.templates names it: otherwise it is served as it is. */
  readonly isTemplate: boolean
  readonly parts: readonly RenderedPart[]
  readonly problems: readonly TemplateProblem[]
}

const utf8 = (text: string): string => Buffer.from(bytesOfText(text)).toString('utf8')
const concealed = '••••••'

/** Rejects with an Error that says why the file cannot be read. */
export async function renderTemplate(
  lab: Lab,
  root: string,
  requested: string,
  facts: MachineFacts,
  server: IpAddress,
): Promise<Rendered> {
  const folder = await BootFolder.open(root, lab.boot.raspberryPi)
  const found = await folder.openFile(requested)
  if (!found.ok) throw new Error(found.reason)
  try {
    if (found.size > mostTemplateBytes)
      throw new Error(`it has more than ${mostTemplateBytes / 1024 / 1024} MiB, and no template has`)
    const bytes = await readWhole(found)
    const isTemplate = templateTest(lab.boot.templates)(found.name)
    const filled = fillFile(found.name, bytes, machineVariablesOf(lab), facts, server, true)
    if (!filled.ok) return { name: found.name, isTemplate, parts: [{ text: bytes.toString('utf8'), variable: null }], problems: filled.problems } // prettier-ignore
    const parts = filled.parts.map(({ text, variable, isSecret }) => ({
      text: isSecret ? concealed : utf8(text),
      variable: variable ?? null,
    }))
    return { name: found.name, isTemplate, parts, problems: [] }
  } finally {
    await found.handle.close()
  }
}

/** Of more templates, machines and notices than these nothing is told in advance. */
const mostTemplates = 200
const mostMachines = 200
const mostNotices = 100
const mostNamed = 5

interface Judged {
  readonly version: string
  readonly notices: readonly LabNotice[]
}
/** What was found in a template, by lab and name: they are looked at again every few seconds. */
const judged = new WeakMap<Lab, Map<string, Judged>>()

const field = 'boot.templates'
const warning = (code: LabNotice['code'], text: string, remedy: string): LabNotice => ({ code, level: 'warning', field, text, remedy }) // prettier-ignore

/** What a machine tells of itself is known when it boots: a value of the right form stands for it here. */
const examples: Readonly<Record<string, string>> = {
  mac: '52:54:00:00:00:01',
  uuid: '00000000-0000-4000-8000-000000000001',
  serial: 'A1',
  asset: 'A1',
  ip: '192.0.2.1',
  hostname: 'a',
  architecture: 'bios',
  server: '192.0.2.1',
}

const lineOf = (text: string, variable: string): number =>
  text.slice(0, text.search(new RegExp(`(?<![$%{])\\{${variable}[:}]`))).split('\n').length

/** Which network a machine is in and what kind it is, is known when it boots: it may have what is said of those. */
const isForMany = ({ mac, uuid, serial, asset }: MachineEntry): boolean => [mac, uuid, serial, asset].every((one) => one === undefined) // prettier-ignore

/** Machines that the lab names one by one, with what their variables are. */
function namedMachines(lab: Lab): readonly { readonly who: string; readonly lookup: Lookup }[] {
  const variables = machineVariablesOf(lab)
  const named = lab.machines.flatMap(({ mac, uuid, serial, asset, hostname }, index) => {
    const who = hostname ?? mac ?? uuid ?? serial ?? asset
    return who === undefined ? [] : [{ who, entry: variables.entries[index]! }]
  })
  return named.slice(0, mostMachines).map(({ who, entry }) => {
    const { mac = '', uuid, serial, asset } = entry
    const lookup = variablesOf(variables, { mac, uuid, serial, asset }, 0, { withSecrets: true })
    return {
      who,
      lookup: (name) => {
        const value = lookup(name)
        if (!value || !('why' in value)) return value
        if (Object.hasOwn(examples, name)) return { text: examples[name]!, isSecret: false }
        return variables.entries.find((one) => isForMany(one) && one.variables.has(name))?.variables.get(name) ?? value
      },
    }
  }) // prettier-ignore
}

function judgeTemplate(lab: Lab, name: string, bytes: Uint8Array): readonly LabNotice[] {
  if (isUtf16(bytes)) return [warning('template-refused', `Machines do not get ${name}: it is UTF-16, in which no placeholder is found`, 'Save it as UTF-8.')] // prettier-ignore
  const text = textOfBytes(bytes)
  if (!hasPlaceholders(text)) return []
  const unknown = unknownVariables(lab, text)
  const notices = unknown.map((variable) =>
    warning(
      'variable-unknown',
      `Machines do not get ${name}: {${variable}} in line ${lineOf(text, variable)} is no variable of this lab`,
      `Add ${variable} to variables, or write {!${variable}} where the text {${variable}} is meant.`,
    ),
  )
  // By what is wrong: the machines for which it is so.
  const wrong = new Map<string, { readonly who: string[]; readonly what: string; readonly remedy: string }>()
  for (const { who, lookup } of namedMachines(lab)) {
    const filled = fillTemplate(text, lookup, { escaping: escapingOf(name) })
    if (filled.ok) continue
    for (const { line, placeholder, text: why, remedy } of filled.problems) {
      const [variable] = variablesIn(placeholder)
      if (variable === undefined || unknown.includes(variable)) continue
      // A form that a value cannot have is told once, with the first of these values.
      const isForm = /has no such form/.test(why)
      const what = `line ${line}: ${why}`
      const key = isForm ? `line ${line}: ${placeholder}` : what
      const others = wrong.get(key)
      if (others) others.who.push(who)
      else if (wrong.size < mostNotices) wrong.set(key, { who: [who], what, remedy: isForm ? remedy : `Give ${variable} a value for every machine in variables, or for each of these in machines.` }) // prettier-ignore
    }
  }
  // Which machines ask for which file is not known: it may be meant for others.
  const level = 'info' as const
  for (const { who, what, remedy } of wrong.values()) {
    const named = who.slice(0, mostNamed).join(', ')
    const more = who.length > mostNamed ? ` and ${who.length - mostNamed} more machines` : ''
    notices.push({ code: 'variable-missing', level, field, text: `As the lab file stands, ${named}${more} would not get ${name}: ${what}`, remedy })
  }
  return notices.slice(0, mostNotices)
} // prettier-ignore

/** What of the lab's templates machines would not get, and why. `names` are files of the folder. */
export async function templateNotices(lab: Lab, folder: BootFolder, names: readonly string[]): Promise<LabNotice[]> {
  const notices: LabNotice[] = lab.boot.templates
    .filter((pattern) => !names.some(templateTest([pattern])))
    .map((pattern) => ({
      code: 'template-missing',
      level: 'info',
      field: `boot.templates[${lab.boot.templates.indexOf(pattern)}]`,
      text: `No file of the boot folder is a template by the name ${pattern}`,
      remedy: `Put one into ${lab.boot.files}, or correct the name: * is anything but a slash, ** anything.`,
    }))
  const before = judged.get(lab)
  const now = new Map<string, Judged>()
  judged.set(lab, now)
  for (const name of names.filter(templateTest(lab.boot.templates)).slice(0, mostTemplates)) {
    const found = await folder.openFile(name)
    if (!found.ok) continue
    try {
      const known = before?.get(found.name)
      const one =
        known?.version === found.version
          ? known
          : {
              version: found.version,
              notices:
                found.size > mostTemplateBytes
                  ? [warning('template-refused', `Machines do not get ${found.name}: a template has ${mostTemplateBytes / 1024 / 1024} MiB at most`, 'Take it out of boot.templates.')] // prettier-ignore
                  : judgeTemplate(lab, found.name, await readWhole(found)),
            }
      now.set(found.name, one)
      notices.push(...one.notices)
    } finally {
      await found.handle.close()
    }
  }
  return notices
}
