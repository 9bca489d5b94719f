/**
 * The whole chain behind one boot program: shim, the second stage that it loads from beside itself, the kernels that a
 * configuration of GRUB beside it names; who signed each, and which machines refuse it. Where something is not to be
 * seen from here, it is unknown.
 */
import { decodeText, formatHex } from '../wire/bytes.ts'
import { inspectBootProgram } from '../wire/boot-program.ts'
import { newestSbatLevel, parseSbat, type SbatComponent } from '../wire/secure-boot/sbat.ts'
import {
  certificateKey,
  judgeByFirmware,
  judgeByShim,
  judgeShimItself,
  machineKinds,
  type MachineKind,
  type MachineTrust,
  type SignedBy,
} from '../wire/secure-boot/trust.ts'
import { readSignedProgram, type SignedProgram } from './authenticode.ts'
import { isIssuedBy, type Certificate, type Cryptography } from './certificate.ts'
import { isShim, secondStageOf, vendorCertificates } from './shim.ts'
import { signerOf, type Signer } from './signers.ts'

export interface ChainLink {
  readonly file: string
  readonly role: 'program' | 'shim' | 'second stage' | 'kernel'
  /** Why there is nothing to read; empty where the file was read. */
  readonly problem: string
  readonly description: string
  readonly signers: readonly Signer[]
  readonly sbat: readonly SbatComponent[]
  /** SHA-256 of Authenticode, as db and dbx hold it; empty where it cannot be computed. */
  readonly hash: string
}

export interface ChainVerdict {
  readonly machine: MachineKind['id']
  /** In words, of many machines. */
  readonly name: string
  readonly starts: 'yes' | 'no' | 'unknown'
  /** The link that decides, and why, as a sentence. */
  readonly because: string
}

export interface BootChain {
  readonly links: readonly ChainLink[]
  readonly verdicts: readonly ChainVerdict[]
  /** The newest SBAT level that is known, which the verdicts are made with. */
  readonly sbatLevel: string
}

/** A file by the name that it would be asked for; a text says why it is not to be had. */
export type ReadFile = (name: string) => Promise<Uint8Array | string>

interface Read {
  readonly link: ChainLink
  readonly program: SignedProgram | undefined
  readonly bytes: Uint8Array | undefined
}

const wrongStates: Readonly<Partial<Record<Signer['state'], string>>> = {
  'of-another-program': 'it was changed after it was signed, or is cut off',
  damaged: 'its signature is damaged',
}

/** Kernels that are looked at; a menu may name hundreds. */
const mostKernels = 4

export async function inspectChain(file: string, read: ReadFile, cryptography: Cryptography): Promise<BootChain> {
  const first = await readLink(file, 'program', read, cryptography)
  const links = [first]
  let vendor: readonly Certificate[] = []
  let second: Read | undefined
  let why = ''
  if (first.program && first.bytes && isShim(first.program.image, first.link.sbat)) {
    links[0] = { ...first, link: { ...first.link, role: 'shim' } }
    vendor = vendorCertificates(first.bytes, first.program.image)
    const name = secondStageOf(file, first.bytes, first.program.image)
    if (name === undefined) why = 'the name of its second stage is not to be found in this shim'
    else links.push((second = await readLink(name, 'second stage', read, cryptography)))
  }
  const loader = second ?? first
  for (const name of loader.program ? await kernelsOf(loader.link.file, read) : [])
    links.push(await readLink(name, 'kernel', read, cryptography))
  return {
    links: links.map((one) => one.link),
    verdicts: machineKinds.map((kind) => verdictOf(kind, links, vendor, why, cryptography)),
    sbatLevel: newestSbatLevel.date,
  }
}

async function readLink(
  file: string,
  role: ChainLink['role'],
  read: ReadFile,
  cryptography: Cryptography,
): Promise<Read> {
  const bytes = await read(file)
  const nothing = { file, role, description: '', signers: [], sbat: [], hash: '' }
  if (typeof bytes === 'string') return { link: { ...nothing, problem: bytes }, program: undefined, bytes: undefined }
  const program = readSignedProgram(bytes, cryptography)
  const { description } = inspectBootProgram(bytes, file)
  return {
    link: {
      file,
      role,
      problem: program === undefined ? 'it is no UEFI program' : '',
      description,
      signers: program?.signatures.map((one) => signerOf(one, cryptography)) ?? [],
      sbat: (program?.sbat && parseSbat(program.sbat)) ?? [],
      hash: program?.hash ? formatHex(program.hash) : '',
    },
    program,
    bytes,
  }
}

