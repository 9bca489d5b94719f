/** Rules about what is behind the ports and options of a server: its event logs, boot files, certificates, partners. */
import type { Facts } from '../../lab/facts.ts'
import { dpKey, smsSecurityKey, wdsAnswerKey, wdsKey, wdsUnattendKey } from '../../lab/registry-keys.ts'
import { dhcpAuthority, wdsAuthority, type EventFact } from '../authority.ts'
import { bootableArchitectures, bootArchitectures, bootFolder, type BootArchitecture } from '../boot-files.ts'
import { docs } from '../commands.ts'
import { endedCertificates, isCertificateEnded, isConfigMgr, isIssuingListAbsent } from '../site-trust.ts'
import { byHand, listed, type Rule } from './context.ts'
import type { Evidence } from './finding.ts'
import { givenTo, plainOptions } from '../scope-options.ts'
import { architectureKeys, askers, clientsOf } from '../twin-clients.ts'

/** Error codes in events of WDS that say why it does not start, by the end of the hexadecimal number. */
const reasons: readonly (readonly [code: RegExp, why: string])[] = [
  [/0x(8007)?2740$/i, 'a UDP port that it wants is taken (10048)'],
  [/0x(8007)?271d$/i, 'a UDP port that it wants is reserved, or held exclusively (10013)'],
  [/0x(8007)?36b1$/i, 'a library that a provider needs is not there (14001): the Visual C++ runtime of ConfigMgr'],
  [/0x(80070)?0*5$/i, 'it may not read what it needs (access denied)'],
  [/0x(80070)?0*51$|0x(8007)?(54b|203a)$/i, 'no domain controller can be reached'],
  [/0x(80092002|80092004|800b01\w\w|8009030\w|80070490)$/i, 'a certificate is missing, damaged or not valid'],
  [/0xc1030136$|0xc1030104$/i, 'its image store cannot be opened'],
  [/0x(80070)?0*2$/i, 'something that it needs is not there: a file, a value, or a free port of its range'],
]

/** `2026-01-02T03:04`, the minute of a time. */
const minuteDigits = 16

/** The errors that WDS logged when it last failed to start, and what they mean. */
export function whyNotStarted(
  facts: Facts,
): { readonly says: string; readonly evidence: readonly Evidence[] } | undefined {
  const events = (facts.events?.value ?? []).filter((one) => one.log === 'Application')
  const newest = events[0]
  if (!newest) return undefined
  // What belongs to one start is logged at once.
  const together = events.filter((one) => one.at.slice(0, minuteDigits) === newest.at.slice(0, minuteDigits))
  const told = together.map((one) => {
    const code = one.data.find((text) => /^0x[0-9a-f]{1,8}$/i.test(text)) ?? ''
    const why = reasons.find(([pattern]) => pattern.test(code))?.[1]
    return { event: one, code, why: why ?? (/imgsrv/i.test(`${one.provider} ${one.data.join(' ')}`) ? 'its image store cannot be opened' : undefined) } // prettier-ignore
  })
  const best = told.find((one) => one.why !== undefined) ?? told[0]!
  const where = best.event.provider + (best.code === '' ? '' : `, ${best.code}`)
  return {
    says: `At ${newest.at} it logged event ${best.event.id} (${where})${best.why === undefined ? '' : `: ${best.why}`}.`,
    evidence: told.map(({ event }) => eventEvidence(facts, event)),
  }
}

function eventEvidence(facts: Facts, { log, provider, id, at, data }: EventFact): Evidence {
  return {
    says: `${log} log, ${at}: ${provider} event ${id}${data.length > 0 ? ` (${data.join(', ')})` : ''}`,
    source: facts.events!.source,
    raw: undefined,
  }
}

export const dhcpSilent: Rule = ({ known: { facts }, dhcp }) => {
  const { state, event, says } = dhcpAuthority(facts)
  // That the directory does not list it is told by itself.
  if (dhcp !== 'running' || state !== 'silent' || !event) return undefined
  return {
    id: 'dhcp-silent',
    severity: 'error',
    title: `The DHCP server last said that it serves nobody (event ${event.id})`,
    says: `Its service runs, and ${says}. No later event says that it serves clients (1043, 1044).`,
    reference: docs.dhcpEvents,
    evidence: [eventEvidence(facts, event)],
    remedy: undefined,
  }
}

