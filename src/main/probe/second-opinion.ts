/**
 * Two clients that others wrote, the npm packages `dhcp` and `tftp2`, in a process of their own: they ask the same, and
 * what they hear is held against what our own clients heard. Sends one message.
 */
import { createHash } from 'node:crypto'
import dhcp from 'dhcp'
import tftp from 'tftp2'
import { endWithParent, tellParent } from '../child-process.ts'
import { broadcastFlag } from '#shared/wire/dhcp/message.ts'

export type SecondQuestion =
  | { readonly kind: 'dhcp'; readonly mac: string; readonly waitMs: number }
  | { readonly kind: 'tftp'; readonly server: string; readonly file: string; readonly waitMs: number }

export interface SecondAnswer {
  /** Servers that offered, with the address each offered. */
  readonly offers?: readonly { readonly server: string; readonly address: string }[]
  readonly bytes?: number
  readonly sha256?: string
  readonly problem?: string
}

const question = JSON.parse(process.argv[2] ?? '{}') as SecondQuestion
// Whoever asked ends this process when the answer has come.
const answer = (value: SecondAnswer): void => tellParent(value)
endWithParent()
process.on('uncaughtException', (error) => answer({ problem: error.message }))

if (question.kind === 'dhcp') {
  const offers = new Map<string, string>()
  const client = dhcp.createClient({ mac: question.mac })
  // Whoever has another hardware address than the card hears broadcasts alone.
  const send = client['_send'].bind(client)
  client['_send'] = (host, message) => send(host, { ...message, flags: broadcastFlag })
  client.on('message', (message) => {
    const server = message.options[54]
    if (message.options[53] === 2 && message.chaddr.toLowerCase().replaceAll('-', ':') === question.mac)
      offers.set(typeof server === 'string' ? server : message.siaddr, message.yiaddr)
    // It would go on and lease the address.
    message.options[53] = 0
  })
  client.on('error', (error) => answer({ problem: error.message }))
  client.on('listening', () => client.sendDiscover())
  client.listen()
  setTimeout(() => answer({ offers: [...offers].map(([server, address]) => ({ server, address })) }), question.waitMs)
} else {
  const hash = createHash('sha256')
  let bytes = 0
  setTimeout(() => answer({ problem: `no end after ${bytes} bytes` }), question.waitMs)
  await tftp(question.server, 69).read(
    question.file,
    (chunk) => {
      bytes += chunk.length
      hash.update(chunk)
    },
    () => {},
  )
  answer({ bytes, sha256: hash.digest('hex') })
}
