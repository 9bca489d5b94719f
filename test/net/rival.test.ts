/** The rival DHCP server on real sockets: it holds the port, answers its own machines only, and goes away with its master. */
import { beforeAll, expect, test } from 'vitest'
import { dhclient } from '../helpers/dhclient.ts'
import { cli } from '../helpers/lab.ts'
import { labWireForAllTests } from '../helpers/lab-wire.ts'
import type { Running } from '../helpers/network.ts'
import { describeWith } from '../helpers/requirements.ts'

const server = '192.168.77.1'
const { network, folder, here, there } = labWireForAllTests({ server: [`${server}/24`], client: [] })

describeWith(['root', 'ip', 'dhclient'], 'rival', () => {
  beforeAll(() => {
    network.ip('-n', here, 'route', 'replace', '255.255.255.255/32', 'dev', 'srv0')
    folder.write({
      interface: 'srv0',
      mode: 'dhcp',
      dhcp: { subnets: [{ subnet: '192.168.77.0/24', pools: [{ start: '192.168.77.100', end: '192.168.77.120' }] }] },
    })
  })

  /** What ISC's client is given with that hardware address. */
  const lease = (mac: string, seconds?: number): Promise<string> => {
    network.ip('-n', there, 'link', 'set', 'cli0', 'address', mac)
    return dhclient(network, there, 'cli0', folder.root, seconds)
  }
  const respond = () => network.exec(here, process.execPath, [cli, 'respond', '--config', folder.file], 20)
  const rival = async (...more: string[]): Promise<Running> => {
    const running = network.start(here, process.execPath, [cli, 'rival', '-i', 'srv0', ...more])
    await running.sees(/ready: holds UDP port 67 as 192\.168\.77\.1, process (\d+)/)
    return running
  }

  test('the responder says who has the port; the machines of the demonstration get the wrong addresses', async () => {
    const running = await rival('--client', '52:54:00:00:00:01')
    const { code, stderr } = await respond()
    expect(code).toBe(3)
    expect(stderr).toMatch(/UDP port 67 .* is in use by pxe-lab rival \(process \d+\)/)
    // An address of the rival's range, at the end of the network.
    expect(await lease('52:54:00:00:00:01')).toMatch(/DHCPACK of 192\.168\.77\.2[34]\d/)
    // Somebody else gets nothing.
    await expect(lease('52:54:00:00:00:02', 8)).rejects.toThrow(/bound to/)
    await running.stop()
    // It took its process with it: the port is free, and the second rival can have it.
    const second = await rival('--client', '52:54:00:00:00:01')
    await second.stop()
  })

  test('without a machine, or with the port taken, it says what to do', async () => {
    const none = await network.exec(here, process.execPath, [cli, 'rival', '-i', 'srv0'], 20)
    expect(none.stderr).toMatch(/required option '--client/)
    const wrong = await network.exec(here, process.execPath, [cli, 'rival', '-i', 'srv0', '--client', 'nonsense'], 20)
    expect(wrong.stderr).toMatch(/nonsense is not a MAC address\. Use one such as/)
    expect(wrong.code).toBe(64)
    const nowhere = await network.exec(
      here,
      process.execPath,
      [cli, 'rival', '-i', 'moon0', '--client', '52:54:00:00:00:01'],
      20,
    )
    expect(nowhere.stderr).toMatch(/this machine has no interface moon0\. Use one of: /)
    expect(nowhere.code).toBe(1)
  })
})
