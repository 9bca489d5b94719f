/** What is made of the answers on a wire, with the answers in our hands: the census, and a rehearsed boot step by step. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { parseIpv4 } from '#shared/wire/bytes.ts'
import type { BootConfiguration } from '#shared/wire/boot-configuration.ts'
import { blankMessage, type DhcpMessage } from '#shared/wire/dhcp/message.ts'
import type { IpAddress } from '#shared/wire/ip-address.ts'
import type { TftpOption } from '#shared/wire/tftp.ts'
import type { BootContext } from '#shared/machines/pxe-client/boot-context.ts'
import type { ClientResult } from '#shared/machines/pxe-client/client.ts'
import { rehearsedEnd } from '#shared/contract/rehearsed.ts'
import type { AskedOffer, WireQuestion } from '../../src/main/probe/ask-wire.ts'
import { takeCensus, type CensusClient, type CensusResult } from '../../src/main/probe/census.ts'
import { rehearse, secondDhcpOpinion, type RehearsedClient, type Rehearsal } from '../../src/main/probe/rehearsal.ts'
import type { SecondAnswer, SecondQuestion } from '../../src/main/probe/second-opinion.ts'
import type { TftpAnswer, TftpQuestion } from '../../src/main/probe/tftp-fetch.ts'
import type { WireBoot } from '../../src/main/probe/wire-client.ts'
import type { NetworkInterface } from '../../src/main/responder/interfaces.ts'
import { peProgram } from '../helpers/boot-programs.ts'
import { describeWith } from '../helpers/requirements.ts'
import { debianGrub, debianShim } from '../helpers/signed-programs.ts'

const ip = (text: string): number => parseIpv4(text)!
const served: NetworkInterface = { name: 'eth0', address: ip('10.0.0.50'), prefixLength: 24, mtu: 1500, mac: '02:00:00:00:00:01', isLoopback: false, hasLink: true } // prettier-ignore

const world = vi.hoisted(() => ({
  ask: (async () => undefined) as (question: WireQuestion) => Promise<string | undefined>,
  macs: new Map<string, string>(),
  boot: (async () => undefined) as (boot: WireBoot) => Promise<ClientResult | undefined>,
  fetch: (() => ({ ok: false, message: 'none', code: 1, bytes: 0, blockSize: 512 })) as (
    question: TftpQuestion,
  ) => TftpAnswer,
  from: [] as [IpAddress, IpAddress, string | undefined][],
  fetched: [] as { file: string; options: string; mostBytes: number; tries: number; waitMs: number }[],
  second: { problem: 'not asked' } as SecondAnswer | undefined,
  asked: [] as SecondQuestion[],
}))

vi.mock(import('../../src/main/probe/ask-wire.ts'), async (original) => ({
  ...(await original()),
  askWire: (question) => world.ask(question),
}))
vi.mock('../../src/main/probe/neighbours.ts', () => ({ neighbours: () => Promise.resolve(world.macs) }))
vi.mock(import('../../src/main/probe/wire-client.ts'), async (original) => ({
  ...(await original()),
  bootOnWire: (boot) => world.boot(boot),
}))
vi.mock('../../src/main/probe/tftp-fetch.ts', () => ({
  fetchOverTftp: (question: TftpQuestion) => {
    const { file, options, mostBytes, tries, waitMs, from, server, zone } = question
    world.from.push([from, server, zone])
    world.fetched.push({ file, options: options.map((one: TftpOption) => `${one.name}=${one.value}`).join(' '), mostBytes, tries, waitMs }) // prettier-ignore
    return Promise.resolve(world.fetch(question))
  },
}))
vi.mock('../../src/main/child-process.ts', () => ({
  startChild: (name: string, argument: string) => {
    world.asked.push(JSON.parse(argument) as SecondQuestion)
    const { second } = world
    return {
      stop: () => {},
      once: (event: string, hear: (value?: unknown) => void) => {
        if (name !== 'second-opinion') throw new Error(name)
        if (event === (second ? 'message' : 'exit')) queueMicrotask(() => hear(second))
      },
    }
  },
}))
/** A configuration is here JSON after three letters. */
vi.mock('#shared/wire/boot-configuration.ts', () => ({
  readBootConfiguration: (content: Uint8Array) => {
    const text = Buffer.from(content).toString()
    return text.startsWith('BCD') ? (JSON.parse(text.slice(3)) as BootConfiguration) : undefined
  },
}))

