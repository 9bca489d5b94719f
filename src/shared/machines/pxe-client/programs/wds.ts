/**
 * The first programs of Windows Deployment Services: wdsnbp.com and wdsmgfw.efi, which ask port 4011 again with option
 * 250 and wait where an administrator has to approve, and pxeboot, which asks for a key. Of option 250 the actions and the
 * prompt values are of the Windows SDK (wdsbp.h); the other sub-options are what captures show.
 */
import { say } from '#messages/message.ts'
import { bytesOfU32, concatBytes, decodeText, formatIpv4, u16At, u32At } from '../../../wire/bytes.ts'
import { messageTypes } from '../../../wire/dhcp/kinds.ts'
import { bootFileOf, findOptionData, type DhcpMessage, type DhcpOption } from '../../../wire/dhcp/message.ts'
import { optionCodes } from '../../../wire/dhcp/options.ts'
import { findSubOption } from '../../../wire/dhcp/spaces.ts'
import { failed, shown, type ClientContext, type Step } from '../client.ts'
import { clientMessage, machineIdentifier, messageTypeOption, option, replyIn, textOption } from '../dhcp-dialogue.ts'
import { wdsActions, wdsOption, wdsPrompts, wdsSub } from '../../wds-options.ts'
import { download, tftpOptions } from '../download.ts'
import type { BootContext, ProgramEnd } from '../boot-context.ts'

const requestMs = [1000, 2000, 3000, 4000]
const tftpRetryMs = [1000, 2000, 4000, 8000]
const keyMs = 10_000

/** What the server said last. */
interface Answer {
  readonly message: DhcpMessage
  readonly sub: (code: number) => Uint8Array | undefined
}

function* ask(
  client: ClientContext,
  context: BootContext,
  server: number,
  requestId: number,
): Step<Answer | undefined> {
  const port = context.platform === 'uefi' ? 4011 : 68
  const xid = client.randomU32()
  // The processor, not the firmware: 9 is x64 here.
  const cpu = context.architecture === 6 ? 6 : context.architecture === 11 ? 11 : 9
  const block: DhcpOption = {
    code: wdsOption,
    data: concatBytes([
      Uint8Array.of(wdsSub.promptDone, 1, 1, wdsSub.version, 2, 8, 0, wdsSub.architecture, 2, 0, cpu),
      Uint8Array.of(wdsSub.actionDone, 1, 1, wdsSub.requestId, 4),
      bytesOfU32(requestId),
      Uint8Array.of(255),
    ]),
  }
  for (const [index, wait] of requestMs.entries()) {
    client.stage('boot-server', say('pxe-client.asks-with-250', { server: formatIpv4(server) }))
    client.send(
      port,
      { address: server, port: 4011 },
      clientMessage(client, { xid, secs: index, flags: 0, ciaddr: client.lease!.address }, [
        messageTypeOption(messageTypes.request),
        option(optionCodes.parameterRequestList, 3, 1, 60, 128, 129, 130, 131, 132, 133, 134, 135),
        option(optionCodes.architecture, context.architecture >> 8, context.architecture & 255),
        block,
        textOption(optionCodes.vendorClass, 'PXEClient'),
        machineIdentifier(client),
      ]),
    )
    const until = client.now + wait
    while (client.now < until) {
      const reply = replyIn(client, yield until, xid, port)
      if (reply?.type !== messageTypes.ack) continue
      const data = findOptionData(reply.message, wdsOption)
      return {
        message: reply.message,
        sub: (code) => (data ? findSubOption('wds', data, code) : undefined),
      }
    }
  }
  return undefined
}

