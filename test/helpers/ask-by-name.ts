/**
 * `node ask-by-name.ts SERVER NAMES.json`, the file being `{ read, write }`: asks for each name of `read` as it is by TFTP,
 * and by HTTP without tidying the path, and to write each of `write`. Prints what came as JSON: lists of `{ name, tftp, http }`
 * and `{ name, tftp }`, each answer the data or what the server said.
 */
import { createSocket } from 'node:dgram'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { decodeTftp, encodeTftp, type TftpPacket } from '#shared/wire/tftp.ts'

const [server = '', file = ''] = process.argv.slice(2)

function overTftp(kind: 'rrq' | 'wrq', name: string): Promise<string> {
  const socket = createSocket('udp4')
  const request = encodeTftp({ kind, filename: name, mode: 'octet', options: [] })
  return new Promise<string>((resolve) => {
    const send = (): void => socket.send(request, 69, server)
    const again = setInterval(send, 2000)
    const limit = setTimeout(() => resolve('silence'), 9000)
    socket.on('message', (bytes, from) => {
      const packet = decodeTftp(bytes).packet as TftpPacket
      if (packet.kind === 'data')
        socket.send(encodeTftp({ kind: 'error', code: 0, message: 'seen enough' }), from.port, server)
      clearInterval(again)
      clearTimeout(limit)
      resolve(
        packet.kind === 'data'
          ? `data: ${Buffer.from(packet.data).toString()}`
          : packet.kind === 'error'
            ? `error ${packet.code}: ${packet.message}`
            : packet.kind,
      )
    })
    send()
  }).finally(() => socket.close())
}

function overHttp(name: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(80, server)
    let answer = ''
    socket.setEncoding('utf8').on('data', (text: string) => (answer += text))
    socket.on('close', () => resolve(`${/ (\d+) /.exec(answer)?.[1]}: ${answer.split('\r\n\r\n')[1] ?? ''}`))
    socket.on('error', reject)
    socket.write(`GET /${encodeURIComponent(name)} HTTP/1.1\r\nHost: ${server}\r\nConnection: close\r\n\r\n`)
  })
}

const names = JSON.parse(readFileSync(file, 'utf8')) as { read: string[]; write: string[] }
const answers = { read: [] as object[], write: [] as object[] }
for (const name of names.read)
  answers.read.push({ name, tftp: await overTftp('rrq', name), http: await overHttp(name) })
for (const name of names.write) answers.write.push({ name, tftp: await overTftp('wrq', name) })
process.stdout.write(JSON.stringify(answers))
