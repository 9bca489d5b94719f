/** Small UEFI programs, authorities and signatures, made by the tools that people make them with. */
import { execFileSync } from 'node:child_process'
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What the tools here need. */
export const signingNeeds = ['openssl', 'sbsign', 'x86_64-w64-mingw32-as', 'x86_64-w64-mingw32-ld']

export const debianShim = '/usr/lib/shim/shimx64.efi.signed'
export const debianGrub = '/usr/lib/grub/x86_64-efi-signed/grubnetx64.efi.signed'

const run = (command: string, ...values: string[]): void => void execFileSync(command, values, { stdio: 'pipe' })

/** A program for x64 that returns at once; `sbat` is what its section says. Returns its path. */
export function tinyProgram(folder: string, name: string, sbat?: string): string {
  const path = (ending: string): string => join(folder, `${name}.${ending}`)
  const section = sbat === undefined ? '' : `.section .sbat,"dr"\n.ascii ${JSON.stringify(sbat)}\n`
  writeFileSync(
    path('s'),
    `.intel_syntax noprefix\n.text\n.globl start\nstart:\nxor eax, eax\nret\n.data\n.quad start\n${section}`,
  )
  run('x86_64-w64-mingw32-as', path('s'), '-o', path('o'))
  run('x86_64-w64-mingw32-ld', '--subsystem=10', '--entry=start', '--dynamicbase', '--file-alignment=512', '-s', '-o', path('efi'), path('o')) // prettier-ignore
  for (const ending of ['s', 'o']) rmSync(path(ending))
  return path('efi')
}

/**
 * A program for x64 that prints `says` and returns EFI_ABORTED, upon which firmware tries what comes next in its boot order; with
 * enough behind it to need many blocks. It says so three times: of a text that its serial port does not take within a second EDK2
 * drops the rest, which happens on a busy machine. Returns its path.
 */
export function sayingProgram(folder: string, name: string, says: string): string {
  const path = (ending: string): string => join(folder, `${name}.${ending}`)
  const wide = Buffer.from(`\r\n${says}\r\n\0`, 'utf16le')
  const text = Array.from({ length: wide.length / 2 }, (_, at) => wide.readUInt16LE(at * 2)).join(', ')
  const [consoleAt, outputAt, aborted] = [64, 8, '0x8000000000000015']
  const say = ['mov rcx, rbx', 'lea rdx, [rip + says]', `call [rcx + ${outputAt}]`]
  const code = ['push rbx', `mov rbx, [rdx + ${consoleAt}]`, 'sub rsp, 32', ...say, ...say, ...say, 'add rsp, 32', 'pop rbx', `movabs rax, ${aborted}`, 'ret'] // prettier-ignore
  writeFileSync(path('s'), `.intel_syntax noprefix\n.text\n.globl start\nstart:\n${code.join('\n')}\n.data\n.quad start\nsays: .word ${text}\n.fill 60000, 1, 0x5a\n`) // prettier-ignore
  run('x86_64-w64-mingw32-as', path('s'), '-o', path('o'))
  run('x86_64-w64-mingw32-ld', '--subsystem=10', '--entry=start', '--dynamicbase', '--file-alignment=512', '-s', '-o', path('efi'), path('o')) // prettier-ignore
  for (const ending of ['s', 'o']) rmSync(path(ending))
  return path('efi')
}

/** A key with its certificate, both as PEM. */
export interface TestAuthority {
  readonly key: string
  readonly certificate: string
  /** The certificates above it, which a signature brings along. */
  readonly above: readonly string[]
}

/** A certificate that signs itself, or that another issued. */
export function makeAuthority(folder: string, name: string, subject: string, issuer?: TestAuthority): TestAuthority {
  const [key, certificate, request] = ['key', 'pem', 'csr'].map((ending) => join(folder, `${name}.${ending}`)) as [string, string, string] // prettier-ignore
  if (!issuer) {
    run('openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', certificate, '-subj', subject, '-days', '3650') // prettier-ignore
    return { key, certificate, above: [] }
  }
  run('openssl', 'req', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', request, '-subj', subject)
  run('openssl', 'x509', '-req', '-in', request, '-CA', issuer.certificate, '-CAkey', issuer.key, '-CAcreateserial', '-out', certificate, '-days', '3650') // prettier-ignore
  return { key, certificate, above: [issuer.certificate, ...issuer.above] }
}

/** Adds a signature to a program; signing what is signed makes the signatures more. */
export function signWith(program: string, by: TestAuthority, target: string): void {
  const added = by.above.flatMap((one) => ['--addcert', one])
  const signed = `${target}.signed`
  run('sbsign', '--key', by.key, '--cert', by.certificate, ...added, '--output', signed, program)
  copyFileSync(signed, target)
  rmSync(signed)
}

/** The certificate in DER, as db holds it. */
export function derOf({ certificate }: TestAuthority): Uint8Array {
  const base64 = readFileSync(certificate, 'utf8').replaceAll(/-----[^-]*-----|\s/g, '')
  return new Uint8Array(Buffer.from(base64, 'base64'))
}
