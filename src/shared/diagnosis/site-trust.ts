/** What the PXE service of a ConfigMgr distribution point needs for its talk with the management point. */
import type { Facts } from '../lab/facts.ts'
import { smsSecurityKey } from '../lab/registry-keys.ts'
import { bootFolder } from './boot-files.ts'

type CertificateFact = NonNullable<Facts['certificates']>['value'][number]

/** Whether ConfigMgr is who answers, through its responder or inside WDS. */
export const isConfigMgr = (facts: Facts): boolean => bootFolder(facts) === 'SMSBoot'

/** Certificates that had ended when the facts were collected. */
export const endedCertificates = ({ certificates, collectedAt }: Facts): CertificateFact[] =>
  certificates?.value.filter((one) => one.notAfter < collectedAt) ?? []

/** Whether the certificate of the distribution point has ended for certain: no other is there. */
export const isCertificateEnded = (facts: Facts): boolean => {
  const all = facts.certificates?.value ?? []
  return isConfigMgr(facts) && all.length > 0 && endedCertificates(facts).length === all.length
}

/** Whether the list by which the service trusts the management point was looked for, and is absent (KB 4469580). */
export const isIssuingListAbsent = (facts: Facts): boolean =>
  isConfigMgr(facts) &&
  facts.registry?.value.find(
    (one) => one.key.toLowerCase() === smsSecurityKey.toLowerCase() && one.name === 'IssuingCertificateList',
  )?.data === null
