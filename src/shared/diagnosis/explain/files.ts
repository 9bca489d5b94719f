/** The files that were requested, how they came, and whether the program that they are runs. */
import { distinct, type Phrase, say, together } from '#messages/message.ts'
import { inEnglish } from '#messages/text.ts'
import { inspectBootProgram, isNoProgram, isRecognised, mismatchOf } from '../../wire/boot-program.ts'
import { u16At } from '../../wire/bytes.ts'
import { formatHost, formatIp } from '../../wire/ip-address.ts'
import { FrameHeaders } from '../../wire/headers.ts'
import { optionCodes, optionName } from '../../wire/dhcp/options.ts'
import { architectureOf } from '../../wire/iana/architecture.ts'
import type { HttpEvent } from '../../trace/events.ts'
import { firmwareClocks, isFirmware, type FirmwareKind } from '../../trace/firmware.ts'
import type { Tone } from '../../trace/ladder.ts'
import type { Transfer } from '../../trace/transfer.ts'
import {
  bootPrograms,
  isBootFile,
  isConfiguration,
  lastPart,
  needOf,
  programOf,
  type BootProgram,
} from '../boot-programs.ts'
import { causesOf, failures, type FailureKind } from '../failures.ts'
import type { Round } from '../rounds.ts'
import type { Account, Failed } from './account.ts'
import {
  failureOf,
  isOpaque,
  firstFrameOf,
  isLoaded,
  isProbe,
  isRedirected,
  isTransfer,
  nameOf,
  shownAs,
  startNsOf,
  type File,
} from './file.ts'
import { tellHandshake } from './handshake.ts'
import { moreOfHttp } from './http-failure.ts'
import { url6Of } from './directions6.ts'
import { strayOf } from './second-stage.ts'
import { tellServerName } from './server-names.ts'
import { tellProgramAtBootServer } from './boot-server.ts'
import { directionsOf, tellNoFile, type Directions } from './directions.ts'
import type { Unseen } from './unseen.ts'
import { refusalText, framesOf, nanoseconds, secondsOf } from './words.ts'

/** Firmware that asks anew within this time has come back from what it loaded; later it was switched on again. */
const backAtOnceNs = 15e9
/** A program that asks for nothing within this time has stopped, or goes on without the network. */
const stoppedNs = 30e9
/** Files that are told one by one; a started system may load thousands. */
const mostTold = 60

/** Programs that speak DHCP themselves, by what they are recognised as. */
const speaking: Partial<Readonly<Record<FirmwareKind, BootProgram['name']>>> = {
  ipxe: 'iPXE',
  grub: 'GRUB',
  'u-boot': 'U-Boot',
  'raspberry-pi': 'Raspberry Pi boot loader',
}

const named = (name: string | undefined): BootProgram | undefined => bootPrograms.find((one) => one.name === name)

/** Whether what a client does is a boot: it asks for one, or it loads what only boots load. */
export const isBoot = (round: Round, directions: Directions): boolean =>
  round.firmware.asksToBoot ||
  (round.bootpReplies.length > 0 && directions.file !== undefined) ||
  round.files.some((file) => isTransfer(file) && !file.isWrite && isBootFile(file.file))

/** Ports on which a connection without a request still is one to a web server. */
const webPorts = new Set([80, 8080, 443, 8443])

/** Whether a connection belongs to the boot: connections of other protocols are told by nobody. */
function isHttp(file: HttpEvent, directions: Directions): boolean {
  if (file.requestFrame >= 0) return true
  const port = /^https?:\/\/(?:\[[^\]]*\]|[^/:]*):(\d+)/i.exec(directions.file ?? '')?.[1]
  return port === undefined ? webPorts.has(file.serverPort) : Number(port) === file.serverPort
}