beforeEach(() => {
  world.fetched = []
  world.from = []
  world.asked = []
  world.macs = new Map()
  world.second = { problem: 'not asked' }
})

const optionBytes = (code: number, text: string) => ({ code, data: new TextEncoder().encode(text) })
const offer = (server: string, more: Omit<Partial<DhcpMessage>, 'file'> & { vendorClass?: string; file?: string } = {}): DhcpMessage => {
  const { vendorClass, file, ...message } = more
  return {
    ...blankMessage,
    op: 2,
    yiaddr: ip('10.0.0.100'),
    ...message,
    options: [
      { code: 53, data: Uint8Array.of(2) },
      { code: 54, data: Uint8Array.from(server.split('.').map(Number)) },
      ...(vendorClass === undefined ? [] : [optionBytes(60, vendorClass)]),
      ...(file === undefined ? [] : [optionBytes(67, file)]),
      ...(message.options ?? []),
    ],
  }
} // prettier-ignore

describe('the census', () => {
  const census = (clients: readonly CensusClient[], ...offers: readonly Partial<AskedOffer>[]) => {
    world.ask = ({ onOffer, architectures }) => {
      expect(architectures).toEqual(clients.map((one) => ({ bios: 0, 'x64-uefi': 7, 'arm64-uefi': 11, http: 16 })[one]))
      for (const one of offers) onOffer({ client: 0, afterMs: 10.6, message: offer('10.0.0.1'), ...one })
      return Promise.resolve(undefined)
    }
    return takeCensus(served, clients, new AbortController().signal)
  }
  const proxy = { yiaddr: 0, vendorClass: 'PXEClient' }

  test('an offer as it came, of each server the first', async () => {
    world.macs.set('10.0.0.1', '02:00:00:00:00:aa')
    const { results, warnings, complaint } = await census(
      ['x64-uefi'],
      { message: offer('10.0.0.1', { file: 'a.efi', siaddr: ip('10.0.0.7'), giaddr: ip('10.0.9.1'), options: [{ code: 43, data: Uint8Array.of(255) }] }) },
      { message: offer('10.0.0.1', { file: 'later.efi' }), afterMs: 2000 },
      { message: offer('10.0.0.2', { ...proxy, file: 'b.efi' }), afterMs: 20 },
    ) // prettier-ignore
    expect({ warnings, complaint }).toEqual({ warnings: [], complaint: undefined })
    expect(results[0]!.offers).toMatchObject([
      { server: '10.0.0.1', mac: '02:00:00:00:00:aa', role: 'dhcp', offered: '10.0.0.100', vendorClass: '', hasOption43: true, file: 'a.efi', nextServer: '10.0.0.7', relay: '10.0.9.1', afterMs: 11 },
      { server: '10.0.0.2', mac: '', role: 'proxy-dhcp', offered: '', vendorClass: 'PXEClient', hasOption43: false, file: 'b.efi', relay: '', afterMs: 20 },
    ]) // prettier-ignore
    expect(results[0]).toMatchObject({
      client: 'x64-uefi',
      address: '10.0.0.1',
      boot: '10.0.0.2',
      asksBootServer: true,
    })
    expect(results[0]!.offers.every((one) => one.because !== '')).toBe(true)
  })

  test.each([
    ['nobody', [], ['Nobody answers: no DHCP server, no proxyDHCP.']],
    ['a proxy alone', [offer('10.0.0.2', proxy)], ['Nobody gives addresses; only 10.0.0.2 answers, as proxyDHCP.']],
    ['one server', [offer('10.0.0.1')], []],
    ['two servers', [offer('10.0.0.1'), offer('10.0.0.3')], ['More than one DHCP server answers: 10.0.0.1, 10.0.0.3. One may be a rogue.']],
    ['a server and a proxy', [offer('10.0.0.1'), offer('10.0.0.2', proxy)], []],
    ['two proxies', [offer('10.0.0.1'), offer('10.0.0.2', proxy), offer('10.0.0.4', proxy)], ['More than one proxyDHCP answers: 10.0.0.2, 10.0.0.4. Which one wins is chance.']],
    ['our own address', [offer('10.0.0.1', { yiaddr: served.address })], ['10.0.0.50 is offered to clients and belongs to this machine.']],
    ['the address of a server', [offer('10.0.0.1', { yiaddr: ip('10.0.0.1') })], ['10.0.0.1 is offered to clients and belongs to a server.']],
  ] as const)('%s', async (_, messages, warnings) => {
    expect((await census(['bios'], ...messages.map((message) => ({ message })))).warnings).toEqual(warnings)
  }) // prettier-ignore

  test.each([
    ['bios', 'a.efi', 'UEFI'],
    ['bios', 'a.0', undefined],
    ['x64-uefi', 'pxelinux.0', 'BIOS'],
    ['arm64-uefi', 'undionly.KPXE', 'BIOS'],
    ['x64-uefi', 'a.efi', undefined],
    ['bios', 'a.efi.bin', undefined],
    ['x64-uefi', 'a.0.bin', undefined],
  ] as const)('%s, %s: %s', async (client, file, kind) => {
    const { warnings } = await census([client], { message: offer('10.0.0.1', { file }) })
    expect(warnings.map((one) => /which cannot start it: a program for (.*)\.$/.exec(one)?.[1])).toEqual(kind === undefined ? [] : [kind]) // prettier-ignore
  })

  test('a question that could not be asked is a complaint, and no warning of silence', async () => {
    world.ask = () => Promise.resolve('port 68 is taken (EADDRINUSE)')
    expect(await takeCensus(served, ['bios'], new AbortController().signal)).toMatchObject({ warnings: [], complaint: 'port 68 is taken (EADDRINUSE)' }) // prettier-ignore
  })
})

