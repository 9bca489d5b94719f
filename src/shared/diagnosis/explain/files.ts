/** The files that were asked for, how they came, and whether the program that they are runs. */
import { inspectBootProgram, mismatchOf } from '../../wire/boot-program.ts'
import { formatIpv4, u16At } from '../../wire/bytes.ts'
import { FrameHeaders } from '../../wire/headers.ts'
import { architectureOf } from '../../wire/iana/architecture.ts'
import { traitsOf } from '../../machines/pxe-client/offer-ranking.ts'
import type { HttpEvent } from '../../trace/events.ts'
import { firmwareClocks, isFirmware } from '../../trace/firmware.ts'
import type { Transfer } from '../../trace/transfer.ts'
import { failures, type FailureKind } from '../failures.ts'
import type { Round } from '../rounds.ts'
import type { Account } from './account.ts'
import { formatBytes, framesOf, nanoseconds, secondsOf, times } from './words.ts'

const isTransfer = (file: Transfer | HttpEvent): file is Transfer => file.kind === 'transfer'
export const nameOf = (file: Transfer | HttpEvent): string => (isTransfer(file) ? file.file : file.target)
const startNsOf = (file: Transfer | HttpEvent): number => (isTransfer(file) ? file.startNs : file.timeNs)
const firstFrameOf = (file: Transfer | HttpEvent): number => (isTransfer(file) ? file.requests[0]! : file.frame)
export const isLoaded = (file: Transfer | HttpEvent): boolean =>
  isTransfer(file)
    ? file.hasEverything
    : file.method === 'GET' &&
      file.status === 200 &&
      (file.size === undefined ? file.bytes > 0 : file.bytes >= file.size)

/** Names that boot programs try one after another; that most of them are missing is how the search works. */
const isSearched = (name: string): boolean =>
  /pxelinux\.cfg[\\/]|boot\.scr|(^|[\\/])dtb[\\/]|ldlinux|grub\.cfg|\.uimg$|[\\/](fonts|[a-z]{2}-[a-z]{2})[\\/]/i.test(
    name,
  )

function isProbe(file: Transfer | HttpEvent): boolean {
  return isTransfer(file) ? file.state === 'probe' : file.method === 'HEAD'
}

/** Firmware that asks anew within this time has come back from what it loaded; later it was switched on again. */
const backAtOnceNs = 15e9

export function tellFiles(account: Account, round: Round, isLast: boolean): void {
  const { files, firmware } = round
  if (files.length === 0) {
    if (isLast) tellNoFile(account, round)
    return
  }
  const real = files.filter((file) => !isProbe(file))
  let failed: Transfer | HttpEvent | undefined
  const tried = files.filter((file) => isTransfer(file) && file.error?.code === 1 && isSearched(file.file))
  for (const file of files) {
    if (file === tried[0]) tellSearch(account, tried)
    tellFile(account, round, file, real)
    if (!isProbe(file) && !isLoaded(file)) failed = file
    else if (isLoaded(file)) failed = undefined
  }
  const loaded = real.filter(isLoaded)
  const isOver = !isLast || account.attempt.next !== undefined
  const newest = files.at(-1)!
  if (failed && failureOf(account, failed) !== undefined && !(isSearched(nameOf(failed)) && loaded.length > 0)) {
    account.fail(failureOf(account, failed)!)
    return
  }
  if (real.length === 0 || (failed && failureOf(account, failed) === undefined && !isLoaded(newest))) {
    const open = files.find((file) => !isProbe(file) && !isLoaded(file))
    if (isLast && !isOver && account.outcome !== 'address')
      account.waitsFor = open ? `the rest of ${nameOf(open)}` : 'the next request of the client'
    return
  }
  const program = loaded[0]
  const mismatch = mismatchWith(account, round, program)
  const wentOn = loaded.length > 1 || real.length > loaded.length
  const { next } = account.attempt
  if (program && mismatch && (!wentOn || (isLast && next))) {
    account.fail('wrong-program')
    account.say(`${nameOf(program)} cannot run on this machine: ${mismatch}.`, [firstFrameOf(program)], 'bad')
    return
  }
  const loadedNs = loaded.reduce((latest, file) => Math.max(latest, file.lastNs), -Infinity)
  if (isLast && next && program && !wentOn && isFirmware(firmware) && next.startNs - loadedNs < backAtOnceNs) {
    account.fail('program-returned')
    account.say(
      `${nameOf(program)} was loaded, but the firmware went on with its next boot option: the program did not run, or ended.`,
      [firstFrameOf(program)],
      'bad',
    )
    return
  }
  if (!isLast) return
  if (isLoop(account)) {
    account.fail('boot-loop')
    account.say(
      'iPXE loaded iPXE again: it will go on like this for ever.',
      account.rounds.flatMap((one) => framesOf(one.discovers.slice(0, 1))),
      'bad',
    )
    return
  }
  if (account.rounds.length > 1 || wentOn) {
    account.outcome = 'started'
    account.say(
      `The boot program runs: ${account.rounds.length > 1 ? 'it asked the network itself' : `it asked for ${loaded.length > 1 ? 'more files' : nameOf(real.at(-1)!)}`}.`,
      account.rounds.length > 1 ? [] : real.slice(1).map(firstFrameOf),
      'good',
    )
  } else {
    account.outcome = 'loaded'
    account.say(
      'The boot program is on the machine. It has asked for nothing since, so whether it runs is not to be seen on the wire.',
      loaded.map(firstFrameOf),
      'good',
    )
  }
}

