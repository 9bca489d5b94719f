/** The boot folder as a list, and what each rule of the lab would hand out. */
import { open, readdir, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import type { Lab } from '#shared/lab/lab.ts'
import type { BootFiles } from '#shared/contract/calls.ts'
import { bootProgramHeadBytes, inspectBootProgram } from '#shared/wire/boot-program.ts'
import { programState } from '#shared/lab/boot-check.ts'
import { isIpxeClass } from '#shared/machines/client-identity.ts'
import { windowsImageUse } from '#shared/lab/windows-pe.ts'
import { machinesWord } from '#shared/lab/known-programs.ts'
import { viewOfLab } from '../inspect/lab-notices.ts'
import { listedImage } from '../inspect/disc-media.ts'
import { readWindowsImageFile } from '../inspect/windows-image.ts'
import { imageName } from '../responder/disc-images.ts'
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
    rule.architecture === undefined ? '' : [rule.architecture].flat().map(machinesWord).join(' or '),
    rule.userClass === undefined
      ? ''
      : isIpxeClass(rule.userClass)
        ? 'iPXE, when it runs'
        : `user class ${rule.userClass}`,
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

export async function listBootFiles(lab: Lab, root: string): Promise<BootFiles> {
  const files: BootFiles['files'] = []
  let isTruncated = false
  const { view, own } = await viewOfLab(lab, root)
  const programs = lab.boot.programs.map((rule, index) => ({
    rule: index,
    who: whoOf(rule),
    file: rule.file,
    ...programState(lab, index, view, own),
  }))
  const folder = await BootFolder.open(root).catch(() => undefined)
  if (!folder) return { root, exists: false, files, isTruncated, programs }
  const waiting = [folder.root]
  for (let path = waiting.shift(); path !== undefined && !isTruncated; path = waiting.shift()) {
    // A folder that may not be read hides only what is in it.
    const entries = await readdir(path, { withFileTypes: true }).catch(() => [])
    for (const entry of entries.sort((a, b) => a.name.localeCompare(b.name))) {
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
      const image =
        program.kind === 'windows-image' ? await readWindowsImageFile(child).catch(() => undefined) : undefined
      const disc = imageName.test(entry.name) ? await listedImage(child).catch(() => undefined) : undefined
      files.push({
        name,
        size: status.size,
        modified: status.mtimeMs,
        kind: disc ? 'disc-image' : program.kind,
        description: (disc ?? image ?? program).description,
        problem: (disc ?? image)?.problem ?? '',
        peMachine: program.peMachine ?? null,
        ...(image?.boots ? { remarks: [...windowsImageUse(image.boots, name).remarks], architecture: image.boots.architecture } : {}), // prettier-ignore
      })
    }
  }
  return { root: folder.root, exists: true, files, isTruncated, programs }
}
