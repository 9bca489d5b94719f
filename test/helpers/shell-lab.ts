/** A lab on loopback that a test of the shell starts without asking anybody's network. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { freePorts } from './free-ports.ts'
import { LabFolder } from './lab.ts'

export interface LoopbackLab {
  readonly folder: LabFolder
  readonly tftp: number
  /** Whether the responder gives the file `hello.txt`, asked once over TFTP (RFC 1350). */
  answers(): Promise<boolean>
}

export async function loopbackLab(): Promise<LoopbackLab> {
  const [dhcp = 0, tftp = 0, bootServer = 0] = await freePorts(3)
  const folder = new LabFolder()
    .write({ interface: '127.0.0.1', mode: 'proxy-dhcp', ports: { dhcp, tftp, bootServer } })
    .put('hello.txt', 'hello')
  return {
    folder,
    tftp,
    async answers() {
      const socket = createSocket('udp4')
      try {
        socket.bind(0, '127.0.0.1')
        await once(socket, 'listening')
        socket.send(Buffer.from('\0\x01hello.txt\0octet\0', 'latin1'), tftp, '127.0.0.1')
        const answer = await Promise.race([
          once(socket, 'message').then(([data]) => data as Buffer),
          new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), 500)),
        ])
        return answer?.subarray(4).toString() === 'hello'
      } finally {
        socket.close()
      }
    },
  }
}
