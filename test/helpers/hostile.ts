/** Packets that no ordinary socket sends: any source address and port, put on a cable as they are. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { formatHex, parseHex, parseIpv4 } from '#shared/wire/bytes.ts'
import { wrapUdp } from '#shared/wire/frame.ts'
import type { Network } from './network.ts'

export interface Forged {
  readonly from: string
  readonly fromPort: number
  readonly to: string
  readonly port: number
  readonly payload: Uint8Array
}

const script = fileURLToPath(new URL('./raw-frames.mjs', import.meta.url))

/** The hardware address of an interface in a namespace. */
export async function macIn(network: Network, namespace: string, name: string): Promise<string> {
  const { stdout } = await network.exec(namespace, 'cat', [`/sys/class/net/${name}/address`])
  return stdout.trim()
}

/** How many of them left. `to` is the hardware address of the victim; broadcasts go to everyone. */
export async function sendForged(
  network: Network,
  namespace: string,
  device: string,
  to: string,
  folder: string,
  packets: readonly Forged[],
  everyMs = 0,
): Promise<number> {
  const file = join(folder, 'frames.txt')
  const frames = packets.map((one) =>
    wrapUdp({
      sourceMac: parseHex('021122334455')!,
      destinationMac: one.to === '255.255.255.255' ? new Uint8Array(6).fill(255) : parseHex(to)!,
      sourceAddress: parseIpv4(one.from)!,
      destinationAddress: parseIpv4(one.to)!,
      sourcePort: one.fromPort,
      destinationPort: one.port,
      payload: one.payload,
    }),
  )
  writeFileSync(file, frames.map((frame) => formatHex(frame)).join('\n'))
  const { stdout } = await network.exec(namespace, process.execPath, [script, device, file, String(everyMs)])
  return Number.parseInt(stdout, 10)
}
