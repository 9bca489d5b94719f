/** The boot folder as a list, and what each rule of the lab would hand out. */
import { open, readdir, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import type { Lab } from '#shared/lab/lab.ts'
import type { BootFiles } from '#shared/contract/calls.ts'
import { bootProgramHeadBytes, inspectBootProgram, mismatchOf, type BootProgram } from '#shared/wire/boot-program.ts'
import { architectureName, architectureOf } from '#shared/wire/iana/architecture.ts'
import { ruleArchitectures } from '#shared/machines/boot-policy.ts'
import { BootFolder } from '../responder/boot-folder.ts'

const mostFiles = 2000

async function headOf(path: string): Promise<Uint8Array> {
  const handle = await open(path, 'r')
  try {
    const head = new Uint8Array(bootProgramHeadBytes)
    const { bytesRead } = await handle.read(head, 0, head.length, 0)
    return head.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}

type Rule = Lab['boot']['programs'][number]

function whoOf(rule: Rule): string {
  const parts = [
    rule.architecture === undefined ? '' : ruleArchitectures(rule.architecture).map(architectureName).join(' or '),
    rule.userClass === undefined ? '' : `user class ${rule.userClass}`,
    rule.vendorClass === undefined ? '' : `vendor class ${rule.vendorClass}`,
    rule.mac ?? '',
    rule.uuid ?? '',
    rule.subnet === undefined ? '' : `in ${rule.subnet}`,
    rule.relay === undefined ? '' : `through relay ${rule.relay}`,
    rule.circuitId === undefined ? '' : `circuit ${rule.circuitId}`,
    rule.remoteId === undefined ? '' : `remote ${rule.remoteId}`,
  ].filter(Boolean)
  return parts.join(', ') || 'every client'
}

function problemOf(rule: Rule, program: BootProgram): string {
  if (rule.userClass === 'iPXE' || rule.architecture === undefined) return ''
  const wrong = ruleArchitectures(rule.architecture)
    .map((code) => architectureOf(code))
    .flatMap((architecture) => (architecture ? (mismatchOf(program, architecture) ?? []) : []))
  // 7 and 9 are one architecture with two numbers: one complaint is enough.
  return wrong[0] ?? ''
}

export async function listBootFiles(lab: Lab, root: string): Promise<BootFiles> {
  const files: BootFiles['files'] = []
  let isTruncated = false
  let folder: BootFolder
  try {
    folder = await BootFolder.open(root)
  } catch {
    const programs = lab.boot.programs.map((rule, index) => ({
      rule: index,
      who: whoOf(rule),
      file: rule.file,
      description: '',
      problem: /^[a-z]+:\/\//i.test(rule.file) ? '' : 'the boot folder does not exist',
    }))
    return { root, exists: false, files, isTruncated, programs }
  }
  const waiting = [folder.root]
  for (let path = waiting.shift(); path !== undefined && !isTruncated; path = waiting.shift()) {
    for (const entry of (await readdir(path, { withFileTypes: true })).sort((a, b) => a.name.localeCompare(b.name))) {
      const child = join(path, entry.name)
      if (entry.isDirectory()) waiting.push(child)
      const status = entry.isDirectory() ? undefined : await stat(child).catch(() => undefined)
      if (!status?.isFile()) continue
      if (files.length >= mostFiles) {
        isTruncated = true
        break
      }
      const name = relative(folder.root, child).split(sep).join('/')
      const program = inspectBootProgram(await headOf(child).catch(() => new Uint8Array()), name)
      files.push({
        name,
        size: status.size,
        modified: status.mtimeMs,
        kind: program.kind,
        description: program.description,
      })
    }
  }
  const programs = await Promise.all(
    lab.boot.programs.map(async (rule, index) => {
      const base = { rule: index, who: whoOf(rule), file: rule.file }
      if (/^[a-z][a-z0-9+.-]*:\/\//i.test(rule.file))
        return { ...base, description: 'an address elsewhere', problem: '' }
      const found = await folder.openFile(rule.file)
      if (!found.ok) return { ...base, description: '', problem: `missing: ${found.reason}` }
      const head = new Uint8Array(bootProgramHeadBytes)
      const { bytesRead } = await found.handle.read(head, 0, head.length, 0)
      await found.handle.close()
      const program = inspectBootProgram(head.subarray(0, bytesRead), found.name)
      return { ...base, description: program.description, problem: problemOf(rule, program) }
    }),
  )
  return { root: folder.root, exists: true, files, isTruncated, programs }
}