/** The files of a round, and what follows from them. */
export function tellFiles(account: Account, round: Round, isLast: boolean): void {
  const directions = directionsOf(account, round)
  const isBooting = isBoot(round, directions)
  // What a machine does not get from the web is told where it boots, and of what it started: of a phone it says nothing.
  const isOfBoot = isBooting || account.rounds.some((one) => one.firmware.asksToBoot)
  const mine = round.files.filter((file) => isTransfer(file) || (isOfBoot ? isHttp(file, directions) : isLoaded(file)))
  const files = mine.filter((file) => !isOpaque(account, file))
  const opaque = mine.filter((file) => isOpaque(account, file))
  if (opaque.length > 0 && isBooting) tellOpaque(account, opaque, isLast && files.length === 0)
  if (files.length === 0) {
    if (opaque.length > 0) return

    if (isLast && isBooting) tellNoFile(account, round, directions)
    return
  }
  tellServerName(account, round, round.v6 ? url6Of(round.v6) : directions.file)
  const teller = new FileTeller(account, round, directions, isBooting ? 'bad' : 'plain')
  for (const file of files) teller.tell(file)
  teller.finish()
  if (!isBooting) return tellNoBoot(account, round, files)
  const real = files.filter((file) => !isProbe(file))
  const loaded = real.filter(isLoaded)
  const { failed } = teller
  if (failed) {
    account.fail(failed.kind, round, failed)
    return
  }
  const newest = files.at(-1)!
  if (loaded.length === 0 && teller.unseen.length > 0) {
    if (isLast) account.summary = say('explain.answers-of-files-unseen', { source: account.source })
    return
  }
  if (loaded.length === 0 || teller.open) {
    const open = teller.open ?? real.at(-1)
    if (isLast && account.attempt.next === undefined)
      account.wait(
        open && !isLoaded(open) && (isTransfer(open) || !isRedirected(open))
          ? say('explain.awaited-rest', { file: shownAs(open) })
          : say('explain.awaited-request'),
      )
    return
  }
  const isFirst = account.rounds.every((one) => one === round || !one.files.some(isLoaded))
  const directed = directions.file === undefined ? undefined : lastPart(directions.file)
  if (isFirst && loaded.every((file) => isConfiguration(nameOf(file)) && lastPart(nameOf(file)) !== directed)) {
    if (isLast) tellOnlyConfiguration(account, round, loaded)
    return
  }
  tellWhetherItRuns(account, round, { isLast, real, loaded, newest, running: teller.running })
}

/** Connections whose content the capture does not show. */
function tellOpaque(account: Account, files: readonly File[], isAll: boolean): void {
  const servers = [...new Set(files.map((file) => `${serverText(file)}:${isTransfer(file) ? 69 : file.serverPort}`))]
  account.say(
    servers.length > 3
      ? say('explain.opaque-more', { servers: servers.slice(0, 3), count: servers.length - 3 })
      : say('explain.opaque', { servers }),
    files.map(firstFrameOf),
  )
  if (isAll) account.summary = say('explain.opaque-summary', { source: account.source })
}

/** What a client loaded or sent that does not boot. */
function tellNoBoot(account: Account, round: Round, files: readonly File[]): void {
  if (account.outcome === 'address' || account.rounds.length > 1) return
  const uploads = files.filter((file) => isTransfer(file) && file.isWrite)
  const isUnknown = round.discovers.length + round.requests.length + (round.v6?.solicits.length ?? 0) === 0
  const lost = files.filter(
    (file) => !isProbe(file) && !isLoaded(file) && failureOf(account, round, file) !== undefined,
  )
  const shown = { files: files.slice(0, 2).map(shownAs), more: Math.max(0, files.length - 2) }
  if (isUnknown && lost.length > 0 && uploads.length === 0) {
    account.summary = say('explain.not-loaded-idle', { file: shownAs(lost[0]!), source: account.source })
    return
  }
  if (isUnknown && uploads.length === 0 && !files.some(isLoaded)) {
    account.summary = say('explain.requested-unknown', { ...shown, source: account.source })
    return
  }
  account.outcome = isUnknown && uploads.length === 0 ? 'loaded' : 'idle'
  account.summary = uploads.length > 0 ? say('explain.sent-idle', shown) : say('explain.requested-idle', shown)
}

/**
 * EDK2 ends option 67 with a zero where the server did not, and so writes over the code of the option behind it: the program that
 * it starts then lacks that option (PxeBcDhcp4.c). Told where the program asked for nothing, which a missing router explains.
 */
function tellLostOption(account: Account, { answers, bootAnswers, firmware }: Round): void {
  if (firmware.kind !== 'edk2') return
  const source = bootAnswers.at(-1) ?? answers.at(-1)
  const options = source?.message.options ?? []
  const at = options.findIndex((one) => one.code === optionCodes.bootFileName)
  const next = options[at + 1]
  if (!source || at < 0 || !next || options[at]!.data.at(-1) === 0) return
  account.say(
    say('explain.lost-option', {
      option: next.code,
      name: optionName(next.code),
      file: shownAs(account.rounds.at(-1)!.files.find(isLoaded)!),
    }),
    [source.event.frame],
    'warning',
  )
}

