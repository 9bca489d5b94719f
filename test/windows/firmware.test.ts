/** Real firmware boots from the responder under Windows Node. */
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeGrub, marker, powerOn, secondConfiguration } from '../helpers/firmware.ts'
import { eventsOf, LabFolder, startResponder } from '../helpers/lab.ts'
import { Network } from '../helpers/network.ts'
import { describeWith } from '../helpers/requirements.ts'
import { Windows, windowsNeeds } from '../helpers/wine.ts'

const server = '192.168.77.1'
const firmwareNeeds = ['root', 'tun', 'ip', 'qemu-system-x86_64', 'grub-mkimage', 'grub-pxe', 'ovmf', 'ipxe-rom']

describeWith([...windowsNeeds, ...firmwareNeeds], 'real firmware boots from Windows', () => {
  let network: Network
  let windows: Windows
  let folder: LabFolder
  let space: string
  beforeEach(() => {
    network = new Network()
    space = network.namespace('w')
    network.bridge(space, 'br0', [`${server}/24`])
    network.tap(space, 'tap0', 'br0')
    windows = new Windows({ namespace: space })
    folder = new LabFolder()
  })
  afterEach(async () => {
    await windows.close()
    await network.close()
    folder.remove()
  })

  test.each([
    ['bios', '52:54:00:77:00:11', 'grub-bios.0'],
    ['uefi-x64', '52:54:00:77:00:13', 'grub-x64.efi'],
  ] as const)('%s', async (firmware, mac, file) => {
    folder.write({
      interface: server,
      mode: 'dhcp',
      allowOtherServers: true,
      dhcp: { subnets: [{ subnet: '192.168.77.0/24', pools: [{ start: '192.168.77.100', end: '192.168.77.199' }] }] },
      boot: { programs: [{ file }] },
    })
    makeGrub(join(folder.root, 'boot'), firmware, server)
    folder.put(`grub/second-${firmware}.cfg`, secondConfiguration(firmware))
    const responder = await startResponder(network, space, folder, {}, windows.node)
    const machine = powerOn(network, space, firmware, 'tap0', mac, folder.root)
    await machine.sees(marker(firmware), 240)
    await responder.sees(new RegExp(`"type":"transfer-ended"[^\\n]*second-${firmware}`))
    const completed = eventsOf(responder).filter(
      (event) => event.type === 'transfer-ended' && event['outcome'] === 'completed',
    )
    expect(completed.map((event) => (event['transfer'] as { file: string }).file)).toEqual(
      expect.arrayContaining([file, `grub/second-${firmware}.cfg`]),
    )
    await expect
      .poll(() => eventsOf(responder))
      .toContainEqual(expect.objectContaining({ type: 'dhcp-acknowledged', address: '192.168.77.100' }))
  })
})
