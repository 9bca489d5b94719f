/** The first lab file of `pxe-lab respond`: the same proposal as that of the window, with what can be found out found out. */
import { textOf } from '#messages/text.ts'
import { mkdir } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { propose, type Giver } from '../backend/proposal.ts'
import { askWhoAnswers } from '../probe/dhcp-guard.ts'
import { choiceOf, describeInterface, listInterfaces, listIpv6Only, selectInterfaces, type NetworkInterface } from '../responder/interfaces.ts' // prettier-ignore
import { LabFile } from '../workspace/lab-file.ts'

const files = './boot'
/** The lab file where none is named, as of `pxe-lab serve`. */
export const firstLabFile = 'lab.yaml'

/** Writes the lab file where there is none; false where somebody has to decide first, which has been told. */
export async function makeFirstLab(
  path: string,
  wanted: string | undefined,
  tell: (text: string) => void,
): Promise<boolean> {
  const complain = (text: string): void => void process.stderr.write(`pxe-lab: ${text}\n`)
  const file = new LabFile(path)
  if (existsSync(file.path)) {
    if (wanted === undefined) return true
    complain(`${path} exists and names its interface. Leave --interface out, or change interface in that file.`)
    return false
  }
  const served = interfaceFor(wanted, complain, tell)
  if (!served) return false
  tell(`looking for DHCP servers on ${served.name} (4 s) ...\n`)
  const { servers, complaint } = await askWhoAnswers({
    interface: served,
    relay: () => Promise.resolve(undefined),
    signal: new AbortController().signal,
  })
  if (complaint !== undefined) {
    complain(`${served.name} could not be searched for DHCP servers: ${complaint}. Run it as administrator (root), or write a lab file and name it with --config.`) // prettier-ignore
    return false
  }
  const others = servers.filter(({ role }) => role === 'dhcp')
  const giver: Giver = others.length > 0 ? 'another' : 'nobody'
  const proposal = propose(served, giver, files, file.resolve(files))
  await mkdir(file.resolve(files), { recursive: true })
  await file.write(proposal.text)
  tell(`${others.length > 0 ? `DHCP server ${others.map(({ server }) => server).join(', ')} answered` : 'No DHCP server answered'}: ${proposal.title}.\n`) // prettier-ignore
  tell(`Wrote ${file.path}; boot files go into ${file.resolve(files)}.\n`)
  for (const warning of proposal.warnings) tell(`${warning}\n`)
  return true
}

function interfaceFor(
  wanted: string | undefined,
  complain: (text: string) => void,
  tell: (text: string) => void,
): NetworkInterface | undefined {
  const all = listInterfaces()
  const listed = all.map(describeInterface).join(', ') || 'none has an IPv4 address yet'
  const choice = choiceOf(all)
  const name = wanted ?? choice.chosen
  const found = name === undefined ? undefined : selectInterfaces([name], all).found[0]
  if (!found) {
    if (wanted !== undefined && selectInterfaces([wanted], listIpv6Only()).found.length > 0) {
      complain(`${wanted} has no IPv4 address, so it cannot be searched for DHCP servers. Give it one, or write a lab file with interface: ${wanted} and ipv6.enabled: true, and name it with --config.`) // prettier-ignore
      return undefined
    }
    complain(
      wanted === undefined
        ? `${textOf(choice.reason)} Name one with --interface: ${listed}.`
        : `no interface of this machine is ${wanted}. Choose one of: ${listed}.`,
    )
    return undefined
  }
  tell(`${wanted === undefined ? textOf(choice.reason) : `Using ${describeInterface(found)}.`}\n`)
  return found
}
