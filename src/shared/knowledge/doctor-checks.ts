/** What the Doctor checks, and which scenarios and causes of the simulator each check finds on a real server. */
import { say, type Phrase } from '#messages/message.ts'
import type { FindingId } from '../diagnosis/doctor/finding.ts'
import type { RowFault } from '../diagnosis/inverse/row-words.ts'

export interface DoctorCheck {
  readonly id: FindingId
  /** What is checked, as a short clause. */
  readonly title: Phrase
  /** Scenarios whose fault it finds. */
  readonly scenarios: readonly string[]
  /** Faults of rows of the co-hosting matrix that it finds. */
  readonly faults: readonly RowFault[]
}

const check = (
  title: Phrase,
  scenarios: readonly string[] = [],
  ...faults: readonly RowFault[]
): Omit<DoctorCheck, 'id'> => ({ title, scenarios, faults })

/** One for each finding: who adds a finding names it here. */
const checks: Readonly<Record<FindingId, Omit<DoctorCheck, 'id'>>> = {
  'both-want-67': check(say('doctor.both-want-67-title'), ['both-want-67'], 'wds-claims-67'),
  'responder-takes-67': check(say('doctor.responder-takes-67-title'), ['responder-and-dhcp'], 'responder-claims-67'),
  'dhcp-stopped': check(say('knowledge.dhcp-server-stopped'), [], 'no-dhcp'),
  'dhcp-silent': check(say('knowledge.dhcp-server-logged-serves-nobody'), ['pool-exhausted'], 'no-dhcp'),
  'scope-inactive': check(say('knowledge.scope-active'), [], 'no-dhcp'),
  'dhcp-not-authorised': check(say('knowledge.dhcp-server-authorised-active-directory'), ['dhcp-not-authorised']),
  'option-60-missing': check(say('knowledge.option-60-missing-beside-dhcp'), ['option-60-missing'], 'option-60-missing'),
  'option-60-left-over': check(say('knowledge.option-60-names-pxe-service'), ['option-60-left-over', 'rogue-dhcp'], 'option-60-wrong'),
  'option-60-wrong': check(say('knowledge.option-60-value-firmware-understands')),
  'use-dhcp-ports-left-at-0': check(say('knowledge.wds-responder-leaves-udp-port'), ['use-dhcp-ports-left-at-0'], 'not-on-67'),
  'pxe-service-stopped': check(say('knowledge.pxe-service-stopped'), ['wds-stopped'], 'stopped'),
  'pxe-service-not-listening': check(say('knowledge.pxe-service-runs-does-listen')),
  'boot-file-options': check(say('knowledge.options-66-67-name-one'), ['one-file-for-all', 'architecture-nine'], 'one-program'),
  'firewall-closed': check(say('knowledge.firewall-does-let-udp-67'), ['firewall-4011', 'firewall-tftp']),
  'ports-redirected': check(say('knowledge.firewall-redirects-ports')),
  'ports-excluded': check(say('knowledge.windows-keeps-port-dhcp-tftp')),
  'dns-holds-tftp-ports': check(say('knowledge.dns-holds-ports-wds-sends'), ['tftp-range-taken']),
  'tftp-port-range': check(say('knowledge.wds-too-few-ports-send'), ['tftp-range-taken']),
  'tftp-read-filter': check(say('knowledge.tftp-read-filter-refuses-boot'), ['read-filter']),
  'tftp-blocks-too-large': check(say('knowledge.tftp-blocks-larger-than-frame'), ['block-size-above-mtu']),
  'bind-policy': check(say('knowledge.wds-does-listen-interface-clients')),
  'two-pxe-services': check(say('knowledge.two-pxe-services-run'), ['two-pxe-servers']),
  'foreign-owner': check(say('knowledge.another-program-holds-port-dhcp')),
  'dhcpv6-port-held': check(say('knowledge.another-program-holds-port-dhcpv6')),
  'dhcpv6-firewall-closed': check(say('knowledge.firewall-closes-dhcpv6-tftp-over')),
  'boot-files-missing': check(say('knowledge.boot-programs-missing-server'), ['missing-file', 'no-boot-image']),
  'boot-programs-signed-2011': check(say('knowledge.boot-programs-signed-certificate-2011'), ['secure-boot-of-2023', 'secure-boot']),
  'certificate-expired': check(say('knowledge.certificate-distribution-point-expired')),
  'dhcp-failover': check(say('knowledge.failover-partner-sends-clients-own')),
  'hands-free': check(say('knowledge.hands-free-deployment-over-insecure')),
  'issuing-list-missing': check(say('knowledge.list-issuing-certificates-missing')),
  'mac-ignore-list': check(say('knowledge.some-mac-addresses-answered-purpose')),
  'restart-pending': check(say('knowledge.server-waits-restart')),
  'ports-need-rights': check(say('knowledge.pxe-lab-may-open-ports')),
  'wds-answers-nobody': check(say('knowledge.wds-set-answer-client')),
  'wds-answers-known': check(say('knowledge.wds-answers-known-machines-only')),
  'wds-not-authorised': check(say('knowledge.wds-authorised-active-directory')),
  'clients-do-not-boot': check(say('knowledge.client-does-boot-simulated-copy')),
} // prettier-ignore

export const doctorChecks: readonly DoctorCheck[] = Object.entries(checks).map(([id, one]) => ({
  id: id as FindingId,
  ...one,
}))

/** The checks that find a cause on a real server. */
export const checksFor = (faults: readonly RowFault[], scenario: string | undefined): DoctorCheck[] =>
  doctorChecks.filter(
    (one) =>
      (scenario !== undefined && one.scenarios.includes(scenario)) ||
      one.faults.some((fault) => faults.includes(fault)),
  )
