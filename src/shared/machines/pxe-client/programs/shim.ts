/**
 * shim, measured with Debian's 16.1 under OVMF: it judges itself by SBAT, loads its second stage from where it came from
 * itself, judges that too, and asks for MokManager where it may not start it (shim 16.1: shim.c, netboot.c, httpboot.c).
 */
import { say, type Phrase } from '#messages/message.ts'
import type { IpAddress } from '../../../wire/ip-address.ts'
import { decodeText } from '../../../wire/bytes.ts'
import type { DhcpMessage } from '../../../wire/dhcp/message.ts'
import { judgeByShim, judgeShimItself, type Judgement } from '../../../wire/secure-boot/trust.ts'
import { failed, type ClientContext, type ClientResult, type Step } from '../client.ts'
import { at } from '../dhcp-dialogue.ts'
import { download, tftpOptions } from '../download.ts'
import { fetchHttp } from '../http-fetch.ts'
import { programIn, type ProgramDescription } from '../program-image.ts'
import type { BootContext, ProgramEnd } from '../boot-context.ts'

/** Asked for before the second stage; that none of them is there is the usual case. */
const extras = ['revocations_sku.efi', 'revocations_sbat.efi', 'shim_certificate_0.efi']
const mokManager = 'mmx64.efi'
/** EDK2's TFTP driver: six tries, four seconds apart. */
const retryMs = [4000, 4000, 4000, 4000, 4000, 4000]
const httpWaitMs = 30_000
/** It shows what went wrong for two seconds before it goes on. */
const pauseMs = 2000
const securityViolation = 'Security Policy Violation'

/** From where it loads, and the folder there. */
interface Place {
  readonly server: IpAddress
  readonly folder: string
}

const fileField = ({ file }: DhcpMessage): string => decodeText(file)

/**
 * Where shim looks: over HTTP beside its own address; over TFTP by the header fields of the acknowledgement, and only
 * where those name no file by those of the proxy. Option 67 it does not read, so that it then has no folder.
 */
function placeOf({ transport, server, file, ack, reply }: BootContext): Place {
  const folderOf = (path: string): string => /^.*[/\\]/.exec(path)?.[0] ?? ''
  // Over IPv6 it reads the URL of option 59, of which address and path come too.
  if (transport === 'http' || typeof server === 'string') return { server, folder: folderOf(file) }
  const from = fileField(ack) === '' && fileField(reply) !== '' ? reply : ack
  return { server: from.siaddr, folder: folderOf(fileField(from)) }
}

interface Fetched {
  readonly ok: boolean
  readonly head: Uint8Array
  /** EFI status in words, and what happened, as a clause. */
  readonly status: string
  readonly why: Phrase
}

export function* runShim(
  client: ClientContext,
  context: BootContext,
  program: ProgramDescription,
  depth: number,
): Step<ProgramEnd> {
  const { trust } = client.habits
  const place = placeOf(context)
  let sourcePort = 1100 + Math.floor(client.random() * 1000)

  const end = (status: string, because: Phrase): ClientResult => {
    const line = context.failedToStart?.(status) ?? `start_image() returned ${status}`
    client.line(line)
    return failed('', line, because)
  }

  const itself = trust && judgeShimItself(program, trust)
  if (itself && !itself.starts) {
    client.line(`Verifying shim SBAT data failed: ${securityViolation}`)
    const line = `Something has gone seriously wrong: SBAT self-check failed: ${securityViolation}`
    client.line(line)
    return failed('', line, say('pxe-client.shim-revoked-switches-machine-off', { because: itself.because }))
  }

  function* fetch(name: string, isTold: boolean): Step<Fetched> {
    const path = `${place.folder}${name}`
    const none = { ok: false, head: new Uint8Array(0) }
    client.stage('file', path)
    if (context.transport === 'http') {
      const request = { address: place.server, port: context.port, path, agent: 'UefiHttpBoot/1.0', waitMs: httpWaitMs }
      const answer = yield* fetchHttp(client, { ...request, method: 'GET', sourcePort: sourcePort++ })
      if (answer.ok && answer.status === 200) return { ok: true, head: answer.head, status: '', why: '' }
      if (isTold && answer.ok) client.line(`HTTP Status Code: ${answer.status}`)
      const why = answer.ok
        ? say('pxe-client.web-server-answered', { status: answer.status, path })
        : `${at(place.server)} ${answer.why}`
      if (isTold) client.line(`Unable to fetch HTTP image ${name}: HTTP Error`)
      return { ...none, status: 'HTTP Error', why }
    }
    if (isTold) client.line(`Fetching Netboot Image ${path}`)
    if (place.server === 0)
      return {
        ...none,
        status: 'Not Found',
        why: say('pxe-client.siaddr-0-dhcp-acknowledgement-shim'),
      }
    const answer = yield* download(client, {
      server: place.server,
      file: path,
      sourcePort: sourcePort++,
      options: tftpOptions(['blksize', 512], ['windowsize', 4]),
      retryMs,
      heedsIcmp: true,
    })
    if (answer.ok) return { ok: true, head: answer.head, status: '', why: '' }
    const why = say('pxe-client.asked-for', { server: at(place.server), path, message: answer.message })
    if (isTold) {
      client.line('Unknown TFTP error, treating as file not found')
      client.line('Unable to fetch TFTP image: Not Found')
    }
    return { ...none, status: 'Not Found', why }
  }

  for (const name of extras) yield* fetch(name, false)
  const { secondStage } = program
  let second = yield* fetch(secondStage, true)
  if (!second.ok) {
    client.line(`start_image() returned ${second.status}, falling back to default loader`)
    yield* client.sleep(pauseMs)
    second = yield* fetch(secondStage, true)
  }
  if (!second.ok) {
    client.line(`start_image() returned ${second.status}`)
    yield* client.sleep(pauseMs)
    return end(second.status, say('pxe-client.shim-found-no-second-stage', { why: second.why }))
  }
  const path = `${place.folder}${secondStage}`
  const judged: Judgement | undefined = trust && judgeByShim(programIn(second.head, path), trust, program.builtIn)
  if (judged && !judged.starts) return yield* refuse(judged.because)
  const next = { ...context, server: place.server, file: path, shim: program.builtIn }
  return yield* client.run(client, next, second.head, depth + 1)

  function* refuse(because: Phrase): Step<ProgramEnd> {
    const why = say('pxe-client.shim-refuses', { path, because })
    const complain = (): void => {
      for (const line of ['ERROR', 'Verification failed: (0x1A) Security Violation', '[ OK ]']) client.line(line)
    }
    complain()
    // It waits for a key, for as long as it takes.
    if (!client.habits.pressesKey) return failed('', 'Verification failed: (0x1A) Security Violation', why)
    yield* client.sleep(pauseMs)
    client.line(`Failed to load image: ${securityViolation}`)
    const manager = yield* fetch(mokManager, true)
    if (!manager.ok) {
      client.line(`start_image() returned ${manager.status}`)
      yield* client.sleep(pauseMs)
      return end(manager.status, say('pxe-client.mokmanager-could-enrol-key-not', { why, mokManager }))
    }
    for (const line of ['Perform MOK management', 'Continue boot', 'Enroll key from disk', 'Enroll hash from disk'])
      client.line(line)
    yield* client.sleep(pauseMs)
    yield* fetch(secondStage, true)
    complain()
    client.line(`Failed to load image: ${securityViolation}`)
    client.line(`start_image() returned ${securityViolation}`)
    yield* client.sleep(pauseMs)
    return end(securityViolation, why)
  }
}