describe('the second opinion about DHCP', () => {
  const heard = (...servers: readonly (readonly [string, 'dhcp' | 'proxy-dhcp'])[]): CensusResult =>
    ({ client: 'bios', offers: servers.map(([server, role]) => ({ server, role })) }) as unknown as CensusResult
  const offers = (...servers: string[]): SecondAnswer => ({
    offers: servers.map((server) => ({ server, address: '' })),
  })
  test.each([
    ['the same', heard(['10.0.0.1', 'dhcp'], ['10.0.0.2', 'proxy-dhcp']), offers('10.0.0.1'), 'passed', 'hears the same: 10.0.0.1.'],
    ['nobody', heard(), offers(), 'passed', 'hears the same: nobody.'],
    ['one more', heard(['10.0.0.1', 'dhcp']), offers('10.0.0.1', '10.0.0.3'), 'warning', 'hears 10.0.0.1, 10.0.0.3; PXE clients hear 10.0.0.1.'],
    ['another', heard(['10.0.0.1', 'dhcp']), offers('10.0.0.3'), 'warning', 'hears 10.0.0.3; PXE clients hear 10.0.0.1.'],
    ['a problem', heard(), { problem: 'EACCES' }, 'warning', 'The package dhcp could not ask (EACCES).'],
    ['silence', heard(), undefined, 'warning', 'could not ask (it said nothing)'],
  ] as const)('%s', async (_, ours, theirs, state, detail) => {
    world.second = theirs
    const told = await secondDhcpOpinion([ours])
    expect(told).toMatchObject({ name: 'Second opinion: DHCP', state, detail: expect.stringContaining(detail) })
    expect(world.asked).toEqual([{ kind: 'dhcp', mac: '02:50:58:45:4c:43', waitMs: 3500 }])
  }) // prettier-ignore
})

