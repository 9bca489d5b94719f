/** What the Doctor checks, and which scenarios and causes of the simulator each check finds on a real server. */
import type { FindingId } from '../diagnosis/doctor/finding.ts'

export interface DoctorCheck {
  readonly id: FindingId
  /** What is checked, as a short clause. */
  readonly title: string
  /** Scenarios whose fault it finds. */
  readonly scenarios: readonly string[]
  /** Causes by the words of their titles, for rows of the co-hosting matrix. */
  readonly causes?: RegExp
}

const check = (title: string, scenarios: readonly string[] = [], causes?: RegExp): Omit<DoctorCheck, 'id'> => ({ title, scenarios, ...(causes && { causes }) }) // prettier-ignore

/** One for each finding: who adds a finding names it here. */
const checks: Readonly<Record<FindingId, Omit<DoctorCheck, 'id'>>> = {
  'both-want-67': check('WDS and DHCP both claim UDP port 67', ['both-want-67'], /WDS and DHCP on one server both claim/),
  'responder-takes-67': check('The ConfigMgr PXE responder and DHCP both claim UDP port 67', ['responder-and-dhcp'], /responder and DHCP on one server both claim/),
  'dhcp-stopped': check('The DHCP server is stopped', [], /No DHCP server answers/),
  'dhcp-silent': check('The DHCP server logged that it serves nobody', ['pool-exhausted'], /No DHCP server answers/),
  'scope-inactive': check('A scope is not active', [], /No DHCP server answers/),
  'dhcp-not-authorised': check('The DHCP server is not authorised in Active Directory', ['dhcp-not-authorised']),
  'option-60-missing': check('Option 60 is missing beside DHCP on the same server', ['option-60-missing'], /does not send option 60/),
  'option-60-left-over': check('Option 60 names a PXE service that is not on this server', ['option-60-left-over', 'rogue-dhcp'], /Option 60 .* wrong server/i),
  'option-60-wrong': check('Option 60 has a value that no firmware understands'),
  'use-dhcp-ports-left-at-0': check('WDS or the responder leaves UDP port 67 to a DHCP server that is not there', ['use-dhcp-ports-left-at-0'], /does not listen on UDP port 67/),
  'pxe-service-stopped': check('The PXE service is stopped', ['wds-stopped'], /(WDS|responder) is stopped/),
  'pxe-service-not-listening': check('The PXE service runs and does not listen'),
  'boot-file-options': check('Options 66 and 67 name one program for every machine', ['one-file-for-all', 'architecture-nine'], /options 66 and 67 name one program/i),
  'firewall-closed': check('The firewall does not let UDP 67, 69 or 4011 in', ['firewall-4011', 'firewall-tftp']),
  'ports-excluded': check('Windows keeps a port that DHCP, TFTP or PXE needs'),
  'dns-holds-tftp-ports': check('DNS holds the ports that WDS sends files from', ['tftp-range-taken']),
  'tftp-port-range': check('WDS has too few ports to send files from', ['tftp-range-taken']),
  'tftp-read-filter': check('The TFTP read filter refuses the boot files', ['read-filter']),
  'tftp-blocks-too-large': check('TFTP blocks are larger than a frame', ['block-size-above-mtu']),
  'bind-policy': check('WDS does not listen on the interface of the clients'),
  'two-pxe-services': check('Two PXE services run', ['two-pxe-servers']),
  'foreign-owner': check('Another program holds a port of DHCP, TFTP or PXE'),
  'dhcpv6-port-held': check('Another program holds the port of DHCPv6 that the lab wants'),
  'dhcpv6-firewall-closed': check('The firewall closes DHCPv6 or TFTP over IPv6'),
  'boot-files-missing': check('Boot programs are missing on the server', ['missing-file', 'no-boot-image']),
  'boot-programs-signed-2011': check('Boot programs are signed with the certificate of 2011', ['secure-boot-of-2023', 'secure-boot']),
  'certificate-expired': check('The certificate of the distribution point has expired'),
  'dhcp-failover': check('The failover partner sends clients to its own port 4011'),
  'hands-free': check('Hands-free deployment over an insecure channel is allowed'),
  'issuing-list-missing': check('The list of issuing certificates is missing'),
  'mac-ignore-list': check('Some MAC addresses are not answered on purpose'),
  'restart-pending': check('The server waits for a restart'),
  'ports-need-rights': check('PXE Lab may not open ports 67 and 69'),
  'wds-answers-nobody': check('WDS is set to answer no client'),
  'wds-answers-known': check('WDS answers known machines only'),
  'wds-not-authorised': check('WDS is not authorised in Active Directory'),
  'clients-do-not-boot': check('A client does not boot in the simulated copy of this server'),
} // prettier-ignore

export const doctorChecks: readonly DoctorCheck[] = Object.entries(checks).map(([id, one]) => ({
  id: id as FindingId,
  ...one,
}))

/** The checks that find a cause on a real server. */
export const checksFor = (title: string, scenario: string | undefined): DoctorCheck[] =>
  doctorChecks.filter(
    (one) => (scenario !== undefined && one.scenarios.includes(scenario)) || one.causes?.test(title) === true,
  )
