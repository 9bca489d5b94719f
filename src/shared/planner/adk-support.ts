/**
 * Which Windows ADK goes with which version of Configuration Manager (Microsoft, "Support for the Windows ADK in
 * Configuration Manager", Windows ADK versions, as of 2026-09-22; for versions before 2103 the same table of "Support for
 * Windows 10"). A version that has left the table keeps what the table last said of it.
 */
import { buildOf, orderOf } from './versions.ts'

/** `compatible`: not tested by Microsoft, but should work. */
export type AdkSupport = 'supported' | 'compatible' | 'not supported'

/** The first build of the ADK whose Windows PE is an installer of its own (Windows 10, version 1809). */
export const firstSeparatePe = 17_763

const marks = { y: 'supported', c: 'compatible', n: 'not supported' } as const
/** A letter for each version in their order; `-` where no table that was read says anything. */
const columns = ['1806', '1810', '1902', '1906', '1910', '2002', '2006', '2010', '2103', '2107', '2111', '2203', '2207', '2211', '2303', '2309', '2403', '2409', '2503', '2509', '2603', '2609'] // prettier-ignore
export const adkVersions: readonly { readonly build: number; readonly name: string; readonly support: string }[] = [
  { build: 16_299, name: 'Windows 10, version 1709', support: 'cnnnnnn---------------' },
  { build: 17_134, name: 'Windows 10, version 1803', support: 'yccnnnn---------------' },
  { build: 17_763, name: 'Windows 10, version 1809', support: 'yyyccnn---------------' },
  { build: 18_362, name: 'Windows 10, version 1903', support: 'nnyyyyc---------------' },
  { build: 19_041, name: 'Windows 10, version 2004', support: 'nnnnnyyyyyyyyyyyyynnnn' },
  { build: 20_348, name: 'Windows Server 2022', support: '--------nyyyyyyyyyyyyy' },
  { build: 22_000, name: 'Windows 11, version 21H2', support: '---------yyyyyyyyyyyyy' },
  { build: 22_621, name: 'Windows 11, version 22H2', support: '--------nnyyyyyyyyyyyy' },
  { build: 25_398, name: 'September 2023', support: '-------------nnnnnnnnn' },
  { build: 26_100, name: 'May or December 2024', support: '-------------nyyyyyyyy' },
  { build: 28_000, name: 'November 2025', support: '----------------nnnnnn' },
]

/** What the table says of an ADK such as 10.1.22621.1; undefined where it says nothing of the two together. */
export function adkSupport(adk: string | undefined, version: string | undefined): AdkSupport | undefined {
  const row = adkVersions.find((one) => one.build === buildOf(adk))
  const at = version === undefined ? -1 : columns.findIndex((one) => Number(one) === Math.floor(orderOf(version)))
  return marks[row?.support[at] as keyof typeof marks]
}
