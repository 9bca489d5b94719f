/**
 * Real firmware with Secure Boot on: Debian's signed shim and GRUB from the responder, and programs that it refuses, with
 * the line that the simulator's EDK2 shows.
 */
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { LabInput } from '#shared/lab/lab.ts'
import { readSignedProgram } from '#shared/secure-boot/authenticode.ts'
import { inspectChain } from '#shared/secure-boot/chain.ts'
import { cryptography } from '../../src/main/inspect/cryptography.ts'
import { powerOn } from '../helpers/firmware.ts'
import { eventsOf, LabFolder, startResponder } from '../helpers/lab.ts'
import { Network, type Running } from '../helpers/network.ts'
import { withTrust, type Trust } from '../helpers/ovmf-variables.ts'
import { scenarioFrom, simulated } from '../helpers/simulate.ts'
import { describeWith } from '../helpers/requirements.ts'
import { debianGrub, debianShim, derOf, makeAuthority, signingNeeds, signWith, tinyProgram } from '../helpers/signed-programs.ts' // prettier-ignore

const server = '192.168.77.1'
const mac = '52:54:00:77:00:03'
const program = 'debian/shimx64.efi'

let network: Network
let folder: LabFolder
let space: string
let other: string

beforeEach(() => {
  network = new Network()
  space = network.namespace('a')
  other = network.namespace('b')
  network.cable({ in: space, name: 'port1' }, { in: other, name: 'eth0', addresses: ['192.168.77.2/24'] })
  network.bridge(space, 'br0', [`${server}/24`], ['port1'])
  network.tap(space, 'tap0', 'br0')
  folder = new LabFolder()
  mkdirSync(join(folder.root, 'boot', 'debian'), { recursive: true })
  mkdirSync(join(folder.root, 'boot', 'grub'))
})

afterEach(async () => {
  await network.close()
  folder.remove()
})

const inBoot = (name: string): string => join(folder.root, 'boot', name)
const bytesOf = (path: string): Uint8Array => new Uint8Array(readFileSync(path))

async function serve(more: Omit<LabInput, 'interface'>): Promise<Running> {
  folder.write({ interface: 'br0', boot: { programs: [{ architecture: 'x64-uefi', file: program }] }, ...more })
  return startResponder(network, space, folder)
}

const alone: Omit<LabInput, 'interface'> = {
  mode: 'dhcp',
  allowOtherServers: true,
  dhcp: { subnets: [{ subnet: '192.168.77.0/24', pools: [{ start: '192.168.77.100', end: '192.168.77.199' }] }] },
}

/** A machine that trusts this; without it what Microsoft's keys of 2011 signed. */
function machineWith(trust: Trust = {}): Running {
  writeFileSync(join(folder.root, 'vars.fd'), withTrust(bytesOf('/usr/share/OVMF/OVMF_VARS_4M.ms.fd'), trust))
  return powerOn(network, space, 'uefi-secure', 'tap0', mac, folder.root)
}

/** The authorities that signed shim, the one of 2011 first. */
const authoritiesOfShim = (): Uint8Array[] =>
  readSignedProgram(bytesOf(debianShim), cryptography)!.signatures.map((one) => one.chain.at(-1)!.der)

/** What `pxe-lab secure-boot` says of the folder. */
const verdictOf = async (machine: string): Promise<string> => {
  const read = (name: string): Promise<Uint8Array | string> =>
    Promise.resolve(existsSync(inBoot(name)) ? bytesOf(inBoot(name)) : 'there is no such file')
  const chain = await inspectChain(program, read, cryptography)
  return chain.verdicts.find((one) => one.machine === machine)!.starts
}

function putChain(): void {
  copyFileSync(debianShim, inBoot(program))
  copyFileSync(debianGrub, inBoot('debian/grubx64.efi'))
  for (const place of ['grub', 'debian/grub']) {
    mkdirSync(inBoot(place), { recursive: true })
    writeFileSync(inBoot(`${place}/grub.cfg`), 'echo PXELAB-SIGNED-GRUB\nlinux /kernel\nsleep 60\n')
  }
}

/** A boot takes half a minute, and several on a machine that is busy; it ends by what it prints, not by this. */
const patience = 300
vi.setConfig({ testTimeout: (2 * patience + 30) * 1000 })

/**
 * shim's refusal, in a box that fills the screen: "Verification failed: (0x1A) Security Violation". The serial console of a
 * busy machine loses characters of so much at once, and nothing else draws a box behind this line.
 */
