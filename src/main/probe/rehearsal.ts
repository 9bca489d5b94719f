/**
 * Rehearses a boot on a wire, as the firmware would do it and as far as its program can be followed: address, boot server,
 * boot program with its header and signature, boot configuration, RAM disk and image; then which block and window sizes
 * this path carries, and what two clients of others hear. Nothing is written anywhere; the address is given back.
 */
import { textOf, inEnglish } from '#messages/text.ts'
import { createHash } from 'node:crypto'
import { readBootConfiguration } from '#shared/wire/boot-configuration.ts'
import { inspectBootProgram, mismatchOf } from '#shared/wire/boot-program.ts'
import { decodeText, formatMac } from '#shared/wire/bytes.ts'
import { formatHost, formatIp, parseIp, type IpAddress } from '#shared/wire/ip-address.ts'
import { readSignedProgram } from '#shared/secure-boot/authenticode.ts'
import { inspectChain } from '#shared/secure-boot/chain.ts'
import { isShim } from '#shared/secure-boot/shim.ts'
import { readPeImage } from '#shared/wire/pe-image.ts'
import { signerOf, type Signer } from '#shared/secure-boot/signers.ts'
import { findOptionData } from '#shared/wire/dhcp/message.ts'
import { optionCodes } from '#shared/wire/dhcp/options.ts'
import { architectureOf } from '#shared/wire/iana/architecture.ts'
import { censusMac, rehearsalUuid } from '#shared/wire/lab-checks.ts'
import { authorities, authorityNamed } from '#shared/wire/secure-boot/authorities.ts'
import { booted, type BootContext } from '#shared/machines/pxe-client/boot-context.ts'
import type { ClientResult, Step } from '#shared/machines/pxe-client/client.ts'
import { tftpOptions } from '#shared/machines/pxe-client/download.ts'
import { firmwares } from '#shared/machines/pxe-client/firmwares.ts'
import { programKindByName } from '#shared/machines/pxe-client/program-image.ts'
import { chooseSizes, type ChosenSizes } from '#shared/lab/windows-pe.ts'
import { addressFor6 } from '#shared/machines/machine.ts'
import { listInterfaces, servedAs6, zoneOf, type NetworkInterface } from '../responder/interfaces.ts'
import { cryptography } from '../inspect/cryptography.ts'
import { fetchOverHttp } from './http-fetch.ts'
import { censusClients, type CensusClient, type CensusResult } from './census.ts'
import type { Census6, Census6Result } from './census6.ts'
import { startChild } from '../child-process.ts'
import type { SecondAnswer, SecondQuestion } from './second-opinion.ts'
import { fetchOverTftp, type TftpAnswer } from './tftp-fetch.ts'
import { bootOnWire } from './wire-client.ts'

const englishSizes = (sizes: ChosenSizes | undefined): ChosenSizes | undefined =>
  sizes && { ...sizes, why: sizes.why.map(inEnglish) }

export interface RehearsalStep {
  readonly name: string
  readonly state: 'passed' | 'warning' | 'failed'
  readonly detail: string
}

export interface SweepResult {
  readonly blockSize: number
  readonly windowSize: number
  /** What the server agreed to; 0 where it did not answer. */
  readonly agreedBlockSize: number
  readonly agreedWindowSize: number
  /** Undefined where it did not come through. */
  readonly bytesPerSecond: number | undefined
  readonly lost: number
  readonly problem: string
}

export interface RehearsedProgram {
  readonly server: string
  readonly file: string
  readonly transport: 'tftp' | 'http'
  readonly bytes: number
  readonly sha256: string
  readonly bytesPerSecond: number
  readonly description: string
  /** Common names of whom the signing certificate belongs to, and who issued it; empty where there is none. */
  readonly signer: string
  readonly authority: string
}

export interface Rehearsal {
  readonly client: RehearsedClient
  /** What the firmware shows at the end; both empty where it starts its program. */
  readonly code: string
  readonly line: string
  readonly steps: readonly RehearsalStep[]
  readonly program: RehearsedProgram | undefined
  readonly sweep: readonly SweepResult[]
  /** For RamDiskTFTPBlockSize and RamDiskTFTPWindowSize; undefined where nothing was measured, or not on a wire. */
  readonly recommended: ChosenSizes | undefined
}

