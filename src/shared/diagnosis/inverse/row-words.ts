/** Rows of the co-hosting matrix in the words of somebody who looks for a fault. */
import type { MatrixRow } from '../co-hosting.ts'

const product = (row: MatrixRow): string => (row.pxe === 'SccmPxe' ? 'the ConfigMgr PXE responder' : 'WDS')
const setting = (row: MatrixRow): string => (row.pxe === 'SccmPxe' ? 'DoNotListenOnDhcpPort' : 'UseDHCPPorts')

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** A set-up in one line: what runs where, and the settings that decide. */
export function describeSetup(row: MatrixRow): string {
  const where =
    row.pxe === 'none' ? '' : row.dhcp === 'this' ? ' on the server of DHCP' : row.dhcp === 'other' ? ' on another server than DHCP' : '' // prettier-ignore
  const parts = [
    row.dhcp === 'none' ? 'no DHCP server' : '',
    row.pxe === 'none'
      ? 'no PXE service'
      : `${product(row)}${where}${row.service === 'stopped' ? ', stopped' : row.dhcp === 'this' ? `, started ${row.starts === 'first' ? 'before' : 'after'} DHCP` : ''}`,
    row.pxe === 'none' ? '' : `${setting(row)} ${row.listen === 'default' ? 'not set' : row.listen}`,
    row.dhcp === 'none'
      ? ''
      : row.option60 === 'unset'
        ? 'no option 60'
        : row.option60 === 'server'
          ? 'option 60 PXEClient'
          : 'option 60 PXEClient at one scope',
    row.files === 'set' ? 'options 66 and 67 name one program for every machine' : '',
  ]
  return capital(parts.filter(Boolean).join('; '))
}

/** What is wrong with a row, by what its remedy changes. */
export function faultsOf(row: MatrixRow, to: MatrixRow): string {
  const who = product(to)
  const faults = [
    row.dhcp === 'none' ? 'no DHCP server answers' : '',
    row.pxe === 'none' ? 'there is no PXE service' : '',
    row.pxe !== 'none' && row.service !== to.service ? `${who} is stopped` : '',
    row.pxe !== 'none' && row.listen !== to.listen
      ? to.dhcp === 'this'
        ? `${who} and DHCP on one server both claim UDP port 67 (${setting(to)})`
        : `${who} does not listen on UDP port 67 (${setting(to)} is ${row.listen})`
      : '',
    row.option60 !== to.option60
      ? to.option60 === 'server'
        ? row.option60 === 'left-over'
          ? 'option 60 is set at one scope only'
          : 'the DHCP server does not send option 60'
        : `option 60 ${row.option60 === 'left-over' ? 'at one scope' : 'on the DHCP server'} sends clients to the wrong server`
      : '',
    row.files !== to.files ? 'options 66 and 67 name one program for every machine' : '',
  ]
  return capital(faults.filter(Boolean).join('; '))
}

/** The row with the server that is missing, and what sets it up; undefined where none is missing. */
export function wantedServer(
  row: MatrixRow,
): { readonly row: MatrixRow; readonly says: readonly string[]; readonly commands: readonly string[] } | undefined {
  if (row.dhcp !== 'none' && row.pxe !== 'none') return undefined
  const says = [
    ...(row.dhcp === 'none'
      ? ['Run a DHCP server with a scope for the network of the machine, authorise it, or point the IP helper of that network to one.']
      : []),
    ...(row.pxe === 'none' ? ['Install and configure a PXE service, WDS for one.'] : []),
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
