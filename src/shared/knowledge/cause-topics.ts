/**
 * What causes are about. The simulator, the diagnosis of captures and the notes each name a cause in their own words; a page that
 * lists all three tells each once.
 */
import { isMessage, type MessageId, type Phrase } from '#messages/message.ts'
import { textOf } from '#messages/text.ts'
import type { RowFault } from '../diagnosis/inverse/row-words.ts'

/** A cause of the simulator: the faults of its row, or its scenario. */
export interface SimulatedCause {
  readonly faults: readonly RowFault[]
  readonly scenario: string | undefined
}

interface Topic {
  readonly fault?: RowFault
  /** A scenario about nothing else. */
  readonly scenario?: string
  /** Causes and notes of the other tables that say the same. */
  readonly told: readonly MessageId[]
}

export const causeTopics = [
  {
    fault: 'option-60-wrong',
    told: [
      'failures.option-60-pxeclient-set-dhcp-server',
      'failures.option-60-pxeclient-left-over-dhcp',
      'knowledge.after-wds-distribution-point-moves',
    ],
  },
  { fault: 'stopped', told: ['failures.wds-service-stopped-option-goes-promising'] },
  { scenario: 'firewall-4011', told: ['failures.firewall-drops-udp-port-4011'] },
  { scenario: 'firewall-tftp', told: ['failures.firewall-drops-udp-port-69-answers'] },
  { fault: 'option-60-missing', told: ['failures.wds-shares-server-dhcp-told-not'] },
  { fault: 'not-on-67', told: ['failures.wds-left-dhcp-server-usedhcpports-still'] },
  { scenario: 'helper-to-dhcp-only', told: ['failures.no-pxe-server-heard-client-remote'] },
  { scenario: 'helper-to-wds-only', told: ['failures.relay-passes-requests-pxe-server-only'] },
  { scenario: 'spanning-tree', told: ['failures.switch-port-not-forwarding-yet-spanning'] },
  { scenario: 'read-filter', told: ['failures.wds-read-filter-lacks-form-path'] },
  { scenario: 'tftp-range-taken', told: ['failures.dns-taken-port-range-wds-kb977512'] },
  { scenario: 'block-size-above-mtu', told: ['failures.blocks-larger-than-path-carries-vpn'] },
  { scenario: 'menu-without-server', told: ['failures.menu-option-43-offers-kind-boot'] },
  { scenario: 'no-router-option', told: ['failures.dhcp-server-gives-no-router-option'] },
  { scenario: 'no-deployment', told: ['failures.pxe-server-no-program-architecture-answers'] },
] as const satisfies readonly Topic[]

const topics: readonly Topic[] = causeTopics

const isAbout = ({ fault, scenario }: Topic, cause: SimulatedCause): boolean =>
  fault === undefined ? scenario === cause.scenario : cause.faults.includes(fault)

/** A filter that takes each text once, and none that says what a cause of the simulator above it says; `titles` are theirs. */
export function eachCauseOnce(shown: readonly SimulatedCause[], titles: readonly string[]): (text: Phrase) => boolean {
  const said = new Set(titles)
  const known = new Set(topics.filter((topic) => shown.some((cause) => isAbout(topic, cause))))
  return (text) => {
    const topic = isMessage(text) ? topics.find(({ told }) => told.includes(text.say)) : undefined
    if (said.has(textOf(text)) || (topic && known.has(topic))) return false
    said.add(textOf(text))
    if (topic) known.add(topic)
    return true
  }
}