function tellSearch(account: Account, tried: readonly (Transfer | HttpEvent)[]): void {
  const names = tried.map(nameOf)
  account.say(
    `It tried ${names.length === 1 ? `${names[0]}, which is` : `${names.length} names that are`} not there${names.length > 1 ? ` (${names[0]} to ${names.at(-1)})` : ''}: boot programs look for their configuration under several names, so this alone is no fault.`,
    tried.flatMap((file) => [firstFrameOf(file), file.lastFrame]),
    'benign',
  )
}

function isLoop(account: Account): boolean {
  const programs = account.rounds
    .filter((round) => round.firmware.kind === 'ipxe')
    .map((round) => round.files.find(isLoaded))
  return programs.length > 2 && programs.every((file) => file && nameOf(file) === nameOf(programs[0]!))
}

function tellNoFile(account: Account, round: Round): void {
  const { firmware, answers, arps, bootAnswers, offers } = round
  const answer = answers.at(-1)
  if (!answer || account.outcome === 'address' || account.waitsFor !== undefined) return
  const sources = [...bootAnswers, ...offers, answer].map((one) => ({ one, traits: traitsOf(one.message) }))
  const asksBootServer = sources.some(({ traits }) => traits.isPxe && !traits.downloadsNamedFile)
  const named = sources.find(({ traits }) => traits.file !== '')
  const silence = account.nowNs - account.attempt.lastNs
  const unanswered = arps.find((one) => one.answer < 0)
  if (unanswered && silence > 1e9) {
    const server = formatIpv4(unanswered.target)
    account.miss(
      `ARP answer of ${server}`,
      unanswered.target,
      'arp',
      { frame: unanswered.frames.at(-1)!, timeNs: unanswered.timeNs },
      unanswered.timeNs + 1e9,
      failures['no-arp'].causes,
    )
    account.fail('no-arp')
    account.say(
      `It looked for ${server} by ARP ${times(unanswered.frames.length)}, and nobody answered.`,
      unanswered.frames,
      'bad',
    )
    return
  }
  const isOver = account.attempt.next !== undefined || silence > 5e9
  if (!named) {
    if (!isOver && silence < 5e9 && asksBootServer) {
      account.wait('the boot server on port 4011')
      return
    }
    const asked = round.discovers.at(-1)?.event
    if (asked)
      account.miss(
        'OFFER with boot information',
        undefined,
        'dhcp',
        asked,
        round.requests[0]?.event.timeNs ?? asked.timeNs + 4e9,
        failures['no-boot-information'].causes,
      )
    account.fail('no-boot-information')
    account.say('It has an address, but nobody told it what to boot.', [...framesOf(offers), answer.event.frame], 'bad')
    return
  }
  if (!isOver) {
    account.wait(`the request for ${named.traits.file}`)
    return
  }
  account.say(`It was told to load ${named.traits.file}, and never asked for it.`, [named.one.event.frame], 'warning')
  if (isFirmware(firmware)) account.fail('file-not-asked')
}

