/**
 * The whole chain behind one boot program: shim, the second stage that it loads from beside itself, the programs that the
 * configuration of GRUB or iPXE beside it names; who signed each, and which machines refuse it. Where something is not to be
 * seen from here, it is unknown.
 */
import { say, together, type Message, type Phrase } from '#messages/message.ts'
import { formatHex } from '../wire/bytes.ts'
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
import { authorityOfThumbprint } from '../wire/secure-boot/authorities.ts'
import { readSignedProgram, type SignedProgram } from './authenticode.ts'
import { programsNamedBy } from './boot-menus.ts'
import { isIssuedBy, readCertificate, type Certificate, type Cryptography } from './certificate.ts'
import { isShim, secondStageOf, vendorCertificates } from './shim.ts'
import { signerOf, type Signer } from './signers.ts'

export interface ChainLink {
  readonly file: string
  readonly role: 'program' | 'shim' | 'second stage' | 'kernel' | 'chained program'
  /** Why there is nothing to read; empty where the file was read. */
  readonly problem: Phrase
  readonly description: Phrase
  readonly signers: readonly Signer[]
  readonly sbat: readonly SbatComponent[]
  /** SHA-256 of Authenticode, as db and dbx hold it; empty where it cannot be computed. */
  readonly hash: string
}

export interface ChainVerdict {
  readonly machine: MachineKind['id']
  /** In words, of many machines. */
  readonly name: Phrase
  readonly starts: 'yes' | 'no' | 'unknown'
  /** The link that decides, and why, as a sentence. */
  readonly because: Phrase
}

export interface BootChain {
  readonly links: readonly ChainLink[]
  readonly verdicts: readonly ChainVerdict[]
  /** The newest SBAT level that is known, which the verdicts are made with. */
  readonly sbatLevel: string
  /** The dbx that the verdicts are made with beside what a kind of machine revokes, in words; empty where there is none. */
  readonly dbx: Phrase
}

/** Programs and authorities that machines refuse. */
export interface Revocations {
  /** What it is: "dbx as published on 2026-07-01". */
  readonly name: Phrase
  /** Of SHA-256 in hexadecimal digits. */
  readonly isHashRevoked: (hash: string) => boolean
  /** Certificates in DER. */
  readonly certificates: readonly Uint8Array[]
}

export interface ChainOptions {
  readonly revocations?: Revocations | undefined
  /** Scripts that the lab hands out to iPXE. */
  readonly scripts?: readonly string[]
}

/** A file by the name that it would be asked for; a text says why it is not to be had. */
export type ReadFile = (name: string) => Promise<Uint8Array | Phrase>

const wrongStates: Readonly<Partial<Record<Signer['state'], Message>>> = {
  'of-another-program': say('secure-boot.changed-or-cut'),
  damaged: say('secure-boot.signature-damaged'),
}

interface Read {
  readonly link: ChainLink
  readonly program: SignedProgram | undefined
  readonly bytes: Uint8Array | undefined
}