const errorBox = /Fetching Netboot Image debian\/grubx64\.efi[\s\S]*(?:Security Violation|\u00da\u00c4{4})/

/** The line that the simulator's machine ends with, for the card and the place of this one. */
const refused = ((): RegExp => {
  const scenario = scenarioFrom(new URL('../../resources/scenarios/secure-boot.yaml', import.meta.url))
  const { line } = simulated(scenario)
    .outcomes()
    .find((one) => one.name === 'secure-pc')!
  const [, start, status] = /^(BdsDxe: failed to load Boot0001 "UEFI PXEv4 )\(.* from .*: ([\w ]+)$/.exec(line)!
  return new RegExp(`${start}\\(MAC:525400770003\\)" from [^\\r\\n]*: ${status}`)
})()
const needs = ['root', 'tun', 'ip', 'qemu-system-x86_64', 'ovmf', 'shim-signed', ...signingNeeds]

/** Waits for the refusal; where the serial console of a busy machine has lost a letter of that one line, the machine boots again. */
async function refusalOf(trust?: Trust): Promise<void> {
  for (let boot = 1; ; boot++) {
    const machine = machineWith(trust)
    try {
      await machine.sees(refused, patience / 3)
      return
    } catch (error) {
      if (boot === 3) throw error
      await machine.stop('SIGKILL')
    }
  }
}

describeWith(needs, 'firmware with Secure Boot', () => {
  test("Debian's shim starts GRUB from beside it, and GRUB its configuration", async () => {
    putChain()
    // Which GRUB asks shim about, as the simulated one does.
    copyFileSync(tinyProgram(folder.root, 'kernel'), inBoot('kernel'))
    expect(await verdictOf('of-2011')).toBe('no')
    const responder = await serve(alone)
    await machineWith().sees(/PXELAB-SIGNED-GRUB[\s\S]*error: bad shim signature\./, patience)
    const asked = eventsOf(responder).flatMap((one) => {
      const { transfer } = one as { transfer?: { file?: string } }
      return one.type === 'transfer-ended' && transfer?.file !== undefined ? [transfer.file] : []
    })
    expect(asked).toEqual(expect.arrayContaining([program, 'debian/grubx64.efi']))
  })

  test('shim behind proxyDHCP asks the proxy, whatever address the DHCP server has', async () => {
    putChain()
    const dhcp = network.start(other, 'dnsmasq', [
      '--no-daemon', '--port=0', '--conf-file=/dev/null', '--no-ping', '--interface=eth0', '--bind-interfaces', '--user=root', '--log-dhcp',
      '--dhcp-range=192.168.77.130,192.168.77.140,1h', '--dhcp-authoritative', `--dhcp-leasefile=${join(folder.root, 'leases')}`, '--pid-file=',
    ]) // prettier-ignore
    await dhcp.sees(/DHCP, IP range/)
    await serve({ mode: 'proxy-dhcp' })
    // GRUB itself takes its server from the DHCP acknowledgement, and would ask dnsmasq for its configuration.
    await machineWith().sees(/Fetching Netboot Image debian\/grubx64\.efi[\s\S]*Welcome to GRUB!/, patience)
  })

  test('a program that is not signed is refused', async () => {
    copyFileSync(tinyProgram(folder.root, 'tiny'), inBoot(program))
    expect(await verdictOf('of-2011')).toBe('no')
    await serve(alone)
    await refusalOf()
  })

  test('one revoked signature is enough, though the machine trusts the other', async () => {
    putChain()
    expect(await verdictOf('all-2011-revoked')).toBe('no')
    await serve(alone)
    const [of2011, of2023] = authoritiesOfShim() as [Uint8Array, Uint8Array]
    await refusalOf({ db: [of2011, of2023], dbx: [of2011] })
  })

  test('a second stage with an own key needs its MOK', async () => {
    const own = makeAuthority(folder.root, 'own', '/CN=Own key')
    copyFileSync(debianShim, inBoot(program))
    signWith(tinyProgram(folder.root, 'tiny', 'sbat,1,a,b,c,d\n'), own, inBoot('debian/grubx64.efi'))
    await serve(alone)
    const without = machineWith()
    await without.sees(errorBox, patience)
    await without.stop()
    // It ends at once, and without an error.
    const enrolled = machineWith({ mok: [derOf(own)] })
    await enrolled.sees(/Fetching Netboot Image debian\/grubx64\.efi[\s\S]*BdsDxe: loading Boot0000/, patience)
    expect(enrolled.output).not.toMatch(/Verification failed|failed to start/)
    expect(enrolled.output).not.toMatch(errorBox)
  })
})