/** How a file failed; undefined while it may still succeed, or where it did. */
function failureOf(account: Account, file: Transfer | HttpEvent): FailureKind | undefined {
  const silence = account.nowNs - file.lastNs
  if (!isTransfer(file)) {
    if (isLoaded(file) || file.method === 'HEAD') return undefined
    if (file.refusedFrame >= 0) return 'http-closed'
    if (file.status >= 400) return 'http-error'
    return file.answerFrame < 0 && (silence > 5e9 || account.attempt.next) ? 'http-mute' : undefined
  }
  switch (file.state) {
    case 'refused':
      return file.error!.code === 1 ? 'file-missing' : 'file-refused'
    case 'failed':
      return 'transfer-aborted'
    case 'unreachable':
      return file.blocks > 0 ? 'transfer-stalled' : 'tftp-closed'
    case 'asked':
      return silence > 4e9 || (file.requests.length > 2 && account.nowNs - file.startNs > 4e9) || account.attempt.next
        ? 'tftp-mute'
        : undefined
    case 'running':
      return !file.hasEverything && (silence > 6e9 || account.attempt.next) ? 'transfer-stalled' : undefined
    case 'complete':
    case 'probe':
      return undefined
  }
}

function tellFile(
  account: Account,
  round: Round,
  file: Transfer | HttpEvent,
  real: readonly (Transfer | HttpEvent)[],
): void {
  const name = nameOf(file)
  const frame = firstFrameOf(file)
  if (isProbe(file)) {
    const error = isTransfer(file) ? file.error : undefined
    if (error)
      account.note(
        error.frame,
        'benign',
        'Normal: the client only asked for the size and breaks off after it has been told.',
      )
    if (isTransfer(file))
      account.say(
        `It asked for the size of ${name}${file.size === undefined ? '' : `: ${formatBytes(file.size)}`}, and broke off, as this firmware always does.`,
        [frame, ...(error ? [error.frame] : [])],
        'benign',
      )
    else
      account.say(
        `It asked for the size of ${name} (HEAD)${file.size === undefined ? '' : `: ${formatBytes(file.size)}`}.`,
        [frame],
        'benign',
      )
    return
  }
  const failure = failureOf(account, file)
  const isFine = isLoaded(file)
  const place = real.length > 1 ? ` ${real.indexOf(file) + 1} of ${real.length}` : ''
  account.stage(
    'file',
    `File${place}: ${name}`,
    isFine ? 'done' : failure ? 'failed' : 'waiting',
    startNsOf(file),
    file.lastNs,
    [frame],
  )
  const server = formatIpv4(isTransfer(file) ? file.serverAddress : file.server)
  if (isFine) {
    const spanNs = Math.max(1, file.lastNs - startNsOf(file))
    const rate = `${formatBytes(file.bytes / (spanNs / 1e9))}/s`
    const extras = isTransfer(file)
      ? [
          `block size ${file.blockSize}`,
          file.windowSize > 1 ? `window ${file.windowSize}` : '',
          file.retransmissions > 0 ? `${file.retransmissions} sent again` : '',
        ].filter(Boolean)
      : [`HTTP ${file.status}`]
    account.say(
      `It loaded ${name} from ${server}: ${formatBytes(file.bytes)} in ${secondsOf(spanNs)}, ${rate}, ${extras.join(', ')}.`,
      [frame, file.lastFrame],
    )
    return
  }
  if (failure === undefined) {
    account.say(`It is loading ${name} from ${server}: ${formatBytes(file.bytes)} so far.`, [frame], 'warning')
    return
  }
  if (isTransfer(file)) tellFailedTransfer(account, round, file, failure, server)
  else tellFailedHttp(account, file, failure, server)
}

