/**
 * Writes boot configuration data (BCD) for Windows PE from a RAM disk, as `bcdedit` makes it by the documented steps for PXE
 * (Microsoft, "Windows PE network boot"; BCD reference: BcdLibraryElementTypes, BcdBootMgrElementTypes,
 * BcdOSLoaderElementTypes, BcdDeviceObjectElementTypes). The layout of device elements is that of the stores on
 * installation media.
 */
import { concatBytes, parseUuid } from './bytes.ts'
import { valueTypes, writeHive, type NewKey } from './registry-hive-writer.ts'

export interface BootEntry {
  /** What the boot manager shows; several entries are a menu. */
  readonly title: string
  /** From the root of the server, such as `\Boot\boot.wim`. */
  readonly image: string
}

export interface NewBootConfiguration {
  readonly entries: readonly BootEntry[]
  /** Path of the RAM disk's frame, such as `\Boot\boot.sdi`. */
  readonly sdi: string
  readonly firmware: 'bios' | 'uefi'
  /** Bytes of a block and blocks of a window, for the transfer of the image over TFTP. */
  readonly blockSize: number
  readonly windowSize: number
  /** How long a menu waits. */
  readonly timeoutSeconds: number
}

/** Objects that every store names alike (BCD reference, "BCD objects"). */
const bootManager = '{9dea862c-5cdd-4e70-acc1-f32b344d4795}'
const ramDiskOptions = '{ae5534e0-a924-466c-b836-758539a3ee3a}'
/** Entries have identifiers of their own choice; this and those that follow it are the ones of this writer. */
const entryId = (index: number): string => `{7c0d3f2a-5b1e-4c59-9d64-${(0x1000_0000_0000 + index).toString(16)}}`

const objectTypes = { bootManager: 0x1010_0002, loader: 0x1020_0003, device: 0x3000_0000 } as const

function utf16(text: string): Uint8Array {
  const bytes = new Uint8Array((text.length + 1) * 2)
  const view = new DataView(bytes.buffer)
  for (let index = 0; index < text.length; index++) view.setUint16(index * 2, text.charCodeAt(index), true)
  return bytes
}

const u32s = (...values: readonly number[]): Uint8Array => {
  const bytes = new Uint8Array(values.length * 4)
  const view = new DataView(bytes.buffer)
  for (const [index, value] of values.entries()) view.setUint32(index * 4, value, true)
  return bytes
}

/** A device without what is before it: type, flags, size of the whole, and what the type needs. */
const bootDevice = concatBytes([u32s(5, 0, 0x48, 0), new Uint8Array(0x38)])

/** A RAM disk filled from a file of the boot device: where in memory is decided at boot, so all of that is nothing. */
function ramDisk(image: string): Uint8Array {
  const path = utf16(image)
  const source = concatBytes([u32s(1, 12 + bootDevice.length + path.length, 5), bootDevice, path])
  const disk = concatBytes([u32s(3, 0, 0, 0, 0, 0), source])
  return concatBytes([parseUuid(ramDiskOptions)!, u32s(0, 1, 16 + disk.length, 0), disk])
}

const device = (type: string, data: Uint8Array): NewKey => element(type, valueTypes.bytes, data)
const text = (type: string, value: string): NewKey => element(type, valueTypes.text, utf16(value))
const integer = (type: string, value: number): NewKey => element(type, valueTypes.bytes, u32s(value, 0))
const yes = (type: string): NewKey => element(type, valueTypes.bytes, Uint8Array.of(1))
const objects = (type: string, ids: readonly string[]): NewKey =>
  element(type, valueTypes.texts, concatBytes([...ids.map(utf16), new Uint8Array(2)]))

function element(name: string, type: (typeof valueTypes)[keyof typeof valueTypes], data: Uint8Array): NewKey {
  return { name, values: [{ name: 'Element', type, data }] }
}

const object = (name: string, type: number, elements: readonly NewKey[]): NewKey => ({
  name,
  keys: [
    { name: 'Description', values: [{ name: 'Type', type: valueTypes.number, data: u32s(type) }] },
    { name: 'Elements', keys: elements },
  ],
})

/** The store as a file. */
export function writeBootConfiguration(wanted: NewBootConfiguration): Uint8Array {
  const { entries, sdi, firmware, blockSize, windowSize, timeoutSeconds } = wanted
  const ids = entries.map((_, index) => entryId(index))
  const loader = `\\Windows\\System32\\Boot\\winload.${firmware === 'uefi' ? 'efi' : 'exe'}`
  const onBootDevice = concatBytes([new Uint8Array(16), bootDevice])
  return writeHive({
    name: 'NewStoreRoot',
    keys: [
      {
        name: 'Description',
        values: [
          { name: 'KeyName', type: valueTypes.text, data: utf16('BCD00000001') },
          { name: 'System', type: valueTypes.number, data: u32s(1) },
          { name: 'TreatAsSystem', type: valueTypes.number, data: u32s(1) },
        ],
      },
      {
        name: 'Objects',
        keys: [
          object(bootManager, objectTypes.bootManager, [
            text('12000004', 'Windows Boot Manager'),
            ...(ids[0] === undefined ? [] : [text('23000003', ids[0])]),
            objects('24000001', ids),
            integer('25000004', timeoutSeconds),
          ]),
          object(ramDiskOptions, objectTypes.device, [
            text('12000004', 'RAM disk options'),
            device('31000003', onBootDevice),
            text('32000004', sdi),
            integer('35000007', blockSize),
            integer('35000008', windowSize),
          ]),
          ...entries.map(({ title, image }, index) =>
            object(ids[index]!, objectTypes.loader, [
              device('11000001', ramDisk(image)),
              text('12000002', loader),
              text('12000004', title),
              device('21000001', ramDisk(image)),
              text('22000002', '\\Windows'),
              yes('26000010'),
              yes('26000022'),
            ]),
          ),
        ],
      },
    ],
  })
}