export const wdsNotAuthorised: Rule = ({ known, wdsServes }) => {
  const { state, event, says } = wdsAuthority(known.facts)
  if (!wdsServes || state === 'serves') return undefined
  if (state === 'unknown') return { doubt: says }
  return {
    id: 'wds-not-authorised',
    severity: 'error',
    title: 'WDS is not authorised in Active Directory, and answers nobody',
    says: 'Rogue detection is on: WDS asks Active Directory whether it may serve, as a DHCP server does, and was refused.',
    reference: docs.registry,
    evidence: [
      known.registryEvidence(wdsKey, 'DisableRogueDetection'),
      event
        ? eventEvidence(known.facts, event)
        : known.evidence('this server is not among the authorised servers', [known.facts.dhcpAuthorised?.source]),
    ],
    remedy: byHand(
      'Authorise it, as a member of Enterprise Admins.',
      ['wdsutil /Set-Server /Authorize:Yes'],
      ['wdsutil /Set-Server /Authorize:No'],
    ),
  }
}

/** REG_SZ True or False (cc733103). */
const flag = (data: unknown): boolean | undefined =>
  typeof data === 'string' && /^(true|false)$/i.test(data) ? /^true$/i.test(data) : undefined

export const answerPolicy: Rule = ({ known, wdsServes }) => {
  // The provider of a distribution point has an answer policy of its own.
  if (!wdsServes || known.facts.distributionPoint?.value) return undefined
  const answers = flag(known.registry(wdsAnswerKey, 'netbootAnswerRequests'))
  const knownOnly = flag(known.registry(wdsAnswerKey, 'netbootAnswerOnlyValidClients'))
  const set = (policy: string): string[] => [`wdsutil /Set-Server /AnswerClients:${policy}`]
  if (answers === false)
    return {
      id: 'wds-answers-nobody',
      severity: 'error',
      title: 'WDS is set to answer no client',
      says: 'Its PXE response policy is "Do not respond to any client computers": no machine gets a boot file from it.',
      reference: docs.registry,
      evidence: [known.registryEvidence(wdsAnswerKey, 'netbootAnswerRequests')],
      remedy: byHand('Have it answer: known machines, or all.', set('All'), set('None')),
    }
  return knownOnly !== true
    ? undefined
    : {
        id: 'wds-answers-known',
        severity: 'note',
        title: 'WDS answers prestaged machines alone',
        says: 'A machine that Active Directory does not know gets no answer, and shows that no boot file came.',
        reference: docs.registry,
        evidence: [known.registryEvidence(wdsAnswerKey, 'netbootAnswerOnlyValidClients')],
        remedy: undefined,
      }
}

const programNames: Readonly<Record<BootArchitecture, string>> = {
  bios: 'BIOS (wdsnbp.com)',
  'x64-uefi': 'UEFI x64 (wdsmgfw.efi)',
  'arm64-uefi': 'UEFI ARM64 (arm64\\wdsmgfw.efi)',
  'x86-uefi': 'UEFI x86 (x86\\wdsmgfw.efi)',
}

export const bootFilesMissing: Rule = ({ known: { facts }, wdsServes, sccmServes }) => {
  const folder = bootFolder(facts)
  const there = bootableArchitectures(facts, folder)
  if ((!wdsServes && !sccmServes) || !there) return undefined
  const wanted = new Set(clientsOf(facts).map((client) => architectureKeys[client]))
  const missing = bootArchitectures.filter((one) => wanted.has(one) && !there.includes(one))
  if (missing.length === 0) return undefined
  return {
    id: 'boot-files-missing',
    severity: 'error',
    title: `The server has no boot program for ${missing.map((one) => programNames[one]).join(' and ')}`,
    says: `${folder} holds none, or an empty one: such machines are answered and load nothing. ${folder === 'SMSBoot' ? 'ConfigMgr puts it there when a boot image that may be deployed by PXE is distributed to this distribution point.' : 'WDS puts it there when a boot image of that architecture is added.'}`,
    reference: docs.responder,
    evidence: facts
      .bootFiles!.value.filter((one) => /\.(efi|com|n12)$/i.test(one.path))
      .slice(0, 12)
      .map((one) => ({ says: `${one.path} has ${one.size} bytes`, source: facts.bootFiles!.source, raw: undefined })),
    remedy: undefined,
  }
}

/** Every authority that signed a file: a program may bear several signatures, and each counts. */
const issuersOf = ({ issuer }: { readonly issuer: string }): readonly string[] =>
  issuer.split(/\s*;\s*/).filter((one) => one !== '')

const of2011 = /(Production PCA|UEFI CA) 2011/i
const windowsOf2011 = /Production PCA 2011/i

