/** Rows of the co-hosting matrix in the words of somebody who looks for a fault. */
import { say, type Message } from '#messages/message.ts'
import { rowOfKey, stepsTo, type MatrixRow } from '../co-hosting.ts'
import type { Cause, Space } from './space.ts'

const setting = (row: MatrixRow): string => (row.pxe === 'SccmPxe' ? 'DoNotListenOnDhcpPort' : 'UseDHCPPorts')

const line = (items: readonly Message[]): Message => say('co-hosting.capital', { text: say('doctor.items', { items }) })

/** A set-up in one line: what runs where, and the settings that decide. */
export function describeSetup(row: MatrixRow): Message {
  const { dhcp, pxe, listen, option60, files, service, starts } = row
  const state = service === 'stopped' ? 'stopped' : dhcp === 'this' ? starts : 'any'
  return line([
    ...(dhcp === 'none' ? [say('co-hosting.no-dhcp')] : []),
    ...(pxe === 'none'
      ? [say('co-hosting.no-pxe')]
      : [say('co-hosting.setup-pxe', { pxe, dhcp, state }), say('co-hosting.setup-setting', { setting: setting(row), listen })]),
    ...(dhcp === 'none' ? [] : [say('co-hosting.setup-option-60', { option60 })]),
    ...(files === 'set' ? [say('co-hosting.one-program')] : []),
  ]) // prettier-ignore
}

/** What may be wrong with a row. */
export type RowFault =
  | 'no-dhcp'
  | 'no-pxe'
  | 'stopped'
  | 'wds-claims-67'
  | 'responder-claims-67'
  | 'not-on-67'
  | 'option-60-one-scope'
  | 'option-60-missing'
  | 'option-60-wrong'
  | 'one-program'

/** What is wrong with a row, by what its remedy changes. */
export function rowFaults(row: MatrixRow, to: MatrixRow): RowFault[] {
  const hasPxe = row.pxe !== 'none'
  return [
    ...(row.dhcp === 'none' ? (['no-dhcp'] as const) : []),
    ...(hasPxe ? [] : (['no-pxe'] as const)),
    ...(hasPxe && row.service !== to.service ? (['stopped'] as const) : []),
    ...(hasPxe && row.listen !== to.listen
      ? [to.dhcp !== 'this' ? ('not-on-67' as const) : to.pxe === 'SccmPxe' ? ('responder-claims-67' as const) : ('wds-claims-67' as const)]
      : []),
    ...(row.option60 === to.option60
      ? []
      : [to.option60 !== 'server' ? ('option-60-wrong' as const) : row.option60 === 'left-over' ? ('option-60-one-scope' as const) : ('option-60-missing' as const)]),
    ...(row.files === to.files ? [] : (['one-program'] as const)),
  ] // prettier-ignore
}

/** The same in a line. */
export function faultsOf(row: MatrixRow, to: MatrixRow): Message {
  const { pxe } = to
  const sayings: Readonly<Record<RowFault, Message>> = {
    'no-dhcp': say('co-hosting.fault-no-dhcp'),
    'no-pxe': say('co-hosting.fault-no-pxe'),
    stopped: say('co-hosting.fault-stopped', { pxe }),
    'wds-claims-67': say('co-hosting.fault-claims-67', { pxe, setting: setting(to) }),
    'responder-claims-67': say('co-hosting.fault-claims-67', { pxe, setting: setting(to) }),
    'not-on-67': say('co-hosting.fault-not-on-67', { pxe, setting: setting(to), listen: row.listen }),
    'option-60-one-scope': say('co-hosting.fault-option-60-one-scope'),
    'option-60-missing': say('co-hosting.fault-option-60-missing'),
    'option-60-wrong': say('co-hosting.fault-option-60-wrong', { option60: row.option60 }),
    'one-program': say('co-hosting.one-program'),
  }
  return line(rowFaults(row, to).map((one) => sayings[one]))
}

/** The faults of a cause that rows have, of the first of them, which it is named after; none of others. */
export function faultsOfCause({ causes, setups }: Space, cause: Cause): RowFault[] {
  const index = causes.indexOf(cause)
  const named = setups.find((one) => one.cause === index && one.id.startsWith('row:'))
  const row = named && rowOfKey(named.id.slice('row:'.length))
  const to = named?.to === undefined ? undefined : rowOfKey(named.to)
  return row && to ? rowFaults(row, to) : []
}

/** The row with the server that is missing, and what sets it up; undefined where none is missing. */
export function wantedServer(
  row: MatrixRow,
): { readonly row: MatrixRow; readonly says: readonly Message[]; readonly commands: readonly string[] } | undefined {
  if (row.dhcp !== 'none' && row.pxe !== 'none') return undefined
  const says = [
    ...(row.dhcp === 'none'
      ? [say('co-hosting.run-dhcp')]
      : []),
    ...(row.pxe === 'none' ? [say('co-hosting.run-pxe')] : []),
  ] // prettier-ignore
  const commands = [
    ...(row.dhcp === 'none' ? ['Install-WindowsFeature DHCP -IncludeManagementTools'] : []),
    ...(row.pxe === 'none' ? ['Install-WindowsFeature WDS -IncludeManagementTools'] : []),
  ]
  return {
    row: {
      ...row,
      dhcp: row.dhcp === 'none' ? 'other' : row.dhcp,
      pxe: row.pxe === 'none' ? 'WDS' : row.pxe,
      service: row.pxe === 'none' ? 'running' : row.service,
    },
    says,
    commands,
  }
}

/** What brings a row to boot as another, as it was computed when the space was built. */
export function remedyWords(row: MatrixRow, to: MatrixRow): Message[] {
  const missing = wantedServer(row)
  return [...(missing?.says ?? []), ...stepsTo(missing?.row ?? row, to).says]
}