interface Come {
  readonly isLast: boolean
  readonly real: readonly File[]
  readonly loaded: readonly File[]
  readonly newest: File
  readonly running: BootProgram | undefined
}

/** Only what a program reads was loaded: it says nothing of a program on the machine, unless GRUB itself asked for it. */
function tellOnlyConfiguration(account: Account, { firmware }: Round, loaded: readonly File[]): void {
  const names = distinct(loaded.map(shownAs)).slice(0, 3)
  const frames = loaded.map(firstFrameOf)
  if (firmware.kind === 'grub') {
    account.outcome = 'started'
    account.say(say('explain.grub-runs', { files: names }), frames, 'good')
    return
  }
  account.summary = say('explain.only-configuration', { files: names, source: account.source })
  account.say(say('explain.no-program-shown', { files: names, source: account.source }), frames, 'warning')
} // prettier-ignore

function tellWhetherItRuns(account: Account, round: Round, { isLast, real, loaded, newest, running }: Come): void {
  const { firmware } = round
  const program = loaded[0]!
  const since = real.filter((file) => startNsOf(file) > startNsOf(program))
  // Who loads the program once more, as a measurement of sizes does, shows nothing of it that runs.
  const wentOn = since.some((file) => nameOf(file) !== nameOf(program))
  const { next } = account.attempt
  const head = headOf(account, round, program)
  if (head && (!wentOn || (isLast && next))) {
    // What is recognised as another kind cannot run; what is not recognised may be damaged, or its capture made by hand.
    if (head.isKnown || next) {
      if (head.isNoProgram) {
        account.fail('no-program', round, {
          because: say('explain.program-mismatch', { file: shownAs(program), reason: head.mismatch }),
        })
        account.say(say('explain.no-program', { file: shownAs(program), reason: head.mismatch }), [firstFrameOf(program)], 'bad') // prettier-ignore
        return
      }
      account.fail('wrong-program', round, {
        because: say('explain.program-mismatch', { file: shownAs(program), reason: head.mismatch }),
      })
      account.say(
        say('explain.cannot-run', { file: shownAs(program), reason: head.mismatch }),
        [firstFrameOf(program)],
        'bad',
      )
      return
    }
    account.say(
      say('explain.begins-unlike', { file: shownAs(program), reason: head.mismatch }),
      [firstFrameOf(program)],
      'warning',
    )
  }
  const asked = tellProgramAtBootServer(account, round)
  const loadedNs = loaded.reduce((latest, file) => Math.max(latest, file.lastNs), -Infinity)
  if (isLast && next && !wentOn && !asked && isFirmware(firmware) && next.startNs - loadedNs < backAtOnceNs) {
    account.fail('program-returned', round)
    account.say(say('explain.program-returned', { file: shownAs(program) }), [firstFrameOf(program)], 'bad')
    return
  }
  if (!isLast) return
  if (isLoop(account)) {
    account.fail('boot-loop', round)
    account.say(
      say('explain.ipxe-loop'),
      account.rounds.flatMap((one) => framesOf(one.discovers.slice(0, 1))),
      'bad',
    )
    return
  }
  // A client whose address was refused began anew before it had loaded anything.
  const isFirst = account.rounds.every((one) => one === round || !one.files.some(isLoaded))
  if (isFirst && !wentOn && asked) {
    account.outcome = 'started'
    if (asked.action !== undefined)
      account.summary = say('explain.told-by-boot-server', { file: shownAs(program), action: asked.action })
    return
  }
  if (isFirst && !wentOn) {
    account.outcome = 'loaded'
    account.say(
      say('explain.loaded-not-known', { repeated: since.length > 0 ? 'yes' : 'no', source: account.source }),
      loaded.map(firstFrameOf),
      'good',
    )
    tellLostOption(account, round)
    return
  }
  const stage = running?.starts
  const hasStage = real.some((file) => stage?.file.test(nameOf(file)))
  if (stage && isFirst && !hasStage && account.nowNs - newest.lastNs > stoppedNs) {
    account.summary = say('explain.never-requested', { program: running.name, file: stage.name })
    account.say(
      say('explain.runs-never-requested', { program: running.name, file: shownAs(newest), other: stage.name }),
      [firstFrameOf(newest)],
      'warning',
    )
    return
  }
  account.outcome = 'started'
  account.say(
    loaded.length > 1 ? say('explain.program-runs-more') : say('explain.program-runs', { file: shownAs(real.at(-1)!) }),
    real.slice(1).map(firstFrameOf),
    'good',
  )
}