/** The machines that a boot can be rehearsed as, with the number of option 93 or 61 that each names. */
export const rehearsedClients = {
  ...censusClients,
  'x64-uefi-ipv6': { name: 'UEFI x64 over IPv6', architecture: 7 },
  'http-ipv6': { name: 'UEFI x64 HTTP boot over IPv6', architecture: 16 },
} as const
export type RehearsedClient = keyof typeof rehearsedClients
export type RehearsedClient6 = Exclude<RehearsedClient, CensusClient>
/** Those that boot over IPv6, as what the census asks there. */
export const rehearsedClients6: Readonly<Record<RehearsedClient6, Census6Result['client']>> = {
  'x64-uefi-ipv6': 'x64-uefi',
  'http-ipv6': 'http',
}
export const clientNames6 = Object.keys(rehearsedClients6) as readonly RehearsedClient6[]
/** Whether the census over IPv6 heard an ADVERTISE for that client. */
export const isAnswered6 = (client: RehearsedClient6, { results }: Census6): boolean =>
  results.some((one) => one.client === rehearsedClients6[client] && one.advertises.length > 0)

const firmwareOf = {
  bios: firmwares.bios,
  'x64-uefi': firmwares.edk2,
  'arm64-uefi': firmwares['edk2-arm64'],
  http: firmwares['edk2-http'],
  'x64-uefi-ipv6': firmwares['edk2-ipv6'],
  'http-ipv6': firmwares['edk2-http-ipv6'],
} as const satisfies Record<RehearsedClient, unknown>

/** What the firmwares ask for when they load a program (measured: EDK2; PXE 2.1 for ROMs). */
const firmwareOptions = {
  bios: [['blksize', 1456]],
  'x64-uefi': [['blksize', 1468], ['windowsize', 4]],
  'arm64-uefi': [['blksize', 1468], ['windowsize', 4]],
  http: [],
  'x64-uefi-ipv6': [['blksize', 1228], ['windowsize', 4]],
  'http-ipv6': [],
} as const // prettier-ignore

/** A boot program, a boot configuration; nothing that is kept whole is larger. */
const largestProgram = 64 << 20
const sweepBytes = 1 << 20
const sweepBlocks = [512, 1024, 1456, 1468, 4096, 8192, 16_384]
/** The least MTU of IPv6 has room for 1228, that of Ethernet for 1448. */
const sweepBlocks6 = [512, 1024, 1228, 1448, 4096, 8192, 16_384]
const sweepWindows = [1, 4, 16]

interface Fetched {
  readonly answer: TftpAnswer
  readonly content: Uint8Array
}

export interface RehearsalOptions {
  readonly interface: NetworkInterface
  readonly client: RehearsedClient
  /** Whether the census heard an offer for this client: without one there is nothing to wait for. */
  readonly isAnswered: boolean
  readonly signal: AbortSignal
  readonly onProgress: (text: string) => void
  /** Ends with the boot program: what it would load, block sizes and second opinions are left out. */
  readonly isBrief: boolean
}

/** Undefined where it was cancelled. */
export async function rehearse(options: RehearsalOptions): Promise<Rehearsal | undefined> {
  const rehearsal = new Run(options)
  return rehearsal.run()
}

class Run {
  readonly #options: RehearsalOptions
  readonly #steps: RehearsalStep[] = []
  #context: BootContext | undefined
  /** The last file that the firmware asked for over TFTP. */
  #asked: { readonly server: IpAddress; readonly file: string } | undefined
  readonly #isOver6: boolean
  readonly #family: { readonly family: 4 | 6 }
  readonly #progress: (text: string) => void

  constructor(options: RehearsalOptions) {
    this.#options = options
    this.#progress = options.onProgress
    this.#isOver6 = Object.hasOwn(rehearsedClients6, options.client)
    this.#family = { family: this.#isOver6 ? 6 : 4 }
  }