/**
 * Which programs a machine refuses without the authorities of 2011. One signature of 2023 keeps a program going where those of
 * 2011 are merely missing (UEFI specification, section 32.4.1: one signature in db is enough, as long as none is in dbx); where
 * the authority of the other signature is revoked it does not.
 */
export const signedBy2011: Rule = ({ known: { facts }, wdsServes, sccmServes }) => {
  const signed = facts.bootFiles?.value.filter((one) => issuersOf(one).some((issuer) => of2011.test(issuer))) ?? []
  const isOld = (one: { readonly issuer: string }): boolean => issuersOf(one).every((issuer) => of2011.test(issuer))
  const old = signed.filter(isOld)
  if ((!wdsServes && !sccmServes) || old.length === 0) return undefined
  const isOfWindows = old.some((one) => issuersOf(one).some((issuer) => windowsOf2011.test(issuer)))
  const both = signed.filter((one) => !isOld(one))
  const [are, stop] = old.length === 1 ? ['A boot program is', 'stops'] : [`${old.length} boot programs are`, 'stop']
  return {
    id: 'boot-programs-signed-2011',
    severity: 'note',
    title: isOfWindows
      ? `${are.replace(/ (is|are)$/, '')} ${stop} where the authority of 2011 is revoked`
      : `${are} signed by the authority of 2011 alone`,
    says: [
      isOfWindows
        ? 'Machines on which Windows Production PCA 2011 is revoked (KB5025885), and those that have the certificates of 2023 alone, do not start them with Secure Boot: the screen says Access Denied.'
        : 'Machines that have the certificates of 2023 alone do not start them with Secure Boot: the screen says Access Denied. KB5025885 does not revoke this authority.',
      'The end of the certificate in 2026 stops nothing.',
      ...(both.length === 0
        ? []
        : [
            `${both.length === 1 ? 'One more bears' : `${both.length} more bear`} a signature of 2023 beside that of 2011: with the certificates of either year ${both.length === 1 ? 'it starts' : 'they start'}, but a machine that revokes that of 2011 refuses ${both.length === 1 ? 'it' : 'them'}.`,
          ]),
      isOfWindows
        ? 'Boot images of a current ADK bring programs signed in 2023; machines whose firmware never got the certificates of 2023 refuse those.'
        : 'Current releases of shim are signed by both.',
    ].join(' '),
    reference: 'Microsoft KB 5025885',
    evidence: [...old, ...both].slice(0, 24).map((one) => ({ says: `${one.path} is signed by ${issuersOf(one).join(' and by ')}`, source: facts.bootFiles!.source, raw: undefined })), // prettier-ignore
    remedy: undefined,
  }
}

export const certificateExpired: Rule = ({ known: { facts }, wdsServes, sccmServes }) => {
  if ((!wdsServes && !sccmServes) || !isConfigMgr(facts)) return undefined
  const all = facts.certificates?.value ?? []
  const ended = endedCertificates(facts)
  if (all.length === 0) return { doubt: 'the certificate of the distribution point: none was found' }
  if (ended.length === 0) return undefined
  const isSure = isCertificateEnded(facts)
  return {
    id: 'certificate-expired',
    severity: isSure ? 'error' : 'note',
    title: isSure
      ? 'The certificate of the distribution point has expired'
      : `Of ${all.length} certificates of ConfigMgr ${ended.length} ${ended.length === 1 ? 'has' : 'have'} expired`,
    says: isSure
      ? `It ended ${listed(ended.map((one) => one.notAfter))}: the PXE service gets no policy from the management point, and no machine goes on.`
      : 'One that is left over does no harm. With one that the distribution point uses the PXE service gets no policy from the management point.',
    reference: docs.responder,
    evidence: ended.map((one) => ({ says: `${one.subject} was valid until ${one.notAfter}`, source: facts.certificates!.source, raw: undefined })), // prettier-ignore
    remedy: isSure
      ? byHand(
          'Renew it: in the properties of the distribution point create a self-signed certificate with a later date, or import one. Then update the boot images on it.',
          [],
          [],
        )
      : undefined,
  }
}

