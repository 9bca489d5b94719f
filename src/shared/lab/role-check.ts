/** What the role of a lab needs in its boot folder. */
import type { BootFolderView, LabNotice } from './boot-check.ts'
import type { Lab } from './lab.ts'
import { roleConfigurationOf } from './machine-configuration.ts'

export interface RoleFile {
  readonly file: string
  /** Path of keys in the lab file. */
  readonly field: string
  /** Whom it is for: the number of an architecture, or a machine's name. */
  readonly who: number | string
}

/** The files that a lab's role sends its clients to; none where it plays no role. */
export function roleFiles(lab: Lab): readonly RoleFile[] {
  const configuration = roleConfigurationOf(lab, [])
  if (!configuration) return []
  const { role } = lab
  const files = new Map<string, RoleFile>()
  const add = (file: string | undefined, field: string, who: number | string): void => {
    if (file !== undefined && !files.has(file)) files.set(file, { file, field: `${role}.${field}`, who })
  }
  const all = [
    { programs: configuration.programs, field: 'architectures' },
    ...(configuration.deployments ?? []).map(({ programs }, index) => ({ programs, field: `deployments[${index}].bootImage` })), // prettier-ignore
  ]
  for (const { programs, field } of all)
    for (const [who, one] of programs ?? []) {
      add(one.first, field, who)
      const next = configuration.architectureDiscovery ? one.next : (one.next32 ?? one.next)
      if (configuration.deployments || configuration.prompt !== 'optIn') add(next.noPrompt, field, who)
      if (configuration.deployments || configuration.prompt === 'optIn') add(next.optIn, field, who)
      if (configuration.deployments) add(one.abort, field, who)
      add(one.bcd, 'bcd', who)
    }
  for (const [index, { bootFile, name }] of configuration.devices.entries())
    add(bootFile, `devices[${index}].bootFile`, name ?? 'This machine')
  return [...files.values()]
}

/** `machinesOf` names the machines of an architecture. */
export function roleNotices(lab: Lab, view: BootFolderView, machinesOf: (code: number) => string): LabNotice[] {
  const notices: LabNotice[] = []
  const server = lab.role === 'wds' ? 'a WDS server' : 'a distribution point'
  const remedy = `Copy it from the RemoteInstall folder of ${server} into ${lab.boot.files}.`
  if (!view.exists)
    notices.push({
      code: 'folder-missing',
      level: 'warning',
      field: 'boot.files',
      text: `Nothing can be booted: the boot folder ${lab.boot.files} does not exist`,
      remedy: `Create it and copy the RemoteInstall folder of ${server} into it.`,
    })
  else if (lab.tftp.enabled)
    for (const { file, field, who } of roleFiles(lab)) {
      const found = view.files.get(file)
      if (!found?.ok)
        notices.push({
          code: 'program-missing',
          level: 'warning',
          field,
          text: `${typeof who === 'number' ? machinesOf(who) : who} cannot boot: ${file} cannot be loaded, ${found?.reason ?? 'there is no such file'}`,
          remedy,
        })
    }
  if (!lab.tftp.enabled)
    notices.push({
      code: 'no-tftp',
      level: 'warning',
      field: 'tftp.enabled',
      text: 'Nothing can be booted: the programs of Windows come over TFTP, which is off',
      remedy: 'Set tftp.enabled: true.',
    })
  return notices
}