  /** A round that is repeated takes the place of the one before. */
  #step(name: string, state: RehearsalStep['state'], detail: string): void {
    const known = this.#steps.findIndex((one) => one.name === name && one.state === 'passed')
    if (known >= 0 && name !== 'Image') this.#steps.splice(known, 1)
    this.#steps.push({ name, state, detail })
  }

  async run(): Promise<Rehearsal | undefined> {
    const { client, signal } = this.#options
    const result = await this.#boot()
    if (!result) return undefined
    const program = await this.#program()
    let sweep: SweepResult[] = []
    if (program?.transport === 'tftp' && !signal.aborted && !this.#options.isBrief) {
      await this.#follow(program)
      sweep = await this.#sweep(program)
      await this.#secondTftp(program)
    }
    if (signal.aborted) return undefined
    return {
      client,
      code: result.code,
      line: result.line,
      steps: this.#steps,
      program,
      sweep,
      recommended: program && isHere(program) ? undefined : englishSizes(chooseSizes(sweep, this.#family)),
    }
  }

  /** The firmware itself, up to the program that it starts. */
  async #boot(): Promise<ClientResult | undefined> {
    const { interface: served, client, isAnswered, signal } = this.#options
    const names = this.#isOver6 ? stageNames6 : stageNames
    let outOfReach: string | undefined
    let stage: { readonly name: string; readonly text: string } | undefined
    const leave = (): void => {
      if (stage) this.#step(stage.name, 'passed', stage.text)
      stage = undefined
    }
    const result = await bootOnWire({
      interface: served,
      firmware: firmwareOf[client].firmware,
      mac: censusMac,
      uuid: rehearsalUuid,
      signal,
      isHurried: !isAnswered,
      isOver6: this.#isOver6,
      onOutOfReach: (why) => (outOfReach = why),
      onRequest: (server, file) => (this.#asked = { server, file }),
      run: (machine, context) => this.#caught(machine, context),
      onEvent: (event) => {
        if (event.type !== 'stage') return
        const name = names[event.stage]
        if (name === undefined) return
        if (stage?.name !== name) leave()
        stage = { name, text: textOf(event.text) }
        this.#progress(`${rehearsedClients[client].name}: ${name}, ${textOf(event.text)}`)
      },
    })
    if (!result) return undefined
    if (result.state === 'booted') leave()
    else if (outOfReach !== undefined)
      this.#step(stage?.name ?? 'File', 'warning', `Not tried: ${outOfReach}. Give it one of that network and rehearse again.`) // prettier-ignore
    else {
      const name = stage?.name ?? names['discover']!
      this.#step(name, 'failed', `${result.line === '' ? '' : `${result.line} `}Because ${textOf(result.because)}.`)
    }
    return result
  }

  *#caught(machine: Parameters<typeof booted>[0], context: BootContext): Step<ClientResult> {
    this.#context = context
    yield* machine.sleep(0)
    return booted(machine, `${context.file} would start`)
  }

  async #fetch(
    server: IpAddress,
    file: string,
    pairs: readonly (readonly [string, string | number])[],
    mostBytes = largestProgram,
  ): Promise<Fetched> {
    const parts: Uint8Array[] = []
    const answer = await fetchOverTftp({
      ...this.#route(server),
      file,
      options: tftpOptions(...pairs),
      mostBytes,
      tries: 4,
      waitMs: 1000,
      signal: this.#options.signal,
      onData: (data) => parts.push(Uint8Array.from(data)),
    })
    return { answer, content: Buffer.concat(parts) }
  }

  /** From where to where, as a TFTP read wants it. */
  #route(server: IpAddress): { from: IpAddress; server: IpAddress; zone: string | undefined } {
    const { interface: served } = this.#options
    // What the boot reached, an address of ours leads to.
    const from = typeof server === 'number' ? served.address : addressFor6(servedAs6(served), server)!
    return { from, server, zone: zoneOf(served) }
  }

  #fetchUrl(url: string): Promise<Uint8Array | string> {
    const { interface: served, signal } = this.#options
    return fetchOverHttp(url, { zone: zoneOf(served), mostBytes: largestProgram, signal })
  }

  /** The program once more, whole: size, hash, speed, header, signature. */
  async #program(): Promise<RehearsedProgram | undefined> {
    const context = this.#context
    const server = context?.server ?? this.#asked?.server
    const name = context?.file ?? this.#asked?.file
    if (server === undefined || name === undefined) return undefined
    const port = context?.port === 80 ? '' : `:${context?.port}`
    const file = context?.transport === 'http' ? `http://${formatHost(server)}${port}${name}` : name
    this.#progress(`loading ${file} from ${formatIp(server)}`)
    const transport = context?.transport ?? 'tftp'
    const started = performance.now()
    let content: Uint8Array
    if (transport === 'http') {
      const fetched = await this.#fetchUrl(file)
      if (typeof fetched === 'string') {
        this.#step('Program', 'failed', `${file} cannot be loaded: ${fetched}.`)
        return undefined
      }
      content = fetched
    } else {
      const fetched = await this.#fetch(server, file, firmwareOptions[this.#options.client])
      if (!fetched.answer.ok) {
        this.#step('Program', 'failed', `${file} of ${formatIp(server)} cannot be loaded: ${fetched.answer.message}.`)
        return undefined
      }
      content = fetched.content
    }
    const ms = Math.max(1, performance.now() - started)
    const { architecture: number } = rehearsedClients[this.#options.client]
    const program = inspectBootProgram(content, file)
    const architecture = architectureOf(number)
    const mismatch = architecture && mismatchOf(program, architecture)
    this.#step(
      'Program',
      mismatch === undefined ? 'passed' : 'failed',
      `${file}, ${content.length} bytes: ${textOf(mismatch ?? program.description)}.`,
    )
    const signature = this.#signature(content, file, program.kind === 'uefi' && mismatch === undefined)
    if (signature.signer !== '') await this.#chain(name, content, server, transport === 'http' ? file : undefined)
    return {
      server: formatIp(server),
      file,
      transport,
      bytes: content.length,
      sha256: createHash('sha256').update(content).digest('hex'),
      bytesPerSecond: Math.round((content.length / ms) * 1000),
      description: textOf(program.description),
      ...signature,
    }
  }

  /** What shim would load from beside itself, and which machines refuse one of both. */
  async #chain(name: string, content: Uint8Array, server: IpAddress, url: string | undefined): Promise<void> {
    const image = readPeImage(content)
    if (!image || !isShim(image, undefined)) return
    const read = async (other: string): Promise<Uint8Array | string> => {
      if (other === name) return content
      this.#progress(`looking at ${other}`)
      if (url !== undefined) return this.#fetchUrl(new URL(other, url).href)
      const { answer, content: fetched } = await this.#fetch(server, other, firmwareOptions[this.#options.client])
      return answer.ok ? fetched : answer.message
    }
    const { links, verdicts } = await inspectChain(name, read, cryptography)
    const second = links.find((one) => one.role === 'second stage')
    if (second)
      this.#step(
        'Second stage',
        second.problem === '' ? 'passed' : 'failed',
        second.problem === ''
          ? `shim loads ${second.file}, signed by ${second.signers.map((one) => one.name).join(', ') || 'nobody'}.`
          : `shim asks for ${second.file}: ${inEnglish(second.problem)}. Put the second stage of the same release there.`,
      )
    const refusing = verdicts.filter((one) => one.starts === 'no')
    this.#step(
      'Secure Boot',
      refusing.length === 0 ? 'passed' : 'warning',
      refusing.length === 0
        ? 'Every kind of machine starts it.'
        : refusing.map((one) => `${inEnglish(one.name)} refuse it: ${inEnglish(one.because)}`).join(' '),
    )
  }

  #signature(content: Uint8Array, file: string, isUefi: boolean): { signer: string; authority: string } {
    const none = { signer: '', authority: '' }
    if (!isUefi) return none
    const signers = (readSignedProgram(content, cryptography)?.signatures ?? []).map((one) =>
      signerOf(one, cryptography),
    )
    if (signers.length === 0) {
      this.#step('Signature', 'warning', `${file} is not signed: firmware with Secure Boot on refuses it.`)
      return none
    }
    const valid = signers.filter((one) => one.state === 'valid' || one.state === 'unknown')
    if (valid.length === 0) {
      const [{ state, name }] = signers as [Signer]
      this.#step(
        'Signature',
        'warning',
        state === 'of-another-program'
          ? `${file} was changed after ${name} signed it, or is cut off: firmware with Secure Boot on refuses it.`
          : `The signature of ${name} on ${file} is damaged: firmware with Secure Boot on refuses it.`,
      )
      return { signer: name, authority: signers[0]!.authority }
    }
    const isOf = (year: number): boolean =>
      valid.some((one) => {
        const id = one.authorityId ?? authorityNamed(one.authority)
        return id !== undefined && authorities[id].year === year
      })
    const told = valid.map((one) => `${one.name} under ${one.authority}`).join(' and by ')
    this.#step(
      'Signature',
      isOf(2011) && !isOf(2023) ? 'warning' : 'passed',
      isOf(2011) && !isOf(2023)
        ? `Signed by ${told}: firmware in which the authorities of 2011 are revoked (KB5025885) refuses it. Serve programs signed under those of 2023.`
        : `Signed by ${told}.`,
    )
    return { signer: valid[0]!.name, authority: valid[0]!.authority }
  }

  /** What a program of Windows loads next: configuration, RAM disk, image. */
  async #follow({ server, file }: RehearsedProgram): Promise<void> {
    if (!['wdsnbp', 'wdsmgfw', 'bootmgr', 'pxeboot'].includes(programKindByName(file))) return
    const address = parseIp(server)!
    const told = this.#context && findOptionData(this.#context.reply, optionCodes.bcd)
    const wanted = told ? decodeText(told).replace(/\0.*$/s, '') : ''
    const folder = /^\\?boot\\([^\\]+)\\/i.exec(file)?.[1] ?? 'x64'
    const candidates = [wanted, `\\Boot\\${folder}\\default.bcd`, '\\Boot\\BCD'].filter((one) => one !== '')
    const options = firmwareOptions['x64-uefi']
    for (const candidate of candidates) {
      this.#progress(`loading ${candidate}`)
      const { answer, content } = await this.#fetch(address, candidate, options)
      if (!answer.ok) continue
      const configuration = readBootConfiguration(content)
      if (!configuration) {
        this.#step('Boot configuration', 'failed', `${candidate} is no boot configuration: 0xc000000f.`)
        return
      }
      const { images, sdi, blockSize, windowSize } = configuration
      this.#step(
        'Boot configuration',
        images.length === 0 ? 'warning' : 'passed',
        `${candidate}: ${images.length === 0 ? 'no RAM disk image, 0xc0000098 unless the server makes another for each machine' : images.join(', ')}; block size ${blockSize ?? 'as installed'}, window ${windowSize ?? 'as installed'}.`,
      )
      await this.#piece(
        address,
        sdi ?? '\\Boot\\boot.sdi',
        'RAM disk',
        (head) => decodeText(head.subarray(0, 4)) === '$SDI',
      )
      for (const image of images)
        await this.#piece(address, image, 'Image', (head) => decodeText(head.subarray(0, 5)) === 'MSWIM')
      return
    }
    this.#step(
      'Boot configuration',
      'warning',
      `None of ${candidates.join(', ')} is there; the server may make one for each machine that it knows.`,
    )
  }

  async #piece(server: IpAddress, file: string, name: string, isIt: (head: Uint8Array) => boolean): Promise<void> {
    this.#progress(`looking at ${file}`)
    const { answer, content } = await this.#fetch(server, file, [['tsize', 0], ['blksize', 1456]], 4096) // prettier-ignore
    if (!answer.ok) this.#step(name, 'failed', `${file}: ${answer.message}; the boot manager shows 0xc000000f.`)
    else if (!isIt(content)) this.#step(name, 'failed', `${file} is there, and is not what it should be.`)
    else this.#step(name, 'passed', `${file} is there.`)
  }

  /** Which sizes of block and window come through this path, and how fast. */
  async #sweep({ server, file, bytes }: RehearsedProgram): Promise<SweepResult[]> {
    const results: SweepResult[] = []
    const address = parseIp(server)!
    const agreed = new Set<string>()
    for (const blockSize of this.#isOver6 ? sweepBlocks6 : sweepBlocks)
      for (const windowSize of sweepWindows) {
        if (this.#options.signal.aborted) return results
        // Where single blocks of a size do not come through, windows of them do not either.
        if (results.some((one) => one.blockSize === blockSize && one.problem !== '')) continue
        this.#progress(`blocks of ${blockSize} bytes, ${windowSize} at a time`)
        const answer = await fetchOverTftp({
          ...this.#route(address),
          file,
          options: tftpOptions(
            ['blksize', blockSize],
            ...(windowSize > 1 ? [['windowsize', windowSize] as const] : []),
          ),
          mostBytes: sweepBytes,
          tries: 3,
          waitMs: 400,
          signal: this.#options.signal,
        })
        const key = answer.ok ? `${answer.blockSize}/${answer.windowSize}` : ''
        // A server that grants less than was asked has shown that before.
        if (answer.ok && agreed.has(key)) continue
        agreed.add(key)
        results.push({
          blockSize,
          windowSize,
          agreedBlockSize: answer.blockSize,
          agreedWindowSize: answer.ok ? answer.windowSize : 0,
          bytesPerSecond: answer.ok ? Math.round((answer.bytes / Math.max(1, answer.ms)) * 1000) : undefined,
          lost: answer.ok ? answer.lost : 0,
          problem: answer.ok ? '' : answer.message,
        })
      }
    const largest = Math.max(0, ...results.filter((one) => one.problem === '').map((one) => one.agreedBlockSize))
    const failed = results.filter((one) => one.problem !== '')
    const dropped = failed.filter((one) => one.blockSize > largest && bytes > one.blockSize)
    const recommended = chooseSizes(results, this.#family)
    const advice = isHere({ server })
      ? ' The server is this computer, and nothing crossed a wire: measure from another one before you choose sizes.'
      : recommended
        ? ` Take RamDiskTFTPBlockSize ${recommended.blockSize} and RamDiskTFTPWindowSize ${recommended.windowSize}.`
        : ''
    if (dropped.length > 0)
      this.#step(
        'Block sizes',
        'warning',
        `Blocks up to ${largest} bytes come through; of ${dropped[0]!.blockSize} bytes none does, though the server grants them: packets of that size are dropped on the way (PXE-E18 or 0xc0000001).${advice}`,
      )
    else if (failed.length > 0)
      this.#step(
        'Block sizes',
        largest > 0 ? 'warning' : 'failed',
        `Blocks of ${[...new Set(failed.map((one) => one.blockSize))].join(', ')} bytes do not come through: ${failed[0]!.problem}.${advice}`,
      )
    else this.#step('Block sizes', 'passed', `Every size that was tried comes through.${advice}`)
    return results
  }

  /** RFC 1350 as another client speaks it. */
  async #secondTftp({ server, file, bytes, sha256 }: RehearsedProgram): Promise<void> {
    // It knows no IPv6.
    if (bytes > secondMostBytes || this.#isOver6) return
    this.#progress('asking with the client of others')
    const answer = await askSecond({ kind: 'tftp', server, file, waitMs: 20_000 })
    const name = 'Second opinion: TFTP'
    if (answer.problem !== undefined)
      this.#step(name, 'warning', `The package tftp2 could not load ${file} (${answer.problem}); our client could.`)
    else if (answer.sha256 !== sha256)
      this.#step(name, 'warning', `The package tftp2 got ${answer.bytes} bytes with another hash than our client.`)
    else this.#step(name, 'passed', `The package tftp2 got the same ${answer.bytes} bytes.`)
  }
}

