/** How long each firmware waits, in milliseconds, as seen on the wire of `test/fixtures/captures` or read in its source. */
import { expect, test } from 'vitest'
import { firmwareClocks, type FirmwareKind } from '#shared/trace/firmware.ts'

const pxe = {
  discover: [4000, 8000, 16_000, 32_000],
  bootServer: [1000, 2000, 3000, 4000],
  tftp: [4000, 4000, 4000, 4000, 4000, 4000],
}

const clocks: Readonly<Record<FirmwareKind, unknown>> = {
  // Intel, Preboot Execution Environment 2.1, sections 2.2.3 and 2.4.1.
  'bios-rom': pxe,
  edk2: pxe,
  'edk2-http': pxe,
  wds: pxe,
  other: pxe,
  ipxe: {
    discover: [1000, 2000, 4100, 8100],
    bootServer: [250, 550, 1000, 2100],
    tftp: [250, 550, 1000, 2100, 4000, 8100],
  },
  'windows-pe': { ...pxe, tftp: [1000, 1000, 1000, 1000, 1000] },
  'u-boot': { discover: [3000, 3000, 3000, 3000], bootServer: [], tftp: Array.from({ length: 11 }, () => 5000) },
  // As seen of a Raspberry Pi 3: about five seconds between tries.
  'raspberry-pi': { discover: [5000, 5000, 5000, 5000], bootServer: [], tftp: [5000, 5000, 5000, 5000] },
  'soc-rom': pxe,
  grub: { discover: [200, 400, 800, 1600], bootServer: [], tftp: [200, 400, 800, 1600, 3200] },
  linux: { ...pxe, tftp: [5000, 5000, 5000] },
}

test('each firmware has its clock', () => {
  const rounded = Object.fromEntries(
    Object.entries(firmwareClocks).map(([kind, { discover, bootServer, tftp }]) => [
      kind,
      { discover: discover.map(Math.round), bootServer: bootServer.map(Math.round), tftp: tftp.map(Math.round) },
    ]),
  )
  expect(rounded).toEqual(clocks)
})
