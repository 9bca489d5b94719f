/** A segment of its own for one booting machine, so that several boot side by side. */
import { join } from 'node:path'
import type { LabInput } from '#shared/lab/lab.ts'
import { marker, powerOn, type Firmware, type Wire } from './firmware.ts'
import { eventsOf, LabFolder, startResponder } from './lab.ts'
import { Network, type Running } from './network.ts'

export const server = '192.168.77.1'

/** Gives addresses of the segment. */
export const addresses = {
  subnets: [{ subnet: '192.168.77.0/24', pools: [{ start: '192.168.77.100', end: '192.168.77.199' }] }],
}

interface Loaded {
  readonly outcome: string
  readonly transfer: { file: string; kind: string; bytes: number; size: number }
}

export class Segment {
  readonly network = new Network()
  readonly folder = new LabFolder()
  /** The lab's machine. */
  readonly here = this.network.namespace('a')

  /** Runs one test on a segment, and removes it. */
  static async with(body: (segment: Segment) => Promise<void>): Promise<void> {
    const segment = new Segment()
    try {
      await body(segment)
    } finally {
      await segment.network.close()
      segment.folder.remove()
    }
  }

  /** A bridge with the lab's addresses and the machine's tap on it. */
  plug(addressesHere: readonly string[] = [server]): void {
    this.network.bridge(
      this.here,
      'br0',
      addressesHere.map((address) => `${address}/24`),
    )
    this.network.tap(this.here, 'tap0', 'br0')
  }

  /** Where boot programs go. */
  get boot(): string {
    return join(this.folder.root, 'boot')
  }

  /** The lab alone on the wire, giving addresses unless the lab file says otherwise. */
  prepare(lab: Partial<LabInput>): void {
    this.folder.write({ interface: 'br0', mode: 'dhcp', allowOtherServers: true, dhcp: addresses, ...lab })
  }

  respond(): Promise<Running> {
    return startResponder(this.network, this.here, this.folder)
  }

  /** Switches the machine on and waits for what its boot program prints. */
  async powerOn(
    firmware: Firmware,
    {
      sees = marker(firmware),
      wire = 'tap0',
      at = this.here,
      seconds = 240,
      more = [],
    }: { sees?: RegExp; wire?: Wire; at?: string; seconds?: number; more?: readonly string[] } = {},
  ): Promise<Running> {
    const machine = powerOn(this.network, at, firmware, wire, '52:54:00:77:00:0a', this.folder.root, more)
    await machine.sees(sees, seconds)
    return machine
  }
}

/** Files that the responder sent to their end, `tftp grub-bios.0` and the like, each as long as it should be. */
export function sentBy(responder: Running): string[] {
  const ended = eventsOf(responder).filter((event) => event.type === 'transfer-ended') as unknown as Loaded[]
  return ended
    .filter(({ outcome, transfer }) => outcome === 'completed' && transfer.bytes === transfer.size)
    .map(({ transfer }) => `${transfer.kind === 'read' ? 'tftp' : transfer.kind} ${transfer.file}`)
}
