/**
 * Folders that electron-builder takes for an unpacked Electron, where the real one cannot be fetched: a program that is
 * well-formed for its system and has fuses to be set, and the files that lie beside it.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { NtExecutable, NtExecutableResource, Resource } from 'resedit'

/** What @electron/fuses looks for: a fixed text, the version of the wire, its length, and a state ('0', '1') for each fuse. */
const fuseWire = Buffer.concat([
  Buffer.from('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'),
  Buffer.from([1, 8]),
  // As Electron comes: RunAsNode, NODE_OPTIONS and --inspect on, the rest off; V8 snapshot off, file:// privileges on.
  Buffer.from('10110001'),
])

/** A 64-bit Windows program without a signature: no code that does anything, the fuses, and version information as Electron's. */
function windowsProgram() {
  const program = NtExecutable.createEmpty(false, false)
  // Everything is loaded as read-only data.
  const readable = 0x4000_0040
  program.setSectionByEntry(0, {
    info: {
      name: '.rdata',
      virtualSize: 0x200,
      virtualAddress: 0x1000,
      sizeOfRawData: 0x200,
      pointerToRawData: 0x400,
      pointerToRelocations: 0,
      pointerToLineNumbers: 0,
      numberOfRelocations: 0,
      numberOfLineNumbers: 0,
      characteristics: readable,
    },
    data: new Uint8Array(Buffer.concat([fuseWire, Buffer.alloc(0x200 - fuseWire.length)])).buffer,
  })
  const english = { lang: 1033, codepage: 1200 }
  const version = Resource.VersionInfo.createEmpty()
  version.setFileVersion('45.4.1.0', english.lang)
  version.setStringValues(english, { ProductName: 'Electron', FileDescription: 'Electron' })
  const resources = NtExecutableResource.from(program)
  version.outputToResourceEntries(resources.entries)
  resources.outputResource(program)
  return Buffer.from(program.generate())
}

export function writeStubElectron(folder, system) {
  mkdirSync(join(folder, 'resources'), { recursive: true })
  mkdirSync(join(folder, 'locales'))
  const write = (name, content, mode = 0o644) => writeFileSync(join(folder, name), content, { mode })
  if (system === 'win32') write('electron.exe', windowsProgram())
  else {
    write('electron', Buffer.concat([Buffer.from('#!/bin/sh\nexit 0\n'), fuseWire]), 0o755)
    write('chrome-sandbox', '', 0o755)
  }
  write('version', '45.4.1')
  write('LICENSE', 'Electron licence\n')
  write('LICENSES.chromium.html', '<p>Chromium licences</p>\n')
  for (const language of ['en-US', 'de']) write(`locales/${language}.pak`, '')
}
