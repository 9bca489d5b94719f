/** Every command refuses what makes no sense with a sentence and the exit code that its help names. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cli } from '../helpers/lab.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pxe-lab-codes-'))
  writeFileSync(join(folder, 'site.yaml'), 'version: 1\n')
  writeFileSync(join(folder, 'https.yaml'), 'interface: lo\nstate: ./state\n')
  for (const [name, type] of [
    ['pe', 'WindowsPE'],
    ['install', 'Client'],
  ] as const)
    writeFileSync(
      join(folder, `${name}.wim`),
      windowsImage(
        `<WIM><IMAGE INDEX="1"><NAME>x</NAME><WINDOWS><INSTALLATIONTYPE>${type}</INSTALLATIONTYPE></WINDOWS></IMAGE></WIM>`,
      ),
    )
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A header and XML, as a file of one image that boots has them. */
function windowsImage(xml: string): Buffer {
  const text = Buffer.from(`\ufeff${xml}`, 'utf16le')
  const header = Buffer.alloc(208)
  header.write('MSWIM\0\0\0', 'latin1')
  for (const [at, value] of [[40, 0x1_0001], [44, 1], [72, text.length], [80, 208], [120, 1]] as const) header.writeUInt32LE(value, at) // prettier-ignore
  return Buffer.concat([header, text])
}

const run = (line: string): Promise<{ status: number | null; told: string }> =>
  new Promise((resolve) => {
    const child = execFile(process.execPath, [cli, ...line.split(' ')], { cwd: folder, timeout: 300_000 }, (_error, stdout, stderr) =>
      resolve({ status: child.exitCode, told: `${stdout}${stderr}` }),
    ) // prettier-ignore
    child.stdin!.end()
  })

const capture = (name: string): string => fileURLToPath(new URL(`../fixtures/captures/${name}.pcap`, import.meta.url))

const rows: readonly (readonly [string, number, string])[] = [
  ['report none.pcap -o x.html', 2, 'none.pcap does not exist (ENOENT)'],
  ['simulate --list', 0, 'File transfer'],
  ['doctor --facts none', 2, '--facts none does not exist (ENOENT)'],
  ['remedy --state . undo', 64, 'there is nothing to undo'],
  ['remedy --state . finish 1', 64, 'there is no'],
  ['remedy answer bad --journal .', 1, 'bad is no name of a request'],
  ['probe -i none0', 2, 'none0 is not an interface'],
  ['probe -i lo --arch x', 64, '--arch x is not a client'],
  ['scale --machines 10x', 64, '--machines 10x is not valid. Use a whole number from 1 to 100000.'],
  ['scale --machines 10 --program 3X', 64, '--program 3X is not a size'],
  ['scale --machines 10 --within 60 --minutes 1', 64, '--within 60 is too long'],
  ['scale --machines 10 --firmware x', 64, 'Use edk2 or bios'],
  ['scale --machines 10 --measured none', 2, '--measured none does not exist (ENOENT)'],
  ['scale --machines 10 --measured site.yaml', 2, 'is not JSON'],
  ['scale --machines 10', 0, 'Advice for 10 machines in 15 min: 1 server, TFTP, block 1468, window 4'],
  ['scale --machines 10 --minutes 0.1', 1, 'Nothing that was tried boots 10 machines'],
  ['certificate --config none.yaml', 2, 'none.yaml does not exist (ENOENT)'],
  ['certificate --config https.yaml --form x', 64, 'Use one of: pem, der, edk2-cacerts.'],
  ['certificate --config https.yaml', 0, 'Machines boot over HTTPS only if they trust this authority'],
  ['certificate --config https.yaml --out none/ca.pem', 2, 'none/ca.pem cannot be written (ENOENT'],
  ['certificate --config https.yaml --form edk2-cacerts --out ca.bin', 0, 'ca.bin: CN=PXE Lab CA'],
  ['image none', 2, 'none does not exist (ENOENT)'],
  ['image site.yaml', 2, 'site.yaml is not a disc image'],
  ['windows-pe none', 2, 'none does not exist (ENOENT)'],
  ['windows-pe site.yaml', 2, 'site.yaml is not a Windows image'],
  ['windows-pe site.yaml --firmware x', 64, 'Use uefi or bios'],
  ['windows-pe site.yaml --block 1', 64, '--block 1 is not valid. Use a whole number from 512 to 65464.'],
  ['windows-pe site.yaml --path C:/x.wim', 64, 'is not a path on the server'],
  ['windows-pe pe.wim', 0, 'pe.wim: Windows PE (WIM)'],
  ['windows-pe pe.wim --measure none0', 64, '--measure none0 is not an interface with an IPv4 address'],
  ['windows-pe pe.wim --measured boot.pcap --measure lo', 64, '--measured and --measure cannot be combined'],
  [
    `windows-pe pe.wim --store captured.bcd --measured ${capture('full-uefi-x64')}`,
    0,
    'with a block size of 1468 bytes and a window size of 1.\n  Blocks of 1468 bytes, 1 in a window, came at',
  ],
  [
    `windows-pe pe.wim --measured ${capture('full-bios-legacy')}`,
    2,
    'has no file of 128 KiB or more that was transferred by TFTP',
  ],
  ['windows-pe pe.wim --store new/Boot/BCD', 0, 'Wrote new/Boot/BCD'],
  ['windows-pe pe.wim --store site.yaml/BCD', 2, 'site.yaml/BCD cannot be written (EEXIST)'],
  ['windows-pe pe.wim --measured site.yaml', 2, 'is not the output of pxe-lab probe --rehearse --json'],
  [
    'windows-pe pe.wim --store BCD --window 16',
    0,
    'load \\Boot\\boot.sdi and \\Boot\\pe.wim with a block size of 1456 bytes and a window size of 16',
  ],
  ['windows-pe pe.wim --store BCD --json', 0, '"image":"\\\\Boot\\\\pe.wim"'],
  ['windows-pe install.wim', 1, 'It does not boot: it holds Windows to be installed'],
  ['plan none', 2, 'none does not exist (ENOENT)'],
  ['plan site.yaml --only none', 64, 'none'],
  ['read-log none', 2, 'none does not exist (ENOENT)'],
  ['rival -i none0 --client 52:54:00:00:00:01', 1, 'this machine has no interface none0'],
  ['rival -i lo --client x', 64, '--client x is not a MAC address'],
  ['capture -i none0', 1, 'none0'],
  ['approvals --state . approve all', 1, 'no pxe-lab serve uses the state folder'],
  ['approvals --state . name all x', 1, 'no pxe-lab serve uses the state folder'],
]

test.concurrent.each(rows)('pxe-lab %s: %i', async (line, status, told) => {
  const found = await run(line)
  expect(found).toEqual({ status, told: expect.stringContaining(told) })
  // A defect tells where it is in the program, a refusal does not.
  if (status !== 1) expect(found.told).not.toMatch(/\n +at /)
})