/** Where GRUB builds of the distributions look, beside the loader and below the root. */
const configurations = ['grub.cfg', 'grub/grub.cfg']

/** Kernels that a menu names by plain paths; what a variable stands in is not followed. */
async function kernelsOf(loader: string, read: ReadFile): Promise<string[]> {
  const folder = /^.*[/\\]/.exec(loader)?.[0] ?? ''
  const places = new Set([...configurations.map((one) => `${folder}${one}`), ...configurations])
  for (const place of places) {
    const bytes = await read(place)
    if (typeof bytes === 'string') continue
    const found = decodeText(bytes).matchAll(/^[ \t]*linux(?:efi)?[ \t]+["']?\/?([\w./-]+)/gm)
    return [...new Set([...found].map((match) => match[1]!))].slice(0, mostKernels)
  }
  return []
}

const keyOf = ({ subject, der }: Certificate, cryptography: Cryptography): string =>
  certificateKey(subject.common, formatHex(cryptography.digest('sha256', [der])))

/** Valid signatures as keys: authorities of Microsoft by id, other certificates by name and thumbprint. */
function signedBy({ program, link }: Read, vendor: readonly Certificate[], cryptography: Cryptography): SignedBy {
  const signatures = (program?.signatures ?? []).flatMap(({ chain }, at) => {
    const { state, authorityId } = link.signers[at]!
    const top = chain.at(-1)
    if (state !== 'valid' || !top) return []
    const above = vendor.find((one) => isIssuedBy(top, one, cryptography))
    const keys = [...chain, ...(above ? [above] : [])].map((one) => keyOf(one, cryptography))
    // A name without its certificate is shown, and is the key of nobody.
    const last = authorityId ?? (above ? undefined : certificateKey(top.issuer.common, 'unproven'))
    return [last === undefined ? keys : [...keys, last]]
  })
  return { signatures, sbat: program?.sbat && parseSbat(program.sbat) }
}

function verdictOf(
  kind: MachineKind,
  links: readonly Read[],
  vendor: readonly Certificate[],
  whyUnknown: string,
  cryptography: Cryptography,
): ChainVerdict {
  const trust: MachineTrust = { db: kind.db, dbx: kind.dbx, mok: [], sbatLevel: newestSbatLevel }
  const verdict = (starts: ChainVerdict['starts'], because: string): ChainVerdict => ({
    machine: kind.id,
    name: kind.name,
    starts,
    because,
  })
  const hasShim = links[0]!.link.role === 'shim'
  const vendorKeys = vendor.map((one) => keyOf(one, cryptography))
  let last = ''
  for (const one of links) {
    const { file, role, problem, signers } = one.link
    if (problem !== '') return verdict(role === 'kernel' ? 'unknown' : 'no', `${file} (${role}): ${problem}.`)
    const by = signedBy(one, vendor, cryptography)
    const wrong =
      by.signatures.length === 0 ? signers.map((signer) => wrongStates[signer.state]).find(Boolean) : undefined
    if (wrong !== undefined) return verdict('no', `${file} (${role}): ${wrong}.`)
    if (by.signatures.length === 0 && signers.some((signer) => signer.state === 'unknown'))
      return verdict('unknown', `${file} (${role}): its signature cannot be verified here.`)
    const judged =
      one === links[0] || !hasShim ? judgeByFirmware(by, trust) : judgeByShim(by, trust, vendorKeys, role === 'kernel')
    if (!judged.starts) return verdict('no', `${file} (${role}): ${judged.because}.`)
    if (role === 'shim') {
      const itself = judgeShimItself(by, trust)
      if (!itself.starts) return verdict('no', `${file} (${role}): ${itself.because}.`)
    }
    last = `${file}: ${judged.because}.`
  }
  return whyUnknown === '' ? verdict('yes', last) : verdict('unknown', `${links[0]!.link.file}: ${whyUnknown}.`)
}
