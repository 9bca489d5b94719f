/** How a person wants Flows to look, kept between runs: columns, colours, filters, the ladder. */
import { t } from '#messages/text.ts'
import { create } from 'zustand'
import { persist } from 'zustand/middleware'
import type { ColourRule } from './answers.ts'

/** Tints of rows, by the meaning their colour has everywhere. */
export const tints = ['bad', 'wait', 'good', 'dhcp', 'pxe', 'tftp', 'http', 'quiet'] as const
export type Tint = (typeof tints)[number]

export interface TintRule extends ColourRule {
  readonly tint: Tint
  readonly isOn: boolean
}

export const packetColumns = [
  'number',
  'time',
  'delta',
  'clock',
  'protocol',
  'source',
  'destination',
  'length',
  'machine',
  'summary',
] as const
export type PacketColumn = (typeof packetColumns)[number]

export interface SavedFilter {
  readonly name: string
  readonly filter: string
}

/** Filters that are offered again. */
const mostRecent = 12

export const defaultRules: readonly TintRule[] = [
  { name: t('flows.errors'), filter: 'error', tint: 'bad', isOn: true },
  {
    name: t('flows.proxydhcp-and-port-4011'),
    filter: 'protocol == proxydhcp || udp.port == 4011',
    tint: 'pxe',
    isOn: true,
  },
  { name: 'DHCP', filter: 'dhcp || dhcpv6', tint: 'dhcp', isOn: true },
  { name: 'HTTP', filter: 'http', tint: 'http', isOn: true },
  { name: 'TFTP requests', filter: 'tftp.opcode in {1, 2}', tint: 'tftp', isOn: true },
]

interface Preferences {
  readonly columns: readonly PacketColumn[]
  /** In pixels, by column, where somebody moved a border. */
  readonly widths: Readonly<Partial<Record<PacketColumn, number>>>
  readonly rules: readonly TintRule[]
  readonly areColoured: boolean
  readonly recent: readonly string[]
  readonly saved: readonly SavedFilter[]
  readonly spacing: 'even' | 'scale'
  readonly zoom: number
}

export const usePreferences = create<Preferences>()(
  persist(
    (): Preferences => ({
      columns: ['number', 'time', 'protocol', 'source', 'destination', 'summary'],
      widths: {},
      rules: defaultRules,
      areColoured: true,
      recent: [],
      saved: [],
      spacing: 'even',
      zoom: 1,
    }),
    { name: 'pxe-lab-flows', version: 1 },
  ),
)

export const prefer = (change: Partial<Preferences>): void => void usePreferences.setState(change)

/** A filter that was used comes first among those that are offered again. */
export function rememberFilter(filter: string): void {
  const text = filter.trim()
  if (text === '') return
  const recent = usePreferences.getState().recent.filter((one) => one !== text)
  prefer({ recent: [text, ...recent].slice(0, mostRecent) })
}

export function saveFilter(name: string, filter: string): void {
  const others = usePreferences.getState().saved.filter((one) => one.name !== name)
  prefer({ saved: [...others, { name, filter: filter.trim() }] })
}

export const dropFilter = (name: string): void =>
  prefer({ saved: usePreferences.getState().saved.filter((one) => one.name !== name) })
