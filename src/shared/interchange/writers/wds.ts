/**
 * A lab in the role of WDS as the settings of a Windows Deployment Services server (wdsutil /Set-Server): a file that exports the
 * registry key of the service before it changes anything, and one that imports it again.
 */
import { say } from '#messages/message.ts'
import type { ExportedFile, Notes, ServicePlan } from './plan.ts'

const key = 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\WDSServer'
const before = 'pxe-lab-wds-before.reg'
const undoName = 'pxe-lab-wds-undo.cmd'

/** What cmd.exe passes on as it is between quotation marks. */
const isPlain = (text: string): boolean => /^[\w .,:;?'()-]*$/.test(text)

/** No files where the lab does not stand in for WDS. */
export function wdsFiles({ wds, subnets }: ServicePlan, notes: Notes): ExportedFile[] {
  if (!wds) return []
  const set: string[] = [
    // With the DHCP server of the same host, port 67 is that server's (UseDHCPPorts).
    `/UseDhcpPorts:${subnets.length > 0 ? 'No' : 'Yes'}`,
    `/AnswerClients:${{ all: 'All', known: 'Known', none: 'None' }[wds.answer]}`,
    `/ResponseDelay:${wds.delaySeconds}`,
    `/ArchitectureDiscovery:${wds.architectureDiscovery ? 'Yes' : 'No'}`,
    `/PxePromptPolicy /Known:${prompts[wds.prompt]} /New:${prompts[wds.prompt]}`,
  ]
  if (wds.approve && !isPlain(wds.message)) notes.add('left-out', 'wds.message', say('interchange.message-characters-command-cannot-hold')) // prettier-ignore
  set.push(wds.approve ? `/AutoAddPolicy /Policy:AdminApproval /PollInterval:${wds.pollSeconds}${isPlain(wds.message) ? ` /Message:"${wds.message}"` : ''}` : '/AutoAddPolicy /Policy:Disabled') // prettier-ignore
  if (wds.devices.length > 0) notes.add('to-set', 'wds.devices', say('interchange.wds-keeps-prestaged-machines-active', { length: wds.devices.length })) // prettier-ignore
  if (Object.keys(wds.bcd).length > 0) notes.add('left-out', 'wds.bcd', say('interchange.wds-makes-boot-configuration-each')) // prettier-ignore
  notes.add('to-set', 'wds', say('interchange.server-initialised-boot-images-wdsutil')) // prettier-ignore
  const checked = (command: string): string[] => [`${command} || (`, `  echo It failed. Run ${undoName} to put back what was there.`, '  exit /b 1', ')'] // prettier-ignore
  const lines = [
    '@echo off',
    `rem PXE Lab: sets WDS as the lab stands in for it. Run it as an administrator; ${undoName} puts back what was there.`,
    'setlocal',
    'cd /d "%~dp0"',
    `if exist ${before} (`,
    `  echo ${before} is there: this lab is set up already. Run ${undoName} first.`,
    '  exit /b 1',
    ')',
    `reg export ${key} ${before} || exit /b 1`,
    ...set.flatMap((one) => checked(`wdsutil /Set-Server ${one}`)),
    ...checked('wdsutil /Stop-Server'),
    ...checked('wdsutil /Start-Server'),
    '',
  ]
  const undo = [
    '@echo off',
    'rem PXE Lab: puts back what pxe-lab-wds.cmd changed.',
    'setlocal',
    'cd /d "%~dp0"',
    `if not exist ${before} (`,
    `  echo ${before} is not there: nothing was changed, or it was put back already.`,
    '  exit /b 1',
    ')',
    'wdsutil /Stop-Server',
    `reg import ${before} || exit /b 1`,
    'wdsutil /Start-Server',
    `del ${before}`,
    '',
  ]
  return [
    { name: 'pxe-lab-wds.cmd', text: lines.join('\r\n') },
    { name: undoName, text: undo.join('\r\n') },
  ]
}

const prompts = { optIn: 'OptIn', noPrompt: 'NoPrompt', optOut: 'OptOut' } as const