function isLoop(account: Account): boolean {
  const programs = account.rounds
    .filter((round) => round.firmware.kind === 'ipxe')
    .map((round) => round.files.find(isLoaded))
  return programs.length > 2 && programs.every((file) => file && nameOf(file) === nameOf(programs[0]!))
}

/** Tells the files of a round in turn, and keeps which program runs and what failed last. */
class FileTeller {
  readonly #account: Account
  readonly #round: Round
  readonly #directions: Directions
  /** The program that runs by now; undefined while the firmware itself loads, or where the name tells nothing. */
  running: BootProgram | undefined
  /** What the client could not do without and did not get, unless it went on to load something else. */
  failed: Omit<Failed, 'round'> | undefined
  /** A file that may still come. */
  open: File | undefined
  /** Files whose answers the capture does not hold. */
  readonly unseen: File[] = []
  readonly #unseen: Unseen
  #hasLoaded = false
  #told = 0
  #untold: File[] = []
  /** Names of a search of which none was there so far. */
  #tried: File[] = []

  /** The name under which the running program was loaded. */
  #program = ''

  readonly #badTone: Tone
  /** The firmware, where it is a boot program that asks for files by itself. */
  readonly #firmware: BootProgram | undefined

  constructor(account: Account, round: Round, directions: Directions, badTone: Tone) {
    this.#badTone = badTone
    this.#account = account
    this.#round = round
    this.#directions = directions
    this.#firmware = named(speaking[round.firmware.kind])
    this.running = this.#firmware
    this.#unseen = account.unseenIn(round)
  }

