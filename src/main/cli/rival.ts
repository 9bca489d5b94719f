/** `pxe-lab rival`: a second DHCP server that holds port 67, for machines of a demonstration only, until SIGINT. */
import { t } from '#messages/text.ts'
import { parseMac } from '#shared/wire/bytes.ts'
import { DhcpRival, RivalError } from '../rivals/dhcp-rival.ts'
import { describeInterface, listInterfaces, selectInterfaces } from '../responder/interfaces.ts'
import { onStop } from '../stop.ts'
import { exitCodes } from './exit-codes.ts'
import { stopReason } from './stop-reason.ts'

export interface RivalOptions {
  readonly interface: string
  readonly client: readonly string[]
  readonly stopOnStdinEnd?: boolean
}

export async function rival(options: RivalOptions): Promise<number> {
  const wrong = options.client.find((text) => parseMac(text) === undefined)
  if (wrong !== undefined) {
    process.stderr.write(`${t('cli.pxe-lab-client-not-mac', { wrong })}\n`)
    return exitCodes.usage
  }
  const available = listInterfaces()
  const { found } = selectInterfaces([options.interface], available)
  if (!found[0]) {
    process.stderr.write(
      `${t('cli.pxe-lab-no-interface-machine', { interface: options.interface, available: available.map(describeInterface).join(', ') })}\n`,
    )
    return exitCodes.failed
  }
  let before = 0
  const server = new DhcpRival(({ answered }) => {
    if (answered > before) process.stdout.write(`${t('cli.rival-answered', { count: (before = answered) })}\n`)
  })
  try {
    const { address, clients, pid } = await server.start(found[0], options.client)
    process.stdout.write(`${t('cli.rival-ready', { address, pid, clients: clients.join(', ') })}\n`)
  } catch (error) {
    if (!(error instanceof RivalError)) throw error
    process.stderr.write(`pxe-lab: ${error.message}. ${error.remedy}\n`)
    return exitCodes.portProblem
  }
  const reason = await new Promise<string>((resolve) => onStop(resolve, { onStdinEnd: options.stopOnStdinEnd }))
  await server.stop()
  process.stdout.write(`${t('cli.rival-stopped', { reason: stopReason(reason) })}\n`)
  return exitCodes.ok
}