export async function inspectChain(
  file: string,
  read: ReadFile,
  cryptography: Cryptography,
  { revocations, scripts = [] }: ChainOptions = {},
): Promise<BootChain> {
  const first = await readLink(file, 'program', read, cryptography)
  const links = [first]
  let vendor: readonly Certificate[] = []
  let helpers: readonly Certificate[] = []
  let second: Read | undefined
  let why: Phrase | undefined
  if (first.program && first.bytes && isShim(first.program.image, first.link.sbat)) {
    links[0] = { ...first, link: { ...first.link, role: 'shim' } }
    vendor = vendorCertificates(first.bytes, first.program.image)
    const name = secondStageOf(file, first.bytes, first.program.image)
    if (name === undefined) why = say('secure-boot.no-second-stage-name')
    else links.push((second = await readLink(name, 'second stage', read, cryptography)))
  }
  const loader = second ?? first
  const named = loader.program ? await programsNamedBy(loader.link.file, scripts, read) : []
  for (const one of named) {
    const next = await readLink(one.file, one.role, read, cryptography)
    links.push(next)
    // The command `shim` of iPXE: its certificates count for the kernel, too.
    if (one.role === 'shim' && next.program && next.bytes)
      helpers = [...helpers, ...vendorCertificates(next.bytes, next.program.image)]
  }
  const isLoader = /grub|ipxe|snp/i.test(loader.link.file)
  const ends = named.length === 0 && isLoader ? say('secure-boot.next-unknown') : undefined
  return {
    links: links.map((one) => one.link),
    verdicts: machineKinds.map((kind) =>
      verdictOf(kind, links, { vendor, helpers }, why, ends, revocations, cryptography),
    ),
    sbatLevel: newestSbatLevel.date,
    dbx: revocations?.name ?? '',
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
  if (!(bytes instanceof Uint8Array))
    return { link: { ...nothing, problem: bytes }, program: undefined, bytes: undefined }
  const program = readSignedProgram(bytes, cryptography)
  const { description } = inspectBootProgram(bytes, file)
  return {
    link: {
      file,
      role,
      problem: program === undefined ? say('secure-boot.no-uefi-program') : '',
      description,
      signers: program?.signatures.map((one) => signerOf(one, cryptography)) ?? [],
      sbat: (program?.sbat && parseSbat(program.sbat)) ?? [],
      hash: program?.hash ? formatHex(program.hash) : '',
    },
    program,
    bytes,
  }
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
  return { signatures, sbat: program?.sbat && parseSbat(program.sbat), hash: link.hash === '' ? undefined : link.hash }
}

/** A revoked certificate as the key that `signedBy` knows it by. */
export const revokedKeys = (revocations: Revocations | undefined, cryptography: Cryptography): string[] =>
  (revocations?.certificates ?? []).flatMap((der) => {
    const certificate = readCertificate(der)
    return certificate ? [authorityOfThumbprint(cryptography.digest('sha256', [der])) ?? keyOf(certificate, cryptography)] : [] // prettier-ignore
  })

/** What a program of a chain is called. */
export const roles: Readonly<Record<ChainLink['role'], Message>> = {
  program: say('secure-boot.role-program'),
  shim: say('secure-boot.role-shim'),
  'second stage': say('secure-boot.role-second-stage'),
  kernel: say('secure-boot.role-kernel'),
  'chained program': say('secure-boot.role-chained-program'),
}

const of = ({ link: { file, role } }: Read, why: Phrase): Message =>
  say('secure-boot.of-link', { file, role: roles[role], why })

function verdictOf(
  kind: MachineKind,
  links: readonly Read[],
  { vendor, helpers }: { readonly vendor: readonly Certificate[]; readonly helpers: readonly Certificate[] },
  whyUnknown: Phrase | undefined,
  ends: Message | undefined,
  revocations: Revocations | undefined,
  cryptography: Cryptography,
): ChainVerdict {
  const revokedPrograms = links.map((one) => one.link.hash).filter((hash) => hash !== '' && revocations?.isHashRevoked(hash)) // prettier-ignore
  const dbx = [...kind.dbx, ...revokedKeys(revocations, cryptography), ...revokedPrograms]
  const trust: MachineTrust = { db: kind.db, dbx, mok: [], sbatLevel: newestSbatLevel }
  const verdict = (starts: ChainVerdict['starts'], because: Phrase): ChainVerdict => ({
    machine: kind.id,
    name: kind.name,
    starts,
    because,
  })
  const hasShim = links[0]!.link.role === 'shim'
  const keysOf = (list: readonly Certificate[]): string[] => list.map((one) => keyOf(one, cryptography))
  let last: Phrase = ''
  for (const one of links) {
    const { file, role, problem, signers } = one.link
    const isNamed = role === 'kernel' || role === 'chained program' || (role === 'shim' && one !== links[0])
    if (problem !== '') return verdict(isNamed ? 'unknown' : 'no', of(one, problem))
    const by = signedBy(one, [...vendor, ...helpers], cryptography)
    const wrong =
      by.signatures.length === 0 ? signers.map((signer) => wrongStates[signer.state]).find(Boolean) : undefined
    if (wrong !== undefined) return verdict('no', of(one, wrong))
    if (by.signatures.length === 0 && signers.some((signer) => signer.state === 'unknown'))
      return verdict('unknown', of(one, say('secure-boot.not-verified-here')))
    const asksShim = (hasShim && one !== links[0]) || (isNamed && role !== 'shim' && helpers.length > 0)
    const builtIn = keysOf(isNamed && role !== 'shim' ? [...vendor, ...helpers] : vendor)
    const judged = asksShim ? judgeByShim(by, trust, builtIn, isNamed) : judgeByFirmware(by, trust)
    if (!judged.starts) return verdict('no', of(one, judged.because))
    if (role === 'shim') {
      const itself = judgeShimItself(by, trust)
      if (!itself.starts) return verdict('no', of(one, itself.because))
    }
    last = say('secure-boot.of-file', { file, why: judged.because })
  }
  return whyUnknown === undefined
    ? verdict('yes', ends ? together([last, ends]) : last)
    : verdict('unknown', say('secure-boot.of-file', { file: links[0]!.link.file, why: whyUnknown }))
}