const stageNames: Readonly<Partial<Record<string, string>>> = {
  discover: 'DISCOVER',
  offer: 'OFFER',
  request: 'REQUEST',
  address: 'ACK',
  'boot-server': 'Boot server',
  file: 'File',
}

/** Whether the server is on this computer. */
const isHere = ({ server }: Pick<RehearsedProgram, 'server'>): boolean =>
  listInterfaces().some(
    ({ address, ipv6 = [] }) => address === parseIp(server) || ipv6.some((own) => own.address === server),
  )

/** The same over IPv6 (RFC 8415 section 7.3). */
const stageNames6: typeof stageNames = {
  ...stageNames,
  discover: 'SOLICIT',
  offer: 'ADVERTISE',
  address: 'REPLY',
}

/** Blocks of 512 bytes, one at a time: more takes too long. */
const secondMostBytes = 8 << 20

function askSecond(question: SecondQuestion): Promise<SecondAnswer> {
  return new Promise((resolve) => {
    const child = startChild('second-opinion', JSON.stringify(question))
    const late = setTimeout(() => child.stop(), question.waitMs + 5000)
    child.once('message', (answer) => {
      resolve(answer as SecondAnswer)
      child.stop()
    })
    child.once('exit', () => {
      clearTimeout(late)
      resolve({ problem: 'it said nothing' })
    })
  })
}

/** The DHCP servers that another client hears, held against those of the census. */
export async function secondDhcpOpinion(results: readonly CensusResult[]): Promise<RehearsalStep> {
  const name = 'Second opinion: DHCP'
  const answer = await askSecond({ kind: 'dhcp', mac: formatMac(censusMac), waitMs: 3500 })
  if (answer.problem !== undefined)
    return { name, state: 'warning', detail: `The package dhcp could not ask (${answer.problem}).` }
  const ours = new Set(
    results.flatMap((one) => one.offers.filter((offer) => offer.role === 'dhcp').map((offer) => offer.server)),
  )
  const theirs = new Set(answer.offers?.map((one) => one.server))
  const isSame = ours.size === theirs.size && [...ours].every((one) => theirs.has(one))
  const list = (servers: ReadonlySet<string>): string => [...servers].join(', ') || 'nobody'
  return {
    name,
    state: isSame ? 'passed' : 'warning',
    detail: isSame
      ? `The package dhcp hears the same: ${list(ours)}.`
      : `The package dhcp, a plain client, hears ${list(theirs)}; PXE clients hear ${list(ours)}. Some servers answer one and not the other.`,
  }
}
