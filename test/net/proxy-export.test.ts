/** A lab in proxyDHCP mode as dnsmasq, which runs: what each PXE client is told, in its offer or on port 4011. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { planOfLab } from '#shared/interchange/writers/lab-plan.ts'
import { writeDnsmasq } from '#shared/interchange/writers/dnsmasq.ts'
import { labSchema } from '#shared/lab/lab.ts'
import { formatIpv4, parseHex, parseIpv4 } from '#shared/wire/bytes.ts'
import { bootFileOf, decodeDhcp, encodeDhcp } from '#shared/wire/dhcp/message.ts'
import { request, type ClientRequest } from '../helpers/dhcp.ts'
import { Network } from '../helpers/network.ts'
import { describeWith } from '../helpers/requirements.ts'

const server = '192.168.77.1'
const client = '192.168.77.2'
const asks = fileURLToPath(new URL('../helpers/ask-raw.mjs', import.meta.url))
const lab = labSchema.parse({
  interface: 'srv0',
  mode: 'proxy-dhcp',
  boot: {
    files: '.',
    programs: [
      { userClass: 'iPXE', file: 'http://192.168.77.1/boot.ipxe' },
      { architecture: 'x64-uefi', file: 'snponly.efi' },
      { architecture: 'arm64-uefi', file: 'arm.efi', nextServer: '192.168.77.9' },
      { architecture: 'bios', file: 'undionly.kpxe' },
    ],
  },
})
const machines: readonly (readonly [name: string, architecture: number, file: string | undefined, next: string, userClass?: string])[] = [
  ['BIOS', 0, 'undionly.kpxe', server],
  ['UEFI x64', 7, 'snponly.efi', server],
  ['UEFI ARM64', 11, 'arm.efi', '192.168.77.9'],
  ['UEFI x86', 6, undefined, ''],
  ['iPXE on BIOS', 0, 'http://192.168.77.1/boot.ipxe', server, 'iPXE'],
  ['iPXE on UEFI x64', 7, 'http://192.168.77.1/boot.ipxe', server, 'iPXE'],
] // prettier-ignore

describeWith(['root', 'ip', 'dnsmasq'], 'a proxyDHCP exported to dnsmasq', () => {
  test('tells each PXE client the program of the lab', { timeout: 120_000 }, async () => {
    const network = new Network()
    const folder = mkdtempSync(join(tmpdir(), 'pxe-lab-proxy-'))
    try {
      const { here, there } = network.wire({ name: 'proxy', server: [`${server}/24`], client: [`${client}/24`] })
      network.ip('-n', there, 'route', 'add', '255.255.255.255', 'dev', 'cli0')
      const { files, notes } = writeDnsmasq(planOfLab({ lab, addresses: [parseIpv4(server)!], lineOf: () => 0 }))
      expect(notes.filter(({ kind, key }) => kind === 'keep-beside' && key === 'mode')).toEqual([])
      const file = join(folder, 'dnsmasq.conf')
      writeFileSync(file, files[0]!.text)
      const engine = network.start(here, 'dnsmasq', ['--keep-in-foreground', '--log-facility=-', '--user=root', `--conf-file=${file}`, `--dhcp-leasefile=${join(folder, 'leases')}`, `--pid-file=${join(folder, 'pid')}`]) // prettier-ignore
      await engine.sees(/started, /)
      const asksOf = (type: 'discover' | 'request', at: number): string => {
        const [, architecture, , , userClass] = machines[at]!
        const asked: ClientRequest = { type, architecture, vendorClass: `PXEClient:Arch:${String(architecture).padStart(5, '0')}:UNDI:003000`, xid: at + 1, mac: `52:54:00:77:00:0${at + 1}`, ...(userClass === undefined ? {} : { userClass }), options: [{ code: 55, data: Uint8Array.of(1, 3, 43, 60, 66, 67) }] } // prettier-ignore
        const message = decodeDhcp(encodeDhcp(request(asked))).message
        return Buffer.from(encodeDhcp(type === 'request' ? { ...message, ciaddr: parseIpv4(client)! } : message)).toString('hex') // prettier-ignore
      }
      const questions = machines.flatMap(([, , told], at) => {
        const ms = told === undefined ? 1000 : 20_000
        return [{ hex: asksOf('discover', at), from: 68, to: '255.255.255.255:67', ms: 20_000 }, { hex: asksOf('request', at), from: 68, to: `${server}:4011`, ms }] // prettier-ignore
      })
      const { stdout } = await network.exec(there, process.execPath, [asks, JSON.stringify(questions)], 90)
      const replies = stdout.trim().split('\n').map((line) => (JSON.parse(line) as { hex: string }[]).map(({ hex }) => decodeDhcp(parseHex(hex)!).message)[0]) // prettier-ignore
      const told = machines.map(([name], at) => {
        const [offer, onPort] = [replies[at * 2], replies[at * 2 + 1]]
        const found = [onPort, offer].find((one) => one !== undefined && bootFileOf(one) !== '')
        return [name, found && bootFileOf(found), found ? formatIpv4(found.siaddr) : '']
      })
      expect(told).toEqual(machines.map(([name, , wanted, next]) => [name, wanted, next]))
    } finally {
      await network.close()
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
