/** The address of this server that an entry of the menu gets, from what is known of it. */
import { expect, test } from 'vitest'
import { labSchema } from '#shared/lab/lab.ts'
import { serverOf } from '../../src/renderer/files/disc-image.tsx'

const lab = (rest: object = {}): never => ({ lab: labSchema.parse({ interface: 'eth1', ...rest }) }) as never
const status = (...listening: readonly object[]): never => ({ listening }) as never
const interfaces = [
  { name: 'lo', address: '127.0.0.1', isLoopback: true },
  { name: 'eth1', address: '192.168.77.1', isLoopback: false },
] as never
const tftp = { service: 'tftp', address: '10.0.0.1', port: 69 }

test.each([
  ['where HTTP listens, with its port', status({ service: 'http', address: '10.0.0.1', port: 8080 }), lab(), 'http://10.0.0.1:8080'],
  ['the responder without HTTP, which is switched on with the entry', status(tftp), lab(), 'http://10.0.0.1'],
  ['the port that HTTP will have', status(tftp), lab({ http: { port: 8080 } }), 'http://10.0.0.1:8080'],
  ['the interface of the lab before it runs', status(), lab(), 'http://192.168.77.1'],
  ['an interface named by its address', status(), lab({ interface: ['192.168.77.1'] }), 'http://192.168.77.1'],
  ['an interface that is not there', status(), lab({ interface: 'eth7' }), ''],
  ['the loopback reaches nobody', status(), lab({ interface: 'lo' }), ''],
  ['IPv6 is not what the menu names', status({ ...tftp, address: 'fd00::1' }), lab({ interface: 'eth7' }), ''],
] as const)('%s', (_, now, known, address) => {
  expect(serverOf({ status: now, lab: known, interfaces })).toBe(address)
}) // prettier-ignore
