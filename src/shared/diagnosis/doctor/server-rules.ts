/** Rules about what is behind the ports and options of a server: its event logs, boot files, certificates, partners. */
import { say, together, type Message, type Phrase } from '#messages/message.ts'
import type { Facts } from '../../lab/facts.ts'
import { dpKey, smsSecurityKey, wdsAnswerKey, wdsKey, wdsUnattendKey } from '../../lab/registry-keys.ts'
import { dhcpAuthority, wdsAuthority, type EventFact } from '../authority.ts'
import { bootableArchitectures, bootArchitectures, bootFolder, type BootArchitecture } from '../boot-files.ts'
import { docs } from '../commands.ts'
import { endedCertificates, isCertificateEnded, isConfigMgr, isIssuingListAbsent } from '../site-trust.ts'
import { byHand, type Rule } from './context.ts'
import type { Evidence } from './finding.ts'
import { givenTo, plainOptions } from '../scope-options.ts'
import { architectureKeys, askers, clientsOf } from '../twin-clients.ts'

/** Error codes in events of WDS that say why it does not start, by the end of the hexadecimal number. */
const reasons: readonly (readonly [code: RegExp, why: Message])[] = [
  [/0x(8007)?2740$/i, say('doctor.why-port-taken')],
  [/0x(8007)?271d$/i, say('doctor.why-port-reserved')],
  [/0x(8007)?36b1$/i, say('doctor.why-library')],
  [/0x(80070)?0*5$/i, say('doctor.why-denied')],
  [/0x(80070)?0*51$|0x(8007)?(54b|203a)$/i, say('doctor.why-no-controller')],
  [/0x(80092002|80092004|800b01\w\w|8009030\w|80070490)$/i, say('doctor.why-certificate')],
  [/0xc1030136$|0xc1030104$/i, say('doctor.why-image-store')],
  [/0x(80070)?0*2$/i, say('doctor.why-missing')],
]

/** `2026-01-02T03:04`, the minute of a time. */
const minuteDigits = 16

/** The errors that WDS logged when it last failed to start, and what they mean. */
export function whyNotStarted(
  facts: Facts,
): { readonly says: Phrase; readonly evidence: readonly Evidence[] } | undefined {
  const events = (facts.events?.value ?? []).filter((one) => one.log === 'Application')
  const newest = events[0]
  if (!newest) return undefined
  // What belongs to one start is logged at once.
  const together = events.filter((one) => one.at.slice(0, minuteDigits) === newest.at.slice(0, minuteDigits))
  const told = together.map((one) => {
    const code = one.data.find((text) => /^0x[0-9a-f]{1,8}$/i.test(text)) ?? ''
    const why = reasons.find(([pattern]) => pattern.test(code))?.[1]
    return { event: one, code, why: why ?? (/imgsrv/i.test(`${one.provider} ${one.data.join(' ')}`) ? say('doctor.why-image-store') : undefined) } // prettier-ignore
  })
  const best = told.find((one) => one.why !== undefined) ?? told[0]!
  const where = best.event.provider + (best.code === '' ? '' : `, ${best.code}`)
  return {
    says:
      best.why === undefined
        ? say('doctor.not-started', { at: newest.at, id: best.event.id, where })
        : say('doctor.not-started-why', { at: newest.at, id: best.event.id, where, why: best.why }),
    evidence: told.map(({ event }) => eventEvidence(facts, event)),
  }
}

