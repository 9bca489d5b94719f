/** Engines that run a configuration that was exported, and how their offers compare with the responder's. */
import { inEnglish } from '#messages/text.ts'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { formatIpv4, parseHex } from '#shared/wire/bytes.ts'
import { bootFileOf, decodeDhcp, findOptionData, type DhcpMessage } from '#shared/wire/dhcp/message.ts'
import type { Lab } from '#shared/lab/lab.ts'
import type { Exported } from '#shared/interchange/writers/plan.ts'
import { bytesOf, placeOf, relays, server, shown, type TestClient } from './export-labs.ts'
import type { Network, Running, Wire } from './network.ts'
import { fileURLToPath } from 'node:url'

export type RunningEngine = 'kea' | 'dnsmasq' | 'dhcpd'

const helper = fileURLToPath(new URL('ask-many.mjs', import.meta.url))

/** A wire with a server's end for an engine, and clients and relays at the other. */
export class EngineBench {
  readonly engine: RunningEngine
  readonly #network: Network
  readonly #wire: Wire
  readonly #folder = mkdtempSync(join(tmpdir(), 'pxe-lab-engine-'))
  #clients: Running | undefined

  constructor(network: Network, engine: RunningEngine) {
    this.engine = engine
    this.#network = network
    this.#wire = network.wire({ name: engine, server: [`${server}/24`], client: ['192.168.77.2/24', ...relays.map((one) => `${one}/32`)] }) // prettier-ignore
    network.ip('-n', this.#wire.here, 'route', 'add', '10.0.0.0/8', 'via', '192.168.77.2')
    network.ip('-n', this.#wire.there, 'route', 'add', '255.255.255.255', 'dev', 'cli0')
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }

  /** What the engine's own test says of the file; empty where it accepts it. */
  async check(exported: Exported): Promise<string> {
    const file = this.#write(exported)
    const [command, ...values] = { kea: ['kea-dhcp4', '-t', file], dnsmasq: ['dnsmasq', '--test', `--conf-file=${file}`], dhcpd: ['dhcpd', '-t', '-4', '-cf', file] }[this.engine] // prettier-ignore
    const { code, stdout, stderr } = await this.#network.exec(this.#wire.here, command!, values)
    return code === 0 ? '' : `${stdout}${stderr}`
  }

  #write({ files }: Exported): string {
    const file = join(this.#folder, files[0]!.name)
    const text = files[0]!.text
    writeFileSync(
      file,
      this.engine === 'kea'
        ? text
            .replace('"type": "memfile"', '"type": "memfile", "persist": false')
            .replace('/run/kea/kea4-ctrl-socket', join(this.#folder, 'socket'))
        : this.engine === 'dhcpd'
          ? `${text}\nping-check false;\n`
          : `${text}\nno-ping\n`,
    )
    return file
  }

  async #start(exported: Exported): Promise<Running> {
    const file = this.#write(exported)
    const { here } = this.#wire
    const leases = join(this.#folder, 'leases')
    writeFileSync(leases, '')
    switch (this.engine) {
      case 'kea': {
        const running = this.#network.start(here, 'kea-dhcp4', ['-c', file], { KEA_PIDFILE_DIR: this.#folder, KEA_LOCKFILE_DIR: 'none', KEA_LOGGER_DESTINATION: 'stdout' }) // prettier-ignore
        await running.sees(/DHCP4_STARTED/)
        return running
      }
      case 'dnsmasq': {
        const running = this.#network.start(here, 'dnsmasq', ['--keep-in-foreground', '--log-facility=-', '--user=root', `--conf-file=${file}`, `--dhcp-leasefile=${leases}`, `--pid-file=${join(this.#folder, 'pid')}`]) // prettier-ignore
        await running.sees(/started, /)
        return running
      }
      case 'dhcpd': {
        const running = this.#network.start(here, 'dhcpd', ['-4', '-f', '-d', '-cf', file, '-lf', leases, '--no-pid', 'srv0']) // prettier-ignore
        await running.sees(/Server starting service/)
        return running
      }
    }
  }

  /** The engine's offer to each client; undefined where it offered nothing. */
  async offers(
    exported: Exported,
    clients: readonly TestClient[],
    isAnswered: readonly boolean[],
  ): Promise<(Uint8Array | undefined)[]> {
    const engine = await this.#start(exported)
    try {
      if (this.#clients === undefined) {
        this.#clients = this.#network.start(this.#wire.there, process.execPath, [helper, server, '255.255.255.255', ...relays], {}, 'pipe') // prettier-ignore
        await this.#clients.sees(/ready\n/)
      }
      const asked = this.#clients
      asked.output = ''
      const requests = clients.map((client, at) => ({ hex: Buffer.from(bytesOf(client)).toString('hex'), xid: xidOf(client), isAnswered: isAnswered[at]!, ...(client.relay === undefined ? {} : { relay: client.relay }) })) // prettier-ignore
      asked.child.stdin!.write(`${JSON.stringify({ requests, waitMs: 3000 })}\n`)
      const [, line] = await asked.sees(/(\{.*\})\n/)
      const heard = JSON.parse(line!) as Record<string, string>
      return clients.map((client) => {
        const hex = heard[xidOf(client)]
        return hex === undefined ? undefined : parseHex(hex)
      })
    } finally {
      await engine.stop('SIGKILL')
    }
  }
}

const xidOf = ({ asks }: TestClient): string => asks.xid!.toString(16).padStart(8, '0')

/** Options of one reply alone: who sent it and when it is renewed, which nobody configures. */
const ownToServer: ReadonlySet<number> = new Set([53, 54, 58, 59])
const withoutEnd = (data: Uint8Array): Uint8Array => (data.at(-1) === 0 ? data.subarray(0, -1) : data)
const isText: ReadonlySet<number> = new Set([12, 15, 17, 60, 66, 67, 209])

/** What a client makes of a reply, by name; a boot file is read where clients read it, in option 67 before the header. */
function meaningOf(lab: Lab, message: DhcpMessage): Map<string, string> {
  const meaning = new Map<string, string>([
    ['address', placeOf(lab, message.yiaddr)],
    ['next server', formatIpv4(message.siaddr)],
    ['boot file', fileOf(message)],
  ])
  for (const { code } of message.options) {
    if (ownToServer.has(code) || code === 67) continue
    const data = findOptionData(message, code)!
    meaning.set(`option ${code}`, shown(isText.has(code) ? withoutEnd(data) : data))
  }
  return meaning
}

function fileOf(message: DhcpMessage): string {
  const named = findOptionData(message, 67)
  return named ? String.fromCharCode(...withoutEnd(named)) : bootFileOf(message)
}

export interface Difference {
  readonly what: string
  readonly ours: string
  readonly theirs: string
}

/** Where an engine's offer says something else than ours. */
export function differences(lab: Lab, ours: Uint8Array | undefined, theirs: Uint8Array | undefined): Difference[] {
  if (!ours || !theirs) return !ours === !theirs ? [] : [{ what: 'answer', ours: ours ? 'an offer' : 'none', theirs: theirs ? 'an offer' : 'none' }] // prettier-ignore
  const [mine, other] = [ours, theirs].map((bytes) => meaningOf(lab, decodeDhcp(bytes).message))
  return [...new Set([...mine!.keys(), ...other!.keys()])].flatMap((what) => {
    const [a, b] = [mine!.get(what) ?? 'absent', other!.get(what) ?? 'absent']
    return a === b ? [] : [{ what, ours: a, theirs: b }]
  })
}

interface Listed {
  /** What of the reply differs. */
  readonly what: string
  readonly ours?: RegExp
  readonly theirs?: RegExp
  /** The note in which the export told so. */
  readonly note: RegExp
}

/** What each engine does otherwise, as its export says; every other difference is a defect. */
export const listed: Readonly<Record<RunningEngine, readonly Listed[]>> = {
  kea: [
    { what: 'option 97', theirs: /^absent$/, note: /machine identifier \(option 97\)/ },
    { what: 'option 43', note: /option 43 of a reservation/ },
    { what: 'next server', note: /66 and 67 of this reservation/ },
    { what: 'boot file', note: /66 and 67 of this reservation/ },
    { what: 'next server', ours: /^0\.0\.0\.0$/, note: /Option 66 of this level is a name/ },
  ],
  dnsmasq: [
    { what: 'option 97', theirs: /^absent$/, note: /machine identifier \(option 97\)/ },
    { what: 'option 61', theirs: /^absent$/, note: /client identifier \(option 61\)/ },
    { what: 'option 28', ours: /^absent$/, note: /broadcast address \(option 28\)/ },
    { what: 'next server', ours: /^0\.0\.0\.0$/, theirs: /^192\.168\.77\.1$/, note: /sets itself as the next server/ },
    { what: 'boot file', note: /distinguish relay agents/ },
    { what: 'next server', note: /distinguish relay agents/ },
  ],
  dhcpd: [
    { what: 'option 97', theirs: /^absent$/, note: /machine identifier \(option 97\)/ },
    { what: 'option 61', theirs: /^absent$/, note: /client identifier \(option 61\)/ },
    { what: 'next server', note: /66 and 67 of this level/ },
    { what: 'boot file', note: /66 and 67 of this level/ },
  ],
}

/** Whether the export told of the difference. */
export const isTold = (engine: RunningEngine, { what, ours, theirs }: Difference, { notes }: Exported): boolean =>
  listed[engine].some(
    (one) =>
      one.what === what &&
      (one.ours?.test(ours) ?? true) &&
      (one.theirs?.test(theirs) ?? true) &&
      notes.some(({ text }) => one.note.test(inEnglish(text))),
  )
