/**
 * A plan as commands of `netsh dhcp`, for servers that are managed without PowerShell: new scopes with their options and
 * reservations. netsh knows no policies, and values of a user class alone tell machines apart ("Netsh commands for DHCP").
 * One file runs the commands where no scope is in their way, another takes back what was not there before.
 */
import { say } from '#messages/message.ts'
import { encodeText, formatHex, formatIpv4 } from '../../wire/bytes.ts'
import { optionCodes } from '../../wire/dhcp/options.ts'
import { Notes, type Exported, type ServicePlan } from './plan.ts'
import { wdsFiles } from './wds.ts'
import { dottedMask, planOfWindows, type WindowsOption, type WindowsType } from './windows-plan.ts'

const before = 'pxe-lab-dhcp-before.txt'
const commandsName = 'pxe-lab-dhcp.txt'
const undoName = 'pxe-lab-dhcp-undo.cmd'

const types: Readonly<Record<WindowsType, string>> = { Byte: 'BYTE', Word: 'WORD', DWord: 'DWORD', IPv4Address: 'IPADDRESS', String: 'STRING', BinaryData: 'BYTE' } // prettier-ignore

/** Options that Windows defines by itself (MS-DHCPM 3.1.1.9): their definitions are nobody's to add or take away. */
const isPredefined = (code: number): boolean =>
  (code <= 76 && ![60, 62, 63].includes(code)) || code === 121 || code === 249

/** netsh has no way to write a quotation mark inside of two. */
const isQuotable = (text: string): boolean => /^[ -~]*$/.test(text) && !text.includes('"') && !text.endsWith('\\')

export function writeNetsh(plan: ServicePlan): Exported {
  const windows = planOfWindows(plan, { hasPolicies: false })
  const notes = new Notes({ notes: windows.notes, lineOf: plan.lineOf })
  const typeOf = new Map(windows.definitions.map((one) => [one.code, one.type]))
  const commands: string[] = []
  const add = (text: string): void => void commands.push(`dhcp server ${text}`)

  const defined: number[] = []
  for (const { code, name, type, isMultiValued } of windows.definitions)
    if (!isPredefined(code)) {
      defined.push(code)
      add(`add optiondef ${code} "${name}" ${types[type]} ${isMultiValued || type === 'BinaryData' ? 1 : 0} comment="PXE Lab"`) // prettier-ignore
    }
  for (const { name, data } of windows.classes) add(`add class "${name}" "PXE Lab" ${formatHex(encodeText(data))} 0 b`)

  /** The value behind its type; undefined where it cannot be written. */
  function valueOf({ code, values, key }: WindowsOption): string | undefined {
    const type = typeOf.get(code)!
    if (type === 'BinaryData' && isPredefined(code)) {
      notes.add('left-out', key, say('interchange.netsh-cannot-set-octets-option', { code }))
      return undefined
    }
    if (!values.every(isQuotable)) {
      notes.add('left-out', key, say('interchange.netsh-cannot-set-option-text', { code })) // prettier-ignore
      return undefined
    }
    return values.map((one) => (type === 'BinaryData' ? String(Number(one)) : `"${one}"`)).join(' ')
  }
  const set = (scope: string, options: readonly WindowsOption[], user = ''): void => {
    for (const option of options) {
      const value = valueOf(option)
      if (value !== undefined) add(`scope ${scope} set optionvalue ${option.code} ${types[typeOf.get(option.code)!]} ${user}${value}`) // prettier-ignore
    }
  }
  for (const { network, range, exclusions, leaseSeconds, options, byUserClass, reservations } of windows.scopes) {
    const scope = formatIpv4(network.address)
    add(`add scope ${scope} ${dottedMask(network.prefixLength)} "PXE Lab ${scope}" "PXE Lab"`)
    // Nobody is served before the scope is whole.
    add(`scope ${scope} set state 0`)
    add(`scope ${scope} add iprange ${formatIpv4(range.start)} ${formatIpv4(range.end)}`)
    for (const { start, end } of exclusions) add(`scope ${scope} add excluderange ${formatIpv4(start)} ${formatIpv4(end)}`) // prettier-ignore
    add(`scope ${scope} set optionvalue ${optionCodes.leaseTime} DWORD "${leaseSeconds}"`)
    set(scope, options)
    for (const { data, options: own } of byUserClass) {
      const name = windows.classes.find((one) => one.data === data)!.name
      set(scope, own, `user="${name}" `)
    }
    for (const { address, clientId, name, options: own } of reservations) {
      add(`scope ${scope} add reservedip ${formatIpv4(address)} ${clientId.replaceAll('-', '').toLowerCase()} "${isQuotable(name) ? name : formatIpv4(address)}" "PXE Lab" "BOTH"`) // prettier-ignore
      for (const option of own) {
        const value = valueOf(option)
        if (value !== undefined) add(`scope ${scope} set reservedoptionvalue ${formatIpv4(address)} ${option.code} ${types[typeOf.get(option.code)!]} ${value}`) // prettier-ignore
      }
    }
    add(`scope ${scope} set state 1`)
  }

  const scopes = windows.scopes.map(({ network }) => formatIpv4(network.address))
  const apply = [
    '@echo off',
    `rem PXE Lab: adds the scopes of the lab. Run it as an administrator; ${undoName} takes them back.`,
    'setlocal',
    'cd /d "%~dp0"',
    `if exist ${before} (`,
    `  echo ${before} is there: this lab is set up already. Run ${undoName} first.`,
    '  exit /b 1',
    ')',
    `netsh dhcp server dump > ${before}`,
    `findstr /i /c:"dhcp server" ${before} > nul || (`,
    '  echo The DHCP server of this machine cannot be read.',
    `  del ${before}`,
    '  exit /b 1',
    ')',
    ...scopes.flatMap((scope) => [
      `findstr /i /c:" add scope ${scope} " ${before} > nul && (`,
      `  echo Scope ${scope} is there, and nothing was changed. Export the lab for PowerShell to add to a scope.`,
      `  del ${before}`,
      '  exit /b 1',
      ')',
    ]),
    `netsh exec ${commandsName}`,
    '',
  ]
  const undo = [
    '@echo off',
    'rem PXE Lab: takes back what pxe-lab-dhcp.cmd added.',
    'setlocal',
    'cd /d "%~dp0"',
    `if not exist ${before} (`,
    `  echo ${before} is not there: nothing was changed, or it was taken back already.`,
    '  exit /b 1',
    ')',
    ...scopes.map((scope) => `netsh dhcp server delete scope ${scope} dhcpfullforce`),
    ...windows.classes.map(({ name }) => `findstr /i /c:" add class \\"${name}\\" " ${before} > nul || netsh dhcp server delete class "${name}"`), // prettier-ignore
    ...defined.map((code) => `findstr /i /c:" add optiondef ${code} " ${before} > nul || netsh dhcp server delete optiondef ${code}`), // prettier-ignore
    `del ${before}`,
    '',
  ]
  // cmd.exe finds labels and lines of a file with its own line ends alone.
  const file = (name: string, lines: readonly string[]) => ({ name, text: lines.join('\r\n') })
  return {
    files: [
      file(commandsName, [...commands, '']),
      file('pxe-lab-dhcp.cmd', apply),
      file(undoName, undo),
      ...wdsFiles(plan, notes),
    ],
    notes: notes.list,
  }
}
