/** Two namespaces with a cable, the peers that are measured beside PXE Lab, and how results are told. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { stringify } from 'yaml'
import type { LabInput } from '#shared/lab/lab.ts'
import { cli } from '../test/helpers/lab.ts'
import { Network, type Running } from '../test/helpers/network.ts'
import { findTool } from '../test/helpers/requirements.ts'

export const server = '10.77.0.1'
export const client = '10.77.0.2'

export class Bench {
  readonly network = new Network()
  readonly root = mkdtempSync(join(tmpdir(), 'pxe-lab-bench-'))
  readonly boot = join(this.root, 'boot')
  readonly here: string
  readonly there: string
  #count = 0

  constructor() {
    mkdirSync(this.boot)
    ;({ here: this.here, there: this.there } = this.network.wire({
      server: [`${server}/16`],
      client: [`${client}/16`],
    }))
  }

  async close(): Promise<void> {
    await this.network.close()
    rmSync(this.root, { recursive: true, force: true })
  }

  /** The responder with a state folder of its own. */
  async lab(more: Partial<LabInput> = {}): Promise<Running> {
    const folder = join(this.root, `lab${++this.#count}`)
    mkdirSync(folder)
    const file = join(folder, 'lab.yaml')
    writeFileSync(
      file,
      stringify({
        interface: 'srv0',
        mode: 'dhcp',
        allowOtherServers: true,
        dhcp: { subnets: [{ subnet: '10.77.0.0/16', pools: [{ start: '10.77.1.0', end: '10.77.255.254' }] }] },
        boot: { files: this.boot },
        tftp: { maxTransfersPerClient: 1000 },
        ...more,
      }),
    )
    const running = this.network.start(this.here, process.execPath, [cli, 'respond', '--config', file, '--quiet'])
    await running.sees(/ready in mode/, 20)
    // The question to the wire about other servers is part of every start; it is not what is measured.
    await delay(4500)
    return running
  }

  async kea(): Promise<Running> {
    const folder = join(this.root, `kea${++this.#count}`)
    mkdirSync(folder)
    const file = join(folder, 'kea.json')
    writeFileSync(
      file,
      JSON.stringify({
        Dhcp4: {
          'interfaces-config': { interfaces: ['srv0'], 'dhcp-socket-type': 'udp' },
          'multi-threading': { 'enable-multi-threading': true, 'thread-pool-size': 2 },
          'lease-database': { type: 'memfile', persist: true, name: join(folder, 'leases.csv'), 'lfc-interval': 0 },
          'valid-lifetime': 3600,
          subnet4: [{ subnet: '10.77.0.0/16', pools: [{ pool: '10.77.1.0 - 10.77.255.254' }] }],
        },
      }),
    )
    const running = this.network.start(this.here, 'kea-dhcp4', ['-c', file], {
      KEA_LOCKFILE_DIR: folder,
      KEA_PIDFILE_DIR: folder,
    })
    await running.sees(/DHCP4_STARTED/, 20)
    return running
  }

  /** The TFTP servers of this machine by name; one that is not installed is left out. */
  tftpPeers(): Map<string, () => Promise<Running>> {
    const peers = new Map<string, () => Promise<Running>>()
    const start = async (command: string, values: string[]): Promise<Running> => {
      const running = this.network.start(this.here, command, values)
      await delay(700)
      if (running.child.exitCode !== null) throw new Error(`${command} did not stay: ${running.output}`)
      return running
    }
    if (findTool('dnsmasq'))
      peers.set('dnsmasq', () =>
        start('dnsmasq', [
          '--no-daemon',
          '--port=0',
          '--conf-file=/dev/null',
          '--user=root',
          '--enable-tftp',
          `--tftp-root=${this.boot}`,
          '--interface=srv0',
          '--tftp-max=500',
          '--pid-file=',
        ]),
      )
    const hpa = process.env['TFTPD_HPA'] ?? findTool('in.tftpd')
    // The package atftpd leaves a link of that name.
    if (hpa && !realpathSync(hpa).endsWith('atftpd'))
      peers.set('tftpd-hpa', () =>
        start(hpa, ['--foreground', '--listen', '--user', 'root', '--secure', '--address', `${server}:69`, this.boot]),
      )
    if (findTool('atftpd'))
      peers.set('atftpd', () =>
        start('atftpd', [
          '--daemon',
          '--no-fork',
          '--user',
          'root',
          '--maxthread',
          '400',
          '--bind-address',
          server,
          this.boot,
        ]),
      )
    return peers
  }
}

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN

/** One line a result: what, ours, theirs, the ratio and what was aimed at. */
export function tell(what: string, ours: number, theirs: number, unit: string, aim: number): void {
  const ratio = ours / theirs
  const verdict = ratio >= aim ? 'reached' : 'MISSED'
  process.stdout.write(
    `${what}: ours ${ours.toFixed(1)} ${unit}, peer ${theirs.toFixed(1)} ${unit}, ratio ${ratio.toFixed(2)} (aim ${aim}, ${verdict})\n`,
  )
}