describe('a rehearsed boot', () => {
  const booted: ClientResult = { state: 'booted', code: '', line: '', because: 'it would start' }
  const context: BootContext = { platform: 'uefi', architecture: 7, server: ip('10.0.0.1'), file: 'a.efi', ack: offer('10.0.0.1'), reply: offer('10.0.0.1'), transport: 'tftp', port: 69 } // prettier-ignore
  /** The firmware passes these stages, and then starts what it has loaded, or not. */
  const boots = (result: ClientResult | undefined, started: Partial<BootContext> | undefined, stages: readonly [string, string][] = [['discover', 'once'], ['file', 'a.efi']]): void => {
    world.boot = ({ onEvent, onRequest, run }) => {
      for (const [stage, text] of stages) onEvent({ type: 'stage', stage, text } as never)
      onEvent({ type: 'screen', text: 'x' })
      onRequest(ip('10.0.0.1'), 'asked.efi')
      if (started) {
        const program = run({ stage: () => {}, sleep: function* () {} } as never, { ...context, ...started }, new Uint8Array()) // prettier-ignore
        while (program.next().done !== true);
      }
      return Promise.resolve(result)
    }
  } // prettier-ignore
  /** Files that are there, and which sizes of block come through. */
  const serves = (files: Readonly<Record<string, Uint8Array | string>>, sweep: (block: number, window: number) => Partial<TftpAnswer> = () => ({})): void => {
    world.fetch = ({ file, options, onData, mostBytes }) => {
      const content = files[file]
      const asked = (name: string, otherwise: number): number => Number(options.find((one) => one.name === name)?.value ?? otherwise)
      const [blockSize, windowSize] = [asked('blksize', 512), asked('windowsize', 1)]
      if (content === undefined) return { ok: false, message: 'File not found', code: 1, bytes: 0, blockSize }
      const bytes = Math.min(mostBytes, content.length)
      onData?.(Buffer.from(content).subarray(0, bytes))
      return { ok: true, bytes, isWhole: true, blockSize, windowSize, ms: 1000, lost: 0, ...(onData ? {} : sweep(blockSize, windowSize)) } as TftpAnswer
    }
  } // prettier-ignore
  const progress: string[] = []
  const run = async (client: RehearsedClient = 'x64-uefi', more: { isBrief?: boolean; offers?: number; signal?: AbortSignal } = {}): Promise<Rehearsal | undefined> => {
    progress.length = 0
    return rehearse({ interface: served, client, isAnswered: (more.offers ?? 1) > 0, signal: more.signal ?? new AbortController().signal, onProgress: (text) => progress.push(text), isBrief: more.isBrief ?? false })
  } // prettier-ignore
  const steps = (told: Rehearsal | undefined): string[] => told!.steps.map(({ name, state, detail }) => `${name} ${state}: ${detail}`) // prettier-ignore
  const program = peProgram(0x8664, 2000)

  describeWith(['shim-signed'], 'of a shim', () => {
    const shim = (): Buffer => readFileSync(debianShim)
    test('tells what it loads, and who refuses it', async () => {
      boots(booted, { file: 'deb/shimx64.efi' })
      serves({ 'deb/shimx64.efi': shim(), 'deb/grubx64.efi': readFileSync(debianGrub) })
      const told = steps(await run('x64-uefi', { isBrief: true }))
      expect(told).toContainEqual(expect.stringMatching(/^Signature passed: .*UEFI CA 2011 and by .*UEFI CA 2023/))
      expect(told).toContainEqual(expect.stringMatching(/^Second stage passed: shim loads deb\/grubx64\.efi, signed by Debian/))
      expect(told).toContainEqual(expect.stringMatching(/^Secure Boot warning: .*both authorities of 2011 are revoked refuse it/))
    })
    test('whose second stage is not there fails', async () => {
      boots(booted, { file: 'shimx64.efi' })
      serves({ 'shimx64.efi': shim(), 'deb/grubx64.efi': readFileSync(debianGrub) })
      expect(steps(await run('x64-uefi', { isBrief: true }))).toContainEqual(expect.stringMatching(/^Second stage failed: shim asks for grubx64\.efi: File not found/))
    })
  }) // prettier-ignore

  test('that is right: every stage once, the program with size and hash, every size of block', async () => {
    boots(booted, {}, [['discover', 'first'], ['discover', 'again'], ['offer', 'of one'], ['running', 'x'], ['file', 'a.efi']]) // prettier-ignore
    serves({ 'a.efi': program }, (block, window) => ({ ms: block === 1456 && window === 4 ? 10 : 1000 }))
    const sha256 = createHash('sha256').update(program).digest('hex')
    world.second = { bytes: 2000, sha256 }
    const told = await run()
    expect(told).toMatchObject({ client: 'x64-uefi', code: '', line: '', recommended: { blockSize: 1456, windowSize: 4 } }) // prettier-ignore
    expect(told!.program).toMatchObject({ server: '10.0.0.1', file: 'a.efi', transport: 'tftp', bytes: 2000, sha256, description: 'UEFI program, x64', signer: '', authority: '' }) // prettier-ignore
    expect(steps(told)).toEqual([
      'DISCOVER passed: again',
      'OFFER passed: of one',
      'File passed: a.efi',
      'Program passed: a.efi, 2000 bytes: UEFI program, x64.',
      'Signature warning: a.efi is not signed: firmware with Secure Boot on refuses it.',
      'Block sizes passed: Every size that was tried comes through. Take RamDiskTFTPBlockSize 1456 and RamDiskTFTPWindowSize 4.',
      'Second opinion: TFTP passed: The package tftp2 got the same 2000 bytes.',
    ])
    expect(told!.sweep).toHaveLength(21)
    expect(told!.sweep[0]).toEqual({ blockSize: 512, windowSize: 1, agreedBlockSize: 512, agreedWindowSize: 1, bytesPerSecond: 2000, lost: 0, problem: '' }) // prettier-ignore
    // As EDK2 asks; then each pair, a window of one being none.
    expect(world.fetched.slice(0, 4)).toEqual([
      { file: 'a.efi', options: 'blksize=1468 windowsize=4', mostBytes: 64 << 20, tries: 4, waitMs: 1000 },
      { file: 'a.efi', options: 'blksize=512', mostBytes: 1 << 20, tries: 3, waitMs: 400 },
      { file: 'a.efi', options: 'blksize=512 windowsize=4', mostBytes: 1 << 20, tries: 3, waitMs: 400 },
      { file: 'a.efi', options: 'blksize=512 windowsize=16', mostBytes: 1 << 20, tries: 3, waitMs: 400 },
    ])
    expect(world.asked).toEqual([{ kind: 'tftp', server: '10.0.0.1', file: 'a.efi', waitMs: 20_000 }])
    expect(progress).toContain('UEFI x64: OFFER, of one')
    expect(progress).toContain('loading a.efi from 10.0.0.1')
  })

  test('in short ends with the program', async () => {
    boots(booted, {})
    serves({ 'a.efi': program })
    expect(await run('x64-uefi', { isBrief: true })).toMatchObject({ sweep: [], recommended: undefined, program: { bytes: 2000 } }) // prettier-ignore
    expect(world.fetched).toHaveLength(1)
    expect(world.asked).toEqual([])
  })

  test('that is cancelled is none, on the wire or afterwards', async () => {
    boots(undefined, undefined)
    expect(await run()).toBeUndefined()
    boots(booted, {})
    serves({ 'a.efi': program })
    const stop = new AbortController()
    stop.abort()
    expect(await run('x64-uefi', { signal: stop.signal })).toBeUndefined()
    expect(world.fetched).toHaveLength(1)
  })

  test('nobody answers: what the firmware says, without waiting', async () => {
    let isHurried: boolean | undefined
    world.boot = (boot) => {
      ;({ isHurried } = boot)
      return Promise.resolve({ state: 'failed', code: 'PXE-E16', line: 'PXE-E16: No offer received.', because: 'nobody offered' }) // prettier-ignore
    }
    const told = await run('bios', { offers: 0 })
    expect(told).toMatchObject({ code: 'PXE-E16', program: undefined, sweep: [] })
    expect(steps(told)).toEqual(['DISCOVER failed: PXE-E16: No offer received. Because nobody offered.'])
    expect(isHurried).toBe(true)
    await run('bios', { offers: 1 })
    expect(isHurried).toBe(false)
  })

  test('the firmware ends at a stage: that one failed, and what it asked for is loaded all the same', async () => {
    boots({ state: 'failed', code: '', line: '', because: 'no file came' }, undefined)
    serves({ 'asked.efi': peProgram(0xaa64) })
    const told = await run()
    expect(steps(told).slice(0, 3)).toEqual([
      'DISCOVER passed: once',
      'File failed: Because no file came.',
      'Program failed: asked.efi, 512 bytes: UEFI program, ARM64 cannot start on UEFI x64.',
    ])
    // What cannot start is not looked at for its signature.
    expect(steps(told).some((one) => one.startsWith('Signature'))).toBe(false)
  })

  test('a program that cannot be loaded is a step that failed', async () => {
    boots(booted, {})
    serves({})
    expect(steps(await run()).at(-1)).toBe('Program failed: a.efi of 10.0.0.1 cannot be loaded: File not found.')
  })

  test.each([
    [20_000, (block: number) => block > 1468, 'warning', 'Blocks up to 1468 bytes come through; of 4096 bytes none does, though the server grants them: packets of that size are dropped on the way (PXE-E18 or 0xc0000001). Take RamDiskTFTPBlockSize 1456 and RamDiskTFTPWindowSize 1.'],
    // In a file as small as this no block is as large as that.
    [4096, (block: number) => block > 1468, 'warning', 'Blocks of 4096, 8192, 16384 bytes do not come through: no block came. Take RamDiskTFTPBlockSize 1456 and RamDiskTFTPWindowSize 1.'],
    [20_000, (block: number) => block === 1024, 'warning', 'Blocks of 1024 bytes do not come through: no block came. Take RamDiskTFTPBlockSize 1456 and RamDiskTFTPWindowSize 1.'],
    [512, () => true, 'failed', 'Blocks of 512, 1024, 1456, 1468, 4096, 8192, 16384 bytes do not come through: no block came.'],
  ] as const)('of %i bytes whose blocks are dropped on the way (%#)', async (size, isDropped, state, detail) => {
    boots(booted, {})
    serves({ 'a.efi': peProgram(0x8664, size) }, (block, window) =>
      isDropped(block) ? { ok: false, message: 'no block came', bytes: 0, blockSize: block } : { lost: window > 1 ? 1 : 0 },
    )
    const told = await run()
    expect(told!.steps.find((one) => one.name === 'Block sizes')).toEqual({ name: 'Block sizes', state, detail })
    // Where one block of a size is lost, windows of them are not tried.
    for (const { blockSize, windowSize, agreedWindowSize, bytesPerSecond } of told!.sweep)
      if (isDropped(blockSize)) expect([windowSize, agreedWindowSize, bytesPerSecond]).toEqual([1, 0, undefined])
  }) // prettier-ignore

  test('a server that grants less is asked on, and each grant counts once', async () => {
    boots(booted, {})
    serves({ 'a.efi': program }, (block, window) => ({ blockSize: Math.min(block, 1024), windowSize: Math.min(window, 1) })) // prettier-ignore
    expect((await run())!.sweep.map((one) => [one.blockSize, one.agreedBlockSize])).toEqual([[512, 512], [1024, 1024]]) // prettier-ignore
  })

  test.each([
    [{ bytes: 7, sha256: 'x' }, 'warning', 'The package tftp2 got 7 bytes with another hash than our client.'],
    [{ problem: 'timeout' }, 'warning', 'The package tftp2 could not load a.efi (timeout); our client could.'],
  ])('the second opinion about TFTP: %o', async (second, state, detail) => {
    world.second = second
    boots(booted, {})
    serves({ 'a.efi': program })
    expect((await run())!.steps.at(-1)).toEqual({ name: 'Second opinion: TFTP', state, detail })
  })

  test('of a large program no second opinion is asked: that would take too long', async () => {
    boots(booted, {})
    serves({ 'a.efi': peProgram(0x8664, (8 << 20) + 1) })
    await run()
    expect(world.asked).toEqual([])
    serves({ 'a.efi': peProgram(0x8664, 8 << 20) })
    await run()
    expect(world.asked).toHaveLength(1)
  })

  describe('over IPv6', () => {
    const server = 'fd00:77::1'
    const v6 = { ...context, server, ack: blankMessage, reply: blankMessage }
    const own = { ipv6: [{ address: 'fd00:77::50', prefixLength: 64 }, { address: 'fe80::50', prefixLength: 64 }], index: 2 } // prettier-ignore

    test('asks from the address of that network, as EDK2 does there, and the client of others not at all', async () => {
      boots(booted, v6, [
        ['discover', 'SOLICIT 1 of 4'],
        ['address', 'has fd00:77::1000'],
        ['file', 'a.efi'],
      ])
      serves({ 'a.efi': program })
      Object.assign(served, own)
      const told = await run('x64-uefi-ipv6')
      expect(told).toMatchObject({ client: 'x64-uefi-ipv6', program: { server, file: 'a.efi' } })
      expect(steps(told).slice(0, 2)).toEqual(['SOLICIT passed: SOLICIT 1 of 4', 'REPLY passed: has fd00:77::1000'])
      expect(world.from[0]).toEqual(['fd00:77::50', server, 'eth0'])
      expect(world.fetched[0]!.options).toBe('blksize=1228 windowsize=4')
      expect(told!.sweep.map((one) => one.blockSize)).toContain(1448)
      expect(world.asked).toEqual([])
    })

    test('what this machine cannot reach is not known, and no fault of anybody', async () => {
      world.boot = ({ onEvent, onOutOfReach }) => {
        onEvent({ type: 'stage', stage: 'file', text: 'a.efi' })
        onOutOfReach!('nothing leads there')
        return Promise.resolve({ state: 'failed', code: '', line: '', because: 'nothing leads there' })
      }
      const told = await run('x64-uefi-ipv6')
      expect(steps(told)).toEqual(['File warning: Not tried: nothing leads there. Give it one of that network and rehearse again.']) // prettier-ignore
      expect(rehearsedEnd(told!)).toBe('could not be tried to its end')
    })
  })

  test.each([
    [{ line: 'PXE-E16: x', steps: [], program: {} }, 'PXE-E16: x'],
    [{ line: '', steps: [{ name: 'Signature', state: 'failed', detail: '' }], program: {} }, 'starts its program'],
    [{ line: '', steps: [{ name: 'Program', state: 'failed', detail: '' }] }, 'fails at Program'],
  ] as const)('in a few words: %j', (told, end) => expect(rehearsedEnd(told)).toBe(end))

  describe('of Windows is followed', () => {
    const file = 'boot\\x64\\wdsmgfw.efi'
    const followed = async (files: Readonly<Record<string, string>>, reply = context.reply): Promise<string[]> => {
      boots(booted, { file, reply })
      serves({ [file]: program, ...files })
      const told = await run()
      return steps(told).filter((one) => /^(Boot conf|RAM|Image)/.test(one))
    }
    const configuration = (more: object): string =>
      `BCD${JSON.stringify({ images: ['\\a.wim'], sdi: undefined, ...more })}`
    const rest = { '\\Boot\\boot.sdi': '$SDI0001', '\\a.wim': 'MSWIM\0\0\0' }

    test('to configuration, RAM disk and image', async () => {
      expect(await followed({ '\\Boot\\x64\\default.bcd': configuration({ blockSize: 4096 }), ...rest })).toEqual([
        'Boot configuration passed: \\Boot\\x64\\default.bcd: \\a.wim; block size 4096, window as installed.',
        'RAM disk passed: \\Boot\\boot.sdi is there.',
        'Image passed: \\a.wim is there.',
      ])
      // Their beginnings are enough.
      expect(world.fetched.filter((one) => one.mostBytes === 4096).map((one) => [one.file, one.options])).toEqual([
        ['\\Boot\\boot.sdi', 'tsize=0 blksize=1456'],
        ['\\a.wim', 'tsize=0 blksize=1456'],
      ])
    })

    test('first to the one that option 252 names', async () => {
      const reply = offer('10.0.0.1', { options: [optionBytes(252, '\\Tmp\\x.bcd\0\0')] })
      expect((await followed({ '\\Tmp\\x.bcd': configuration({}), '\\Boot\\BCD': 'no', ...rest }, reply))[0]).toContain('\\Tmp\\x.bcd: ') // prettier-ignore
    })

    test.each([
      [{}, ['Boot configuration warning: None of \\Boot\\x64\\default.bcd, \\Boot\\BCD is there; the server may make one for each machine that it knows.']],
      [{ '\\Boot\\BCD': 'rubbish' }, ['Boot configuration failed: \\Boot\\BCD is no boot configuration: 0xc000000f.']],
      [{ '\\Boot\\BCD': configuration({ images: [], windowSize: 8 }), ...rest }, ['Boot configuration warning: \\Boot\\BCD: no RAM disk image, 0xc0000098 unless the server makes another for each machine; block size as installed, window 8.', 'RAM disk passed: \\Boot\\boot.sdi is there.']],
      [{ '\\Boot\\BCD': configuration({ images: ['\\gone.wim', '\\a.wim'], sdi: '\\other.sdi' }), '\\other.sdi': 'nothing', '\\a.wim': 'MSWIM' }, ['Boot configuration passed: \\Boot\\BCD: \\gone.wim, \\a.wim; block size as installed, window as installed.', 'RAM disk failed: \\other.sdi is there, and is not what it should be.', 'Image failed: \\gone.wim: File not found; the boot manager shows 0xc000000f.', 'Image passed: \\a.wim is there.']],
    ])('where something is missing (%#)', async (files, told) => expect(await followed(files)).toEqual(told)) // prettier-ignore
  })

  test.each([
    [200, undefined, 'Program passed: http://10.0.0.1/a.efi, 2000 bytes: UEFI program, x64.'],
    [404, undefined, 'Program failed: http://10.0.0.1/a.efi cannot be loaded: 404 Not here.'],
    [200, new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED') }), 'Program failed: http://10.0.0.1/a.efi cannot be loaded: connect ECONNREFUSED.'],
    [200, new Error('it broke'), 'Program failed: http://10.0.0.1/a.efi cannot be loaded: it broke.'],
  ])('over HTTP: %i, %s', async (status, failure, step) => {
    boots(booted, { transport: 'http', file: '/a.efi', port: 80 })
    const spy = vi.spyOn(globalThis, 'fetch').mockImplementation(() =>
      failure ? Promise.reject(failure) : Promise.resolve(new Response(Buffer.from(program), { status, statusText: 'Not here' })),
    )
    const told = await run('http')
    expect(steps(told).find((one) => one.startsWith('Program'))).toBe(step)
    expect(spy.mock.calls[0]![0]).toBe('http://10.0.0.1/a.efi')
    // Sizes of blocks are a matter of TFTP.
    expect([told!.sweep, world.asked]).toEqual([[], []])
    boots(booted, { transport: 'http', file: '/a.efi', port: 8080 })
    await run('http')
    expect(spy.mock.lastCall![0]).toBe('http://10.0.0.1:8080/a.efi')
    spy.mockRestore()
  }) // prettier-ignore
})