function tellFailedTransfer(
  account: Account,
  { firmware }: Round,
  file: Transfer,
  failure: FailureKind,
  server: string,
): void {
  const clock = firmwareClocks[firmware.kind].tftp
  const { error } = file
  if (failure === 'tftp-mute' || failure === 'tftp-closed') {
    for (const [index, frame] of file.requests.entries()) {
      const timeNs = file.requestTimes[index]!
      const dueNs =
        file.requestTimes[index + 1] ?? timeNs + nanoseconds(clock[Math.min(index, clock.length - 1)] ?? 4000)
      account.miss('OACK or DATA', file.serverAddress, 'tftp', { frame, timeNs }, dueNs, failures[failure].causes)
    }
    account.say(
      `It asked ${server} for ${file.file} by TFTP ${times(file.requests.length)}, and ${failure === 'tftp-mute' ? 'nobody answered' : 'nothing listens there (ICMP port unreachable)'}.`,
      [...file.requests, ...(file.icmpFrame < 0 ? [] : [file.icmpFrame])],
      'bad',
    )
    return
  }
  if (error && isSearched(file.file) && error.code === 1) {
    account.note(error.frame, 'benign', 'Normal: boot programs try several names, and take the first that exists.')
    return
  }
  if (error) {
    account.note(error.frame, 'bad', `${error.byClient ? 'The client' : 'The server'} broke off: "${error.message}".`)
    account.say(
      `${error.byClient ? 'The client broke off' : `${server} refused`} ${file.file}: TFTP error ${error.code}, "${error.message}"${file.bytes > 0 ? `, after ${formatBytes(file.bytes)}` : ''}.`,
      [file.requests[0]!, error.frame],
      'bad',
    )
    return
  }
  const next =
    file.isWrite || file.acknowledged < file.blocks
      ? `ACK ${file.blocks & 0xffff}`
      : `DATA ${(file.blocks + 1) & 0xffff}`
  account.miss(
    next,
    next.startsWith('ACK') ? 0 : file.serverAddress,
    'tftp',
    { frame: file.lastFrame, timeNs: file.lastNs },
    file.lastNs + nanoseconds(clock[0] ?? 4000),
    failures['transfer-stalled'].causes,
  )
  account.say(
    `${file.file} stopped after ${formatBytes(file.bytes)}${file.size === undefined ? '' : ` of ${formatBytes(file.size)}`}: ${next} did not come.`,
    [file.requests[0]!, file.lastFrame],
    'bad',
  )
}

function tellFailedHttp(account: Account, file: HttpEvent, failure: FailureKind, server: string): void {
  const where = `${server}:${file.serverPort}`
  if (failure === 'http-error')
    account.say(
      `${where} refused ${file.target}: ${file.status} ${file.reason}.`,
      [file.requestFrame, file.answerFrame],
      'bad',
    )
  else if (failure === 'http-closed')
    account.say(
      `${where} refused the connection: nothing listens on that port.`,
      [...file.syns, file.refusedFrame],
      'bad',
    )
  else {
    account.miss(
      file.requestFrame < 0 ? 'SYN ACK' : 'HTTP answer',
      file.server,
      'http',
      { frame: file.lastFrame, timeNs: file.lastNs },
      file.lastNs + 3e9,
      failures['http-mute'].causes,
    )
    account.say(`${where} did not answer.`, file.syns, 'bad')
  }
}

/** Why the first program that was loaded cannot run on this machine, read from its first block. */
function mismatchWith(
  account: Account,
  { firmware }: Round,
  file: Transfer | HttpEvent | undefined,
): string | undefined {
  const architecture = firmware.architecture === undefined ? undefined : architectureOf(firmware.architecture)
  if (!file || !isTransfer(file) || !architecture || file.firstDataFrame < 0 || !account.store.has(file.firstDataFrame))
    return undefined
  const bytes = account.store.contentOf(file.firstDataFrame)
  const headers = new FrameHeaders()
  headers.read(bytes, account.store.interfaceOf(file.firstDataFrame).linkType)
  const block = bytes.subarray(headers.payloadAt + 4, headers.payloadEnd)
  const isFirstBlock = u16At(bytes, headers.payloadAt + 2) === 1
  // Of a frame that is kept in part the head of the program is too short to judge.
  if (!isFirstBlock || block.length < 256 || !isFirmware(firmware)) return undefined
  return mismatchOf(inspectBootProgram(block, file.file), architecture)
}
