import { describe, expect, test } from 'vitest'
import { segmentsOf } from '../../src/main/responder/boot-folder.ts'
import { hostileWindowsNames } from '../helpers/hostile-names.ts'

describe('names on Windows', () => {
  // A path of the network is the relative path of the same words: nothing but the folder is ever asked.
  test.each(hostileWindowsNames.filter((name) => !name.startsWith('\\\\localhost')))('%j is refused', (name) => {
    expect(segmentsOf(name, 'win32')).toBeTypeOf('string')
  })

  test.each(['boot\\x64\\wdsmgfw.efi', '/grub/second.cfg', 'console.txt', 'com10.txt', 'auxiliary', 'null', 'a.b.c', '.hidden', 'Prüfung 1.txt', 'PROGRA~1'])(
    '%j is a name',
    (name) => expect(segmentsOf(name, 'win32')).toBeInstanceOf(Array),
  ) // prettier-ignore

  test('elsewhere a colon or a dot at the end is part of a name, and a device name still is none', () => {
    expect(segmentsOf('pxelinux.cfg/01:02', 'linux')).toEqual(['pxelinux.cfg', '01:02'])
    expect(segmentsOf('readme.', 'linux')).toEqual(['readme.'])
    expect(segmentsOf('con .txt', 'linux')).toBeTypeOf('string')
  })
})
