/** What the role of a lab needs in its boot folder. */
import { say, type Phrase } from '#messages/message.ts'
import type { BootFolderView, LabNotice } from './boot-check.ts'
import type { Lab } from './lab.ts'
import { roleConfigurationOf } from './machine-configuration.ts'

export interface RoleFile {
  readonly file: string
  /** Path of keys in the lab file. */
  readonly field: string
  /** Whom it is for: the number of an architecture, or a machine's name. */
  readonly who: number | Phrase
}

/** The files that a lab's role sends its clients to; none where it plays no role. */
export function roleFiles(lab: Lab): readonly RoleFile[] {
  const configuration = roleConfigurationOf(lab, [])
  if (!configuration) return []
  const { role } = lab
  const files = new Map<string, RoleFile>()
  const add = (file: string | undefined, field: string, who: number | Phrase): void => {
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
    add(bootFile, `devices[${index}].bootFile`, name ?? say('boot-check.this-machine'))
  return [...files.values()]
}

/** `machinesOf` names the machines of an architecture. */
export function roleNotices(lab: Lab, view: BootFolderView, machinesOf: (code: number) => Phrase): LabNotice[] {
  const notices: LabNotice[] = []
  const server = say(lab.role === 'wds' ? 'boot-check.a-wds-server' : 'boot-check.a-distribution-point')
  const remedy = say('boot-check.copy-remote-install', { server, files: lab.boot.files })
  if (!view.exists)
    notices.push({
      code: 'folder-missing',
      level: 'warning',
      field: 'boot.files',
      text: say('boot-check.folder-missing', { files: lab.boot.files }),
      remedy: say('boot-check.create-role-folder', { server }),
    })
  else if (lab.tftp.enabled)
    for (const { file, field, who } of roleFiles(lab)) {
      const found = view.files.get(file)
      if (!found?.ok)
        notices.push({
          code: 'program-missing',
          level: 'warning',
          field,
          text: say('boot-check.role-file-missing', {
            who: typeof who === 'number' ? machinesOf(who) : who,
            file,
            reason: found?.ok === false ? found.reason : say('boot-check.no-such-file'),
          }),
          remedy,
        })
    }
  if (!lab.tftp.enabled)
    notices.push({
      code: 'no-tftp',
      level: 'warning',
      field: 'tftp.enabled',
      text: say('boot-check.role-tftp-off'),
      remedy: say('boot-check.set-tftp'),
    })
  return notices
}
