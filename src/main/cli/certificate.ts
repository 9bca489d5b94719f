/** `pxe-lab certificate`: whom machines must trust to boot over HTTPS from a lab, in the forms in which firmware takes it. */
import { X509Certificate } from 'node:crypto'
import { describeEvent } from '#shared/contract/events.ts'
import type { Lab } from '#shared/lab/lab.ts'
import { replaceFile, writeRemedy } from '../files/replace-file.ts'
import { authorityFile, ownAuthority } from '../responder/https-certificate.ts'
import { authorityInFile, trustForms } from '../responder/https-trust.ts'
import { CertificateError } from '../web/certificate.ts'
import type { LabFile } from '../workspace/lab-file.ts'
import { placeOfState } from '../workspace/state-folder.ts'
import { exitCodes } from './exit-codes.ts'
import { labOf } from './lab-input.ts'
import { UsageError } from './usage-error.ts'

export interface CertificateOptions {
  readonly config: string
  readonly form: string
  readonly out?: string
}

const complain = (text: string): void => void process.stderr.write(`pxe-lab: ${text}\n`)
const tell = (text: string): void => void process.stdout.write(`${text}\n`)

interface Trusted {
  readonly authority: X509Certificate
  /** Where it lies. */
  readonly file: string
}

/** The authority above the certificate of a lab. Throws a `CertificateError`. */
async function authorityOf(file: LabFile, { https }: Lab, stateFolder: string): Promise<Trusted> {
  if (https.certificate === null)
    return {
      authority: new X509Certificate((await ownAuthority(stateFolder)).certificate),
      file: `${authorityFile} in ${stateFolder}`,
    }
  const path = file.resolve(https.certificate)
  return { authority: await authorityInFile(path), file: path }
}

/** How machines come to trust it, by what they run. */
const ways = (command: string): string[] => [
  `Firmware:      ${command} --form der --out ca.cer puts it into a file for a USB stick with FAT. In the setup of the`,
  '               machine enrol it under TLS Auth Configuration > Server CA Configuration > Enroll Cert (EDK2 and most',
  '               others; some name the menu HTTPS Boot or TLS Certificate). Dell takes --form pem --out ca.pem.',
  `OVMF and QEMU: ${command} --form edk2-cacerts --out cacerts.bin`,
  '               qemu-system-x86_64 ... -fw_cfg name=etc/edk2/https/cacerts,file=cacerts.bin',
  `iPXE:          ${command} --out ca.pem, then build it with make bin-x86_64-efi/ipxe.efi TRUST=ca.pem`,
  '               (no option and no script gives it an authority; builds before 2.0, and those for BIOS, need',
  '               DOWNLOAD_PROTO_HTTPS in config/general.h, too)',
]

export async function certificate(options: CertificateOptions): Promise<number> {
  const { config, form, out } = options
  const encode = Object.hasOwn(trustForms, form) ? trustForms[form] : undefined
  if (!encode) {
    const message = `--form ${form} is not valid. Write one of ${Object.keys(trustForms).join(', ')}.`
    complain(message)
    throw new UsageError(message)
  }
  const found = await labOf(config, '--config')
  if (!found) return exitCodes.badLabFile
  let trusted: Trusted
  let place = 'The state folder'
  try {
    const state = await placeOfState(found.file, found.lab)
    for (const event of state.told) complain(describeEvent(event).text)
    place = state.folder
    trusted = await authorityOf(found.file, found.lab, state.folder)
  } catch (error) {
    if (error instanceof CertificateError) complain(error.message)
    else complainUnwritten(place, error)
    return exitCodes.badFile
  }
  if (out === undefined) {
    show(trusted, found.lab, config)
    return exitCodes.ok
  }
  try {
    await replaceFile(out, encode(trusted.authority))
  } catch (error) {
    complainUnwritten(out, error)
    return exitCodes.badFile
  }
  tell(`${out}: ${trusted.authority.subject.replaceAll('\n', ', ')}, as ${form}`)
  return exitCodes.ok
}

/** What is no error of the system is a defect, and thrown on. */
function complainUnwritten(path: string, error: unknown): void {
  const { code } = error as NodeJS.ErrnoException
  if (code === undefined) throw error
  complain(`${path} cannot be written (${code}). ${writeRemedy(error)}`)
}

function show({ authority, file }: Trusted, { https }: Lab, config: string): void {
  tell(`Authority:     ${authority.subject.replaceAll('\n', ', ')}, in ${file}`)
  tell(`Valid until:   ${authority.validTo}`)
  tell(`SHA-256:       ${authority.fingerprint256}`)
  if (!https.enabled) tell('HTTPS is off in this lab: set https.enabled: true.')
  tell('Machines boot over HTTPS only where they trust this authority:')
  for (const line of ways(`pxe-lab certificate${config === 'lab.yaml' ? '' : ` --config ${config}`}`)) tell(line)
}
