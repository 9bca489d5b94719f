/** `pxe-lab certificate`: whom machines must trust to boot over HTTPS from a lab, in the forms in which firmware takes it. */
import { t } from '#messages/text.ts'
import { X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import { formatDateTime } from '#shared/contract/format.ts'
import { describeEvent } from '#shared/contract/events.ts'
import type { Lab } from '#shared/lab/lab.ts'
import { columnsOf, padColumns, wrapColumns } from '#shared/wire/columns.ts'
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
      file: join(stateFolder, authorityFile),
    }
  const path = file.resolve(https.certificate)
  return { authority: await authorityInFile(path), file: path }
}

/** How machines come to trust it, by what they run. */
const ways = (command: string): readonly (readonly [title: string, text: string])[] => [
  [t('cli.trust-firmware'), t('cli.trust-firmware-how', { command })],
  [
    'OVMF, QEMU:',
    `${command} --form edk2-cacerts --out cacerts.bin\nqemu-system-x86_64 ... -fw_cfg name=etc/edk2/https/cacerts,file=cacerts.bin`,
  ],
  ['iPXE:', t('cli.trust-ipxe-how', { command })],
]

const lineWidth = 106

function tellTable(rows: readonly (readonly [title: string, text: string])[]): void {
  const first = Math.max(...rows.map(([title]) => columnsOf(title)))
  for (const [title, text] of rows)
    tell(
      `${padColumns(title, first)} ${wrapColumns(text, lineWidth - first).replaceAll('\n', `\n${' '.repeat(first + 1)}`)}`,
    )
}

export async function certificate(options: CertificateOptions): Promise<number> {
  const { config, form, out } = options
  const encode = Object.hasOwn(trustForms, form) ? trustForms[form] : undefined
  if (!encode) {
    const message = t('cli.certificate-form', { form, forms: Object.keys(trustForms).join(', ') })
    complain(message)
    throw new UsageError(message)
  }
  const found = await labOf(config, '--config')
  if (!found) return exitCodes.badLabFile
  let trusted: Trusted
  let place = t('cli.state-folder')
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
  tell(t('cli.certificate-written', { file: out, subject: trusted.authority.subject.replaceAll('\n', ', '), form }))
  return exitCodes.ok
}

/** What is no error of the system is a defect, and thrown on. */
function complainUnwritten(path: string, error: unknown): void {
  const { code } = error as NodeJS.ErrnoException
  if (code === undefined) throw error
  complain(t('cli.cannot-written-3', { store: path, code, writeRemedy: writeRemedy(error) }))
}

function show({ authority, file }: Trusted, { https }: Lab, config: string): void {
  tellTable([
    [t('cli.authority'), t('cli.authority-in', { subject: authority.subject.replaceAll('\n', ', '), file })],
    [t('cli.valid-until'), formatDateTime(Date.parse(authority.validTo))],
    ['SHA-256:', authority.fingerprint256],
  ])
  if (!https.enabled) tell(t('cli.https-off'))
  tell(t('cli.trust-machines'))
  tellTable(ways(`pxe-lab certificate${config === 'lab.yaml' ? '' : ` --config ${config}`}`))
}
