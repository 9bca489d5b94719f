/**
 * What a Windows deployment server tells of a client, in a line. Of Configuration Manager in the words of SMSPXE.log as
 * Microsoft's troubleshooting articles print them ("Understand PXE boot in Configuration Manager"); for WDS, whose log has
 * no public form, in our own.
 */
import type { WdsServerEvent } from './wds-server.ts'

export interface WindowsLogLine {
  readonly tone: 'plain' | 'good' | 'warning'
  readonly text: string
}

/** Behind what no public document or capture shows. */
const unconfirmed = ' (unconfirmed)'

const inDatabase = (isKnown: boolean): string =>
  isKnown ? 'device is in the database.' : `device is not in the database${unconfirmed}.`

function smspxe(event: WdsServerEvent, who: string): WindowsLogLine {
  switch (event.type) {
    case 'wds-offered':
      return { tone: 'plain', text: `${who}: ${inDatabase(event.isKnown)}` }
    case 'wds-answered': {
      const { deployment } = event
      const action = deployment
        ? `BootImageID=${deployment.bootImage ?? ''}, Mandatory=${deployment.kind === 'required' ? 1 : 0}, `
        : ''
      return { tone: 'good', text: `${who}: ${action}${event.file}` }
    }
    case 'wds-aborted': {
      const how = event.file === '' ? `action 5 of option 250${unconfirmed}` : event.file
      return { tone: 'warning', text: `${who}: ${inDatabase(event.isKnown)} no advertisements found. No boot action. Aborted. ${how}` } // prettier-ignore
    }
    case 'wds-ignored':
      return { tone: 'warning', text: `${who}: ${inDatabase(event.isKnown)} Not serviced. (${event.reason})` }
    default:
      return wds(event, who)
  }
}

function wds(event: WdsServerEvent, who: string): WindowsLogLine {
  switch (event.type) {
    case 'wds-offered':
      return { tone: 'plain', text: `${who} is offered this boot server on port 4011` }
    case 'wds-answered':
      return { tone: 'good', text: `${who} gets ${event.file}` }
    case 'wds-pending':
      return { tone: 'warning', text: `${who} waits for approval, pending request ID ${event.request}` }
    case 'wds-refused':
      return { tone: 'warning', text: `${who} was refused (request ${event.request}) and told to abort${unconfirmed}` }
    case 'wds-aborted':
      return {
        tone: 'warning',
        text: `${who} gets ${event.file === '' ? `action 5, abort${unconfirmed}` : event.file}`,
      }
    case 'wds-referred':
      return { tone: 'plain', text: `${who} is referred to ${event.to}` }
    case 'wds-ignored':
      return { tone: 'warning', text: `${who} is not answered: ${event.reason}` }
  }
}

export function windowsLogLine(event: WdsServerEvent): WindowsLogLine {
  const { client, product } = event
  return product === 'WDS'
    ? wds(event, client.mac)
    : smspxe(event, `${client.mac.toUpperCase()}, ${(client.uuid ?? '').toUpperCase()}`)
}
