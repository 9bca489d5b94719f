/** A file of the boot folder as one machine would get it, for people: secrets are not shown. */
import type { Lab } from '#shared/lab/lab.ts'
import { machineVariablesOf, templateTest, unknownVariables } from '#shared/lab/machine-variables.ts'
import type { LabNotice } from '#shared/lab/boot-check.ts'
import type { MachineFacts } from '#shared/machines/variables/machines.ts'
import { bytesOfText, textOfBytes, type TemplateProblem } from '#shared/machines/variables/template.ts'
import type { IpAddress } from '#shared/wire/ip-address.ts'
import { BootFolder, readWhole } from '../responder/boot-folder.ts'
import { fillFile, mostTemplateBytes } from '../responder/template-folder.ts'

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

/** Of more templates than these nothing is told in advance. */
const mostTemplates = 200

/** Variables in the lab's templates that mean nothing: whoever asks for such a file gets none. `names` are files of the folder. */
export async function templateNotices(lab: Lab, folder: BootFolder, names: readonly string[]): Promise<LabNotice[]> {
  const isTemplate = templateTest(lab.boot.templates)
  const notices: LabNotice[] = []
  for (const name of names.filter(isTemplate).slice(0, mostTemplates)) {
    const found = await folder.openFile(name)
    if (!found.ok) continue
    try {
      if (found.size > mostTemplateBytes) continue
      const text = textOfBytes(await readWhole(found))
      for (const variable of unknownVariables(lab, text)) {
        const line = text.slice(0, text.search(new RegExp(`(?<![$%{])\\{${variable}[:}]`))).split('\n').length
        notices.push({
          code: 'variable-unknown',
          level: 'warning',
          field: 'boot.templates',
          text: `Machines do not get ${found.name}: {${variable}} in line ${line} is no variable of this lab`,
          remedy: `Add ${variable} to variables, or write {!${variable}} where the text {${variable}} is meant.`,
        })
      }
    } finally {
      await found.handle.close()
    }
  }
  return notices
}