function eventEvidence(facts: Facts, { log, provider, id, at, data }: EventFact): Evidence {
  return {
    says:
      data.length > 0
        ? say('doctor.event-is-with', { log, at, provider, id, data: data.join(', ') })
        : say('doctor.event-is', { log, at, provider, id }),
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
    title: say('doctor.dhcp-silent-title', { id: event.id }),
    says: say('doctor.dhcp-silent-says', { why: says }),
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
    title: say('doctor.wds-not-authorised-title'),
    says: say('doctor.wds-not-authorised-says'),
    reference: docs.registry,
    evidence: [
      known.registryEvidence(wdsKey, 'DisableRogueDetection'),
      event
        ? eventEvidence(known.facts, event)
        : known.evidence(say('doctor.server-not-listed'), [known.facts.dhcpAuthorised?.source]),
    ],
    remedy: byHand(
      say('doctor.authorise-it'),
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
      title: say('doctor.wds-answers-nobody-title'),
      says: say('doctor.wds-answers-nobody-says'),
      reference: docs.registry,
      evidence: [known.registryEvidence(wdsAnswerKey, 'netbootAnswerRequests')],
      remedy: byHand(say('doctor.wds-answers-nobody-fix'), set('All'), set('None')),
    }
  return knownOnly !== true
    ? undefined
    : {
        id: 'wds-answers-known',
        severity: 'note',
        title: say('doctor.wds-answers-known-title'),
        says: say('doctor.wds-answers-known-says'),
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
    title: say('doctor.boot-files-missing-title', { programs: missing.map((one) => programNames[one]) }),
    says: say('doctor.boot-files-missing-says', { folder }),
    reference: docs.responder,
    evidence: facts
      .bootFiles!.value.filter((one) => /\.(efi|com|n12)$/i.test(one.path))
      .slice(0, 12)
      .map((one) => ({
        says: say('doctor.file-has-bytes', { path: one.path, size: one.size }),
        source: facts.bootFiles!.source,
        raw: undefined,
      })),
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
  const count = old.length
  return {
    id: 'boot-programs-signed-2011',
    severity: 'note',
    title: isOfWindows
      ? say('doctor.signed-2011-title-windows', { count })
      : say('doctor.signed-2011-title', { count }),
    says: together([
      isOfWindows ? say('doctor.signed-2011-says-windows') : say('doctor.signed-2011-says'),
      ...(both.length === 0 ? [] : [say('doctor.signed-2011-both', { count: both.length })]),
      isOfWindows ? say('doctor.signed-2011-adk') : say('doctor.signed-2011-shim'),
    ]),
    reference: 'Microsoft KB 5025885',
    evidence: [...old, ...both].slice(0, 24).map((one) => ({ says: say('doctor.file-signed-by', { path: one.path, issuers: issuersOf(one) }), source: facts.bootFiles!.source, raw: undefined })), // prettier-ignore
    remedy: undefined,
  }
}

export const certificateExpired: Rule = ({ known: { facts }, wdsServes, sccmServes }) => {
  if ((!wdsServes && !sccmServes) || !isConfigMgr(facts)) return undefined
  const all = facts.certificates?.value ?? []
  const ended = endedCertificates(facts)
  if (all.length === 0) return { doubt: say('doctor.certificate-unknown') }
  if (ended.length === 0) return undefined
  const isSure = isCertificateEnded(facts)
  return {
    id: 'certificate-expired',
    severity: isSure ? 'error' : 'note',
    title: isSure
      ? say('doctor.certificate-expired-title')
      : say('doctor.certificate-expired-title-some', { all: all.length, count: ended.length }),
    says: isSure
      ? say('doctor.certificate-expired-says', { ends: ended.map((one) => one.notAfter) })
      : say('doctor.certificate-expired-says-some'),
    reference: docs.responder,
    evidence: ended.map((one) => ({ says: say('doctor.certificate-until', { subject: one.subject, end: one.notAfter }), source: facts.certificates!.source, raw: undefined })), // prettier-ignore
    remedy: isSure ? byHand(say('doctor.certificate-expired-fix'), [], []) : undefined,
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
    return other && { doubt: say('doctor.failover-unknown', { partner: other.partner.partner }) } // prettier-ignore
  }
  return {
    id: 'dhcp-failover',
    severity: 'warning',
    title: say('doctor.failover-title', { partner: first.partner.partner }),
    says: say('doctor.failover-says'),
    reference: 'PXE 2.1 section 2.2',
    evidence: copied.map(({ partner: one }) => ({ says: say('doctor.failover-is', { ...one, scopes: one.scopes.join(', ') }), source: facts.dhcpFailover!.source, raw: undefined })), // prettier-ignore
    remedy: undefined,
  }
}

export const handsFree: Rule = ({ known, wdsServes }) =>
  !wdsServes || known.facts.distributionPoint?.value === true || known.registry(wdsUnattendKey, 'AllowHandsFreeFunctionality') !== 1 // prettier-ignore
    ? undefined
    : {
        id: 'hands-free',
        severity: 'note',
        title: say('doctor.hands-free-title'),
        says: say('doctor.hands-free-says'),
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
        title: say('doctor.issuing-list-title'),
        says: say('doctor.issuing-list-says'),
        reference: 'Microsoft KB 4469580',
        evidence: [known.registryEvidence(smsSecurityKey, 'IssuingCertificateList')],
        remedy: byHand(say('doctor.issuing-list-fix'), [], []),
      }

export const macIgnoreList: Rule = ({ known, sccmServes, wdsServes }) => {
  const file = known.registry(dpKey, 'MACIgnoreListFile')
  if ((!sccmServes && !wdsServes) || typeof file !== 'string' || file === '') return undefined
  return {
    id: 'mac-ignore-list',
    severity: 'note',
    title: say('doctor.mac-ignore-title'),
    says: say('doctor.mac-ignore-says', { file }),
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
        title: say('doctor.restart-pending-title'),
        says: say('doctor.restart-pending-says'),
        reference: docs.startup,
        evidence: [{ says: say('doctor.restart-is-pending'), source: facts.restartPending.source, raw: undefined }], // prettier-ignore
        remedy: undefined,
      }
