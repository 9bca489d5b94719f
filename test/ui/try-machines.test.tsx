import { expect, test } from 'vitest'
import { labSchema } from '#shared/lab/lab.ts'
import { parseIpv4 } from '#shared/wire/bytes.ts'
import { givenTo } from '../../src/renderer/files/try-machines.ts'

const server = parseIpv4('192.168.77.1')!
const lab = labSchema.parse({
  interface: 'eth0',
  machines: [{ mac: '52:54:00:00:00:07', hostname: 'kiosk', boot: 'kiosk/{hostname}.efi' }],
  boot: {
    programs: [
      { userClass: 'iPXE', file: 'menus/{hostname}.ipxe' },
      { architecture: 'x64-uefi', file: 'ipxe.efi' },
    ],
  },
})

test('a machine that is named gets what its entry says, with its values in the name', () =>
  expect(givenTo(lab, 'edk2', '52:54:00:00:00:07', server)).toEqual({
    file: 'kiosk/kiosk.efi',
    reason: 'machines[0]',
    next: undefined,
  }))

test('a name that cannot be filled in is nothing to load, and says why', () =>
  expect(givenTo(lab, 'ipxe', '52:54:00:00:00:08', server)).toMatchObject({
    file: undefined,
    reason: expect.stringContaining('hostname') as string,
  }))

test('without a MAC address the rules say it as they are written', () =>
  expect(givenTo(lab, 'edk2', undefined, server)).toMatchObject({ file: 'ipxe.efi', next: 'menus/{hostname}.ipxe' }))