/** Asks until there is a program to load: waits for approval, follows a referral, obeys an abort. */
function* decide(client: ClientContext, context: BootContext): Step<Answer | ProgramEnd> {
  let { server } = context
  if (typeof server === 'string') {
    const because = say('pxe-client.how-program-goes-over-ipv6')
    return failed('', '', because)
  }
  let requestId = 0
  let polls = 0
  for (;;) {
    const answer = yield* ask(client, context, server, requestId)
    if (!answer) {
      const line = 'TFTP download failed.'
      client.line(line)
      return failed('', line, say('pxe-client.did-not-answer-request-option', { server: formatIpv4(server) }))
    }
    const action = answer.sub(wdsSub.nextAction)?.[0]
    if (action === wdsActions.abort) {
      client.line('PXE Boot aborted. Booting to next device...')
      return 'returned'
    }
    if (action === wdsActions.referral) {
      server = u32At(answer.sub(wdsSub.referralServer) ?? new Uint8Array(4), 0)
      client.line(`Contacting Server: ${shown(server)}.`)
      continue
    }
    if (action !== wdsActions.approval) return answer
    const id = u32At(answer.sub(wdsSub.requestId) ?? new Uint8Array(4), 0)
    const seconds = u16At(answer.sub(wdsSub.pollInterval) ?? Uint8Array.of(0, 10), 0)
    const most = u16At(answer.sub(wdsSub.pollRetryCount) ?? Uint8Array.of(8, 0x70), 0)
    if (polls === 0) {
      requestId = id
      client.line()
      client.line('The details below show the information relating to the PXE boot request for this computer.')
      client.line('Please provide these details to your Windows Deployment Services Administrator so that this')
      client.line('request can be approved.')
      client.line()
      client.line(`Pending Request ID: ${id}`)
      client.line()
      client.line('Message from Administrator:')
      const words = answer.sub(wdsSub.message)
      if (words) client.line(decodeText(words))
      client.line()
    }
    if (++polls > most) {
      const line = 'PXE Boot aborted. Booting to next device...'
      client.line(line)
      return failed('', line, say('pxe-client.nobody-approved-request'))
    }
    client.stage('boot-server', say('pxe-client.waits-approval-request', { id }))
    yield* client.sleep(seconds * 1000)
  }
}

/** Loads the next program from the WDS server and runs it. */
function* chain(client: ClientContext, context: BootContext, file: string, reply: DhcpMessage): Step<ProgramEnd> {
  client.stage('file', file)
  const loaded = yield* download(client, {
    server: context.server,
    file,
    sourcePort: client.randomPort(),
    options: tftpOptions(['tsize', 0], ['blksize', 1456]),
    retryMs: tftpRetryMs,
  })
  if (!loaded.ok) {
    const line = loaded.why === 'error' ? 'PXE-T01: File not found' : 'TFTP download failed.'
    client.line(line)
    return failed('', line, say('pxe-client.did-not-come', { file, message: loaded.message }))
  }
  return yield* client.run(client, { ...context, file, reply }, loaded.head)
}

/** Whether the person presses the key in time. */
function* pressesKey(client: ClientContext, question: string): Step<boolean> {
  client.line(question)
  client.stage('program', question)
  yield* client.sleep(client.habits.pressesKey ? 1500 : keyMs)
  return client.habits.pressesKey
}

const isEnd = (answer: Answer | ProgramEnd): answer is ProgramEnd => answer === 'returned' || 'state' in answer

export function* runWdsnbp(client: ClientContext, context: BootContext): Step<ProgramEnd> {
  client.line('Downloaded WDSNBP...')
  client.line()
  client.line('Architecture: x64')
  client.line(`Contacting Server: ${shown(context.server)}.`)
  const answer = yield* decide(client, context)
  if (isEnd(answer)) return answer
  const file = bootFileOf(answer.message)
  client.line(`TFTP Download: ${file}`)
  return yield* chain(client, context, file, answer.message)
}

export function* runWdsmgfw(client: ClientContext, context: BootContext): Step<ProgramEnd> {
  client.print('\f')
  client.line(`Windows Deployment Services (Server IP: ${shown(context.server)})`)
  client.line()
  client.line('Contacting Server...')
  const answer = yield* decide(client, context)
  if (isEnd(answer)) return answer
  if (answer.sub(wdsSub.prompt)?.[0] === wdsPrompts.optIn)
    if (!(yield* pressesKey(client, 'Press ENTER for network boot service.'))) return 'returned'
  return yield* chain(client, context, bootFileOf(answer.message), answer.message)
}

/** pxeboot.com asks for F12; pxeboot.n12 does not. */
export function* runPxeboot(client: ClientContext, context: BootContext): Step<ProgramEnd> {
  if (!/\.n12$/i.test(context.file) && !(yield* pressesKey(client, 'Press F12 for network service boot')))
    return aborted(client)
  const folder = context.file.slice(0, Math.max(context.file.lastIndexOf('\\'), context.file.lastIndexOf('/')) + 1)
  return yield* chain(client, context, `${folder}bootmgr.exe`, context.reply)
}

function aborted(client: ClientContext): 'returned' {
  client.line('PXE Boot aborted. Booting to next device...')
  return 'returned'
}