export const failoverPartner: Rule = ({ known: { facts }, dhcp, wdsServes, sccmServes }) => {
  const partners = facts.dhcpFailover?.value ?? []
  if (dhcp !== 'running' || (!wdsServes && !sccmServes) || partners.length === 0) return undefined
  const active = facts.dhcpScopes?.value.filter((one) => one.isActive).map((one) => one.scope) ?? []
  // Where clients of these scopes are given option 60 from, in each relationship.
  const told = partners.map((partner) => ({
    partner,
    levels: (partner.scopes.length > 0 ? partner.scopes : active).flatMap((scope) => [
      ...(plainOptions(facts, 60) ?? []).filter((one) => one.level === 'reservation' && one.scope === scope),
      ...clientsOf(facts).flatMap((client) => givenTo(facts, scope, askers[client], 60)?.from ?? []),
    ]).filter((one) => one.value.join(' ').startsWith('PXEClient')),
  })) // prettier-ignore
  // What belongs to a scope is replicated, what belongs to the server is not (Invoke-DhcpServerv4FailoverReplication).
  const copied = told.filter(({ levels }) => levels.some((one) => one.level === 'scope' || one.scope !== undefined))
  const [first] = copied
  if (!first) {
    const [other] = told.filter((one) => one.levels.length > 0)
    return other && { doubt: `whether the failover partner ${other.partner.partner} sends option 60, which this server has at the server level: that is not replicated` } // prettier-ignore
  }
  return {
    id: 'dhcp-failover',
    severity: 'warning',
    title: `The failover partner ${first.partner.partner} sends clients to its own port 4011`,
    says: 'Option 60 means that the PXE service is on the server that answers. Clients that the partner answers ask port 4011 there: it needs a PXE service as well, or these scopes need IP helpers instead of option 60.',
    reference: 'PXE 2.1 section 2.2',
    evidence: copied.map(({ partner: one }) => ({ says: `${one.name} with ${one.partner} is ${one.state}, ${one.mode}, for ${one.scopes.join(', ')}`, source: facts.dhcpFailover!.source, raw: undefined })), // prettier-ignore
    remedy: undefined,
  }
}

export const handsFree: Rule = ({ known, wdsServes }) =>
  !wdsServes || known.facts.distributionPoint?.value === true || known.registry(wdsUnattendKey, 'AllowHandsFreeFunctionality') !== 1 // prettier-ignore
    ? undefined
    : {
        id: 'hands-free',
        severity: 'note',
        title: 'Hands-free deployment over an insecure channel is allowed',
        says: 'Whoever is on the network can ask for the answer file, with the credentials in it (CVE-2026-0386). Since April 2026 that is off unless it is allowed as here.',
        reference: 'Microsoft KB 5074952',
        evidence: [known.registryEvidence(wdsUnattendKey, 'AllowHandsFreeFunctionality')],
        remedy: undefined,
      }

export const issuingListMissing: Rule = ({ known, sccmServes, wdsServes }) =>
  (!sccmServes && !wdsServes) || !isIssuingListAbsent(known.facts)
    ? undefined
    : {
        id: 'issuing-list-missing',
        severity: 'warning',
        title: 'The list of issuing certificates is not on this distribution point',
        says: 'The PXE service trusts the management point by the value IssuingCertificateList. Without it SMSPXE.log says 0x80092002, and machines are not served.',
        reference: 'Microsoft KB 4469580',
        evidence: [known.registryEvidence(smsSecurityKey, 'IssuingCertificateList')],
        remedy: byHand(
          'Copy the value, a REG_MULTI_SZ, from the same key of the management point. ConfigMgr writes it by itself where the site server may write the registry of the distribution point (CertMgr.log).',
          [],
          [],
        ),
      }

export const macIgnoreList: Rule = ({ known, sccmServes, wdsServes }) => {
  const file = known.registry(dpKey, 'MACIgnoreListFile')
  if ((!sccmServes && !wdsServes) || typeof file !== 'string' || file === '') return undefined
  return {
    id: 'mac-ignore-list',
    severity: 'note',
    title: 'Some machines are not answered on purpose',
    says: `The hardware addresses in ${file} are ignored by the PXE service.`,
    reference: docs.responder,
    evidence: [known.registryEvidence(dpKey, 'MACIgnoreListFile')],
    remedy: undefined,
  }
}

export const restartPending: Rule = ({ known: { facts }, wdsServes, sccmServes, dhcp }) =>
  facts.restartPending?.value !== true || (!wdsServes && !sccmServes && dhcp === 'absent')
    ? undefined
    : {
        id: 'restart-pending',
        severity: 'note',
        title: 'This server waits for a restart',
        says: 'Updates or roles are installed in part until then; after it services start anew, and in another order.',
        reference: docs.startup,
        evidence: [{ says: 'Component Based Servicing has a restart pending', source: facts.restartPending.source, raw: undefined }], // prettier-ignore
        remedy: undefined,
      }