  tell(file: File): void {
    const account = this.#account
    if (isProbe(file)) return this.#probe(file)
    if (isTransfer(file) && file.isWrite) return this.#upload(file)
    if (isLoaded(file)) {
      this.#endSearch()
      this.failed = this.open = undefined
      this.#loaded(file)
      this.#runs(file)
      this.#hasLoaded = true
      return
    }
    if (this.#unseen.files.has(file)) {
      this.#endSearch()
      this.failed = this.open = undefined
      this.unseen.push(file)
      this.#runs(file)
      return
    }
    const kind = failureOf(account, this.#round, file)
    if (kind === undefined) {
      this.open = file
      this.#stage(file, 'waiting')
      // Where the redirect leads is to be seen from what the client does next.
      if (!isTransfer(file) && isRedirected(file))
        return tellFailedHttp(account, this.#round, file, 'http-error', 'plain')
      const isAnswered = file.bytes > 0 || (isTransfer(file) && file.serverPort >= 0)
      account.say(
        isAnswered
          ? say('explain.loading', { file: shownAs(file), server: serverText(file), size: file.bytes })
          : !isTransfer(file) && file.requestFrame < 0
            ? say('explain.connecting', { server: `${serverText(file)}:${file.serverPort}`, source: account.source })
            : say('explain.requested-file', {
                file: shownAs(file),
                server: serverText(file),
                count: isTransfer(file) ? file.requests.length : 1,
                source: account.source,
              }),
        [firstFrameOf(file)],
        'warning',
      )
      return
    }
    const isAsking = this.#hasLoaded || this.running !== undefined
    const need = isAsking && isMissing(kind, file) ? needOf(nameOf(file), this.running, this.#firmware) : 'required'
    if (need !== 'required') {
      this.#tried.push(file)
      if (isTransfer(file) && file.error) account.note(file.error.frame, 'benign', say('explain.normal-search'))
      return
    }
    this.#endSearch()
    this.#stage(file, 'failed')
    const more = this.#moreOf(file, kind)
    this.failed = { ...more, ...this.#failureOf(file, kind, more) }
    if (!isTransfer(file) && kind === 'tls-failed') {
      const { text, frames, ...more } = tellHandshake(
        file,
        this.#directions.file,
        account.store.millisecondsAt(file.timeNs),
        account.source,
      )
      account.say(text, frames, this.#badTone)
      // What a program calls its failure stays: it says that the program runs.
      this.failed = { ...more, ...this.failed }
    } else if (isTransfer(file)) tellFailedTransfer(account, this.#round, file, kind, this.#badTone)
    else tellFailedHttp(account, this.#round, file, kind, this.#badTone)
  }

  #runs(file: File): void {
    const program = programOf(nameOf(file))
    if (!program) return
    this.running = program
    this.#program = nameOf(file)
  }

  /** A search that found nothing is a failure where the program needs one of the names and does nothing more. */
  finish(): void {
    const { attempt, nowNs } = this.#account
    this.#tellUnseen()
    const tried = this.#tried
    const needed = tried.findLast((file) => needOf(nameOf(file), this.running, this.#firmware) === 'one-of')
    this.#endSearch()
    if (this.#untold.length > 0) {
      const bytes = this.#untold.reduce((sum, file) => sum + file.bytes, 0)
      this.#account.say(say('explain.more-files', { count: this.#untold.length, size: bytes }), this.#untold.slice(0, 3).map(firstFrameOf)) // prettier-ignore
    }
    const isLast = this.#account.rounds.at(-1) === this.#round
    if (!needed || !isLast || this.failed || (nowNs - needed.lastNs < 5e9 && !attempt.next)) return
    const program = this.running?.name ?? say('explain.the-boot-program')
    const count = tried.filter((file) => needOf(nameOf(file), this.running, this.#firmware) === 'one-of').length
    this.failed = {
      kind: 'program-file-missing',
      isOfProgram: true,
      ...(this.running === named('Raspberry Pi boot loader') ? foldersOfPi(tried) : {}),
      title: count === 1 ? say('explain.not-found', { program, file: shownAs(needed) }) : say('explain.none-found', { program, count, file: shownAs(needed) }),
    } // prettier-ignore
  }

  #tellUnseen(): void {
    const [first] = this.unseen
    if (!first) return
    const names = distinct(this.unseen.map(shownAs))
    const { source } = this.#account
    this.#account.say(
      together([
        say('explain.answers-unseen', {
          count: names.length,
          file: names[0],
          last: names.at(-1),
          server: serverText(first),
          source,
        }),
        ...(isTransfer(first) ? [say('explain.tftp-filter')] : []),
      ]),
      this.unseen.map(firstFrameOf),
      'warning',
    )
  }

  /** What the packets say of the cause beyond the kind of failure. */
  #moreOf(file: File, kind: FailureKind): Partial<Omit<Failed, 'kind' | 'round'>> {
    if (!isTransfer(file)) return moreOfHttp(file, kind, this.#account.circumstancesOf(this.#round).family)
    if (this.running?.name !== 'shim' || !this.running.starts?.file.test(file.file)) return {}
    return strayOf(this.#round, this.#program, file)
  }

  #failureOf(file: File, kind: FailureKind, more: Pick<Failed, 'title'>): NonNullable<FileTeller['failed']> {
    const name = nameOf(file)
    const directed = this.#directions
    const program = this.running?.name ?? say('explain.the-boot-program')
    if (this.#hasLoaded && isMissing(kind, file))
      return { kind: 'program-file-missing', title: say('explain.not-found', { program, file: shownAs(file) }), isOfProgram: true }
    if (this.#hasLoaded) return { kind, title: say('explain.failed-in-program', { program, verdict: more.title ?? failures[kind].title, file: shownAs(file) }), isOfProgram: true }
    if (kind === 'file-missing' && directed.file !== undefined && name !== directed.file && name.startsWith(directed.file))
      return { kind: 'file-name-damaged' }
    if (/^https?:\/\//i.test(name) && isTransfer(file) && this.#round.firmware.kind !== 'ipxe')
      return { kind: 'url-for-pxe' }
    const asksServer = isTransfer(file) && file.serverAddress === directed.dhcpServer && directed.nextServer === undefined
    if (asksServer && directed.file !== undefined && (kind === 'tftp-mute' || kind === 'tftp-closed'))
      return { kind: 'no-next-server' }
    return { kind }
  } // prettier-ignore

  #stage(file: File, state: 'done' | 'failed' | 'waiting'): void {
    this.#account.stage(
      'file',
      say('explain.stage-file', { file: shownAs(file) }),
      state,
      startNsOf(file),
      file.lastNs,
      [firstFrameOf(file)],
    )
  }

  #endSearch(): void {
    const tried = this.#tried
    if (tried.length === 0) return
    this.#tried = []
    const names = tried.map(shownAs)
    this.#account.say(
      names.length === 1
        ? say('explain.name-not-there', { file: names[0] })
        : say('explain.names-not-there', { count: names.length, file: names[0], last: names.at(-1) }),
      tried.flatMap((file) => [firstFrameOf(file), file.lastFrame]),
      'benign',
    )
  }

  #probe(file: File): void {
    const account = this.#account
    const told = { file: shownAs(file), known: file.size === undefined ? 'no' : 'yes', size: file.size ?? 0 }
    const error = isTransfer(file) ? file.error : undefined
    if (error)
      account.note(error.frame, 'benign', say('explain.normal-size')) // prettier-ignore
    account.say(
      isTransfer(file) ? say('explain.size-asked', told) : say('explain.head-asked', told),
      [firstFrameOf(file), ...(error ? [error.frame] : [])],
      'benign',
    )
    if (file.size === 0)
      account.say(say('explain.size-zero', { file: shownAs(file) }), [firstFrameOf(file)], 'warning') // prettier-ignore
  }

  #upload(file: Transfer): void {
    this.#stage(file, file.state === 'complete' ? 'done' : 'waiting')
    this.#account.say(
      say('explain.upload', {
        state: file.state === 'complete' ? 'sent' : file.error ? 'refused' : 'running',
        file: shownAs(file),
        server: formatIp(file.serverAddress),
        size: file.bytes,
        failed: file.error ? 'yes' : 'no',
        code: file.error?.code,
        text: file.error?.message,
      }),
      [file.requests[0]!, file.lastFrame],
    )
  }

  #loaded(file: File): void {
    const account = this.#account
    this.#stage(file, 'done')
    if (++this.#told > mostTold) {
      this.#untold.push(file)
      return
    }
    const from = isTransfer(file) ? startNsOf(file) : Math.max(file.bodyNs, file.timeNs)
    const spanNs = file.lastNs - from
    const notKept = isTransfer(file) ? notHeldIn(account, file) : 0
    const details: Phrase[] = isTransfer(file)
      ? [
          say('explain.block-size', { size: file.blockSize }),
          ...(file.windowSize > 1 ? [say('explain.window', { size: file.windowSize })] : []),
          ...(file.retransmissions > 0 ? [say('explain.sent-again', { count: file.retransmissions })] : []),
          ...(notKept > 0 ? [say('explain.blocks-not-kept', { count: notKept })] : []),
          ...(file.answeredFrom === undefined
            ? []
            : [say('explain.answered-from', { address: formatIp(file.answeredFrom) })]),
        ]
      : [`HTTP ${file.status}`]
    const told = { file: shownAs(file), server: serverText(file), size: file.bytes, details }
    account.say(
      spanNs > 0
        ? say('explain.loaded-in', { ...told, span: secondsOf(spanNs), rate: file.bytes / (spanNs / 1e9) })
        : say('explain.loaded', told),
      [firstFrameOf(file), file.lastFrame],
    )
  }
}

/** Where a Raspberry Pi looks, by the folder that it asked in. */
function foldersOfPi(tried: readonly File[]): Pick<Failed, 'causes' | 'fixes'> {
  const folder = tried.map((file) => /^\/?([\da-f]{8})\//i.exec(nameOf(file))?.[1]).find((one) => one !== undefined)
  const place = { known: folder === undefined ? 'no' : 'yes', folder: folder ?? '' } as const
  return { causes: [say('explain.pi-folders', place)], fixes: [say('explain.fix-pi-folders', place)] }
}

/** Of a fast transfer PXE Lab keeps a packet in a while, unless it is told to keep all. */
const notHeldIn = ({ store }: Account, { blocksNotHeld, lastFrame }: Transfer): number =>
  store.has(lastFrame) && store.interfaceOf(lastFrame).isSynthesised ? blocksNotHeld : 0

const serverText = (file: File): string => formatIp(isTransfer(file) ? file.serverAddress : file.server)

/** Whether a failure says that the file is not there, rather than that something is broken. */
const isMissing = (kind: FailureKind, file: File): boolean =>
  kind === 'file-missing' ||
  (kind === 'http-error' && !isTransfer(file) && (file.status === 404 || file.status === 410))

function tellFailedTransfer(account: Account, round: Round, file: Transfer, failure: FailureKind, tone: Tone): void {
  const clock = firmwareClocks[round.firmware.kind].tftp
  const server = formatIp(file.serverAddress)
  const causes = causesOf(failure, account.circumstancesOf(round))
  const { error } = file
  const { refusal } = file
  if (failure === 'tftp-mute' || (refusal?.isOfClient && file.blocks === 0)) {
    for (const [index, frame] of file.requests.entries()) {
      const timeNs = file.requestTimes[index]!
      const dueNs =
        file.requestTimes[index + 1] ?? timeNs + nanoseconds(clock[Math.min(index, clock.length - 1)] ?? 4000)
      account.miss(say('explain.oack-or-data'), file.serverAddress, 'tftp', { frame, timeNs }, dueNs, causes)
    }
    account.say(
      say('explain.tftp-unanswered', {
        file: shownAs(file),
        server,
        count: file.requests.length,
        answer: refusal?.isOfClient ? refusalText(refusal) : say('explain.no-answer-came'),
      }),
      [...file.requests, ...(file.icmpFrame < 0 ? [] : [file.icmpFrame])],
      tone,
    )
    return
  }
  if (failure === 'tftp-other-address') {
    account.say(
      say('explain.tftp-other-address', {
        file: shownAs(file),
        server,
        count: file.requests.length,
        other: formatIp(file.answeredFrom!),
      }),
      [...file.requests, file.lastFrame],
      tone,
    )
    return
  }
  if (failure === 'tftp-unheard') {
    account.say(
      say('explain.tftp-unheard', { file: shownAs(file), server, count: account.unseenIn(round).requestsOf(file) }),
      [...file.requests, file.lastFrame],
      tone,
    )
    return
  }
  if (failure === 'tftp-options-refused') {
    account.say(
      say('explain.tftp-options-refused', {
        server,
        options: file.unasked.map((one) => `${one.name}=${one.value}`),
        count: file.exceeding.length,
        asked: file.exceeding.map((one) => `${one.name}=${one.value}`),
        code: error!.code,
        text: error!.message,
      }),
      [file.requests[0]!, file.oackFrame, error!.frame],
      tone,
    )
    return
  }
  if (error) {
    const by = error.byClient ? 'client' : 'server'
    account.note(error.frame, 'bad', say('explain.broke-off', { by, text: error.message }))
    account.say(
      say('explain.tftp-error', {
        by,
        server,
        file: shownAs(file),
        code: error.code,
        text: error.message,
        begun: file.bytes > 0 ? 'yes' : 'no',
        size: file.bytes,
      }),
      [file.requests[0]!, error.frame],
      tone,
    )
    return
  }
  const next = file.acknowledged < file.blocks ? `ACK ${file.blocks & 0xffff}` : `DATA ${(file.blocks + 1) & 0xffff}`
  account.miss(
    next,
    next.startsWith('ACK') ? 0 : file.serverAddress,
    'tftp',
    { frame: file.lastFrame, timeNs: file.lastNs },
    file.lastNs + nanoseconds(clock[0] ?? 4000),
    causes,
  )
  account.say(
    say('explain.tftp-stopped', {
      file: shownAs(file),
      size: file.bytes,
      known: file.size === undefined ? 'no' : 'yes',
      whole: file.size ?? 0,
      wrapped: failure === 'transfer-wrapped' ? 'yes' : 'no',
      block: file.blocks,
      packet: next,
      refused: refusal ? 'yes' : 'no',
      answer: refusal && refusalText(refusal),
    }),
    [file.requests[0]!, file.icmpFrame < 0 ? file.lastFrame : file.icmpFrame],
    tone,
  )
}

function tellFailedHttp(account: Account, round: Round, file: HttpEvent, failure: FailureKind, tone: Tone): void {
  const where = `${formatHost(file.server)}:${file.serverPort}`
  if (failure === 'http-error' && isRedirected(file))
    account.say(
      say('explain.http-redirect', { server: where, file: file.target, status: `${file.status} ${file.reason}`, known: file.location === '' ? 'no' : 'yes', location: file.location }), // prettier-ignore
      [file.requestFrame, file.answerFrame],
      tone,
    )
  else if (failure === 'http-error')
    account.say(
      say('explain.http-error', { server: where, file: file.target, status: `${file.status} ${file.reason}` }),
      [file.requestFrame, file.answerFrame],
      tone,
    )
  else if (file.refusal && file.refusedFrame < 0 && file.answerFrame < 0)
    account.say(
      say('explain.http-refused', { server: where, answer: refusalText(file.refusal) }),
      [...file.syns, file.refusal.frame],
      tone,
    )
  else if (failure === 'http-closed')
    account.say(say('explain.http-closed', { server: where }), [...file.syns, file.refusedFrame], tone)
  else if (failure === 'http-reset' && file.resetFrame < 0)
    account.say(
      say('explain.http-closed-unanswered', { server: where, method: file.method, file: file.target, kept: file.isKept ? 'yes' : 'no' }), // prettier-ignore
      [file.requestFrame, file.closedFrame],
      tone,
    )
  else if (failure === 'http-reset')
    account.say(
      file.answerFrame < 0
        ? say('explain.http-reset', { server: where, method: file.method, file: file.target })
        : say('explain.http-reset-after', { server: where, size: file.bytes, file: file.target }),
      [file.requestFrame, file.resetFrame],
      tone,
    )
  else {
    account.miss(
      file.requestFrame < 0 ? 'SYN ACK' : say('explain.http-answer'),
      file.server,
      'http',
      { frame: file.lastFrame, timeNs: file.lastNs },
      file.lastNs + 3e9,
      causesOf('http-mute', account.circumstancesOf(round)),
    )
    account.say(
      file.requestFrame < 0
        ? say('explain.http-mute', { server: where })
        : say('explain.http-request-mute', { server: where, method: file.method, file: file.target }),
      [...file.syns, ...(file.requestFrame < 0 ? [] : [file.requestFrame])],
      tone,
    )
  }
}

/** Firmware that jumps into what it loaded; scripts, kernels and images are for programs. */
const startsPrograms: ReadonlySet<FirmwareKind> = new Set(['bios-rom', 'edk2', 'edk2-http'])

interface Head {
  readonly mismatch: Phrase
  /** Whether its bytes leave no doubt. */
  readonly isKnown: boolean
  readonly isNoProgram: boolean
}

/** The first packet that brings a part of a file, and where in its payload that begins; undefined where it is not kept. */
function firstBlockOf(file: File): { readonly frame: number; readonly skip: number } | undefined {
  if (isTransfer(file)) return file.firstDataFrame < 0 ? undefined : { frame: file.firstDataFrame, skip: 4 }
  return file.bodyFrame < 0 ? undefined : { frame: file.bodyFrame, skip: file.bodySkip }
}

/** Why the first program that was loaded cannot run on this machine, read from its first block; undefined where nothing says so. */
function headOf(account: Account, round: Round, file: File): Head | undefined {
  const { firmware } = round
  const architecture = firmware.architecture === undefined ? undefined : architectureOf(firmware.architecture)
  const first = firstBlockOf(file)
  const { store } = account
  if (!architecture || !startsPrograms.has(firmware.kind)) return undefined
  if (file.bytes === 0) return { mismatch: say('explain.file-empty'), isKnown: true, isNoProgram: true }
  if (!first || !store.has(first.frame)) return undefined
  // Where the answer to the firmware is not in the capture, the first file that is belongs to the program.
  const directed = directionsOf(account, round).file
  if (directed === undefined ? !isTransfer(file) : lastPart(directed) !== lastPart(nameOf(file))) return undefined
  const bytes = store.contentOf(first.frame)
  const headers = new FrameHeaders()
  headers.read(bytes, store.interfaceOf(first.frame).linkType)
  const block = bytes.subarray(headers.payloadAt + first.skip, headers.payloadEnd)
  if (isTransfer(file) && u16At(bytes, headers.payloadAt + 2) !== 1) return undefined
  // Of a packet that is kept in part the head of the program may be too short to judge.
  if (block.length < Math.min(256, file.bytes)) return undefined
  const program = inspectBootProgram(block, nameOf(file))
  const mismatch = mismatchOf(program, architecture)
  if (mismatch === undefined || isHeadBehind(block)) return undefined
  // What PXE Lab sent is what lies in its folder.
  const isKnown = isRecognised(program) || store.interfaceOf(first.frame).isSynthesised
  return { mismatch: inEnglish(mismatch), isKnown, isNoProgram: isNoProgram(program) || !isRecognised(program) }
}

/** Whether it begins like a PE program whose head lies behind what this block holds (Microsoft PE format, section 2). */
const isHeadBehind = (block: Uint8Array): boolean =>
  block[0] === 0x4d && block[1] === 0x5a && (block[0x3c]! | (block[0x3d]! << 8)) + 26 > block.length
