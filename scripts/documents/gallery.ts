// The gallery of boots in the documentation: each scenario with its ladder and its capture, before and after its repair.
import { inEnglish } from '#messages/text.ts'
import { readdirSync, readFileSync } from 'node:fs'
import { picturesOf, telling, type BootPicture, type PicturedRun } from '../../src/shared/diagnosis/boot-picture.ts'
import { firmwareText, type FirmwareName } from '../../src/shared/machines/pxe-client/firmwares.ts'
import { readScenarioText } from '../../src/shared/simulation/scenario-text.ts'
import { scenarioGroups, type Scenario } from '../../src/shared/simulation/scenario.ts'
import { ladderSvg } from '../../src/shared/trace/ladder-svg.ts'

const folder = new URL('../../resources/scenarios/', import.meta.url)

/** Rows of a ladder that one still looks at; of a longer one the beginning and the end. */
const mostRows = 60
const drawnWidth = 860

export interface GalleryFile {
  /** Below the files of the site. */
  readonly path: string
  readonly content: Uint8Array | string
}

export interface GalleryEntry {
  readonly id: string
  readonly scenario: Scenario
  /** A page of the site, with its front matter. */
  readonly page: string
  readonly files: readonly GalleryFile[]
}

/** Names of scenarios, in the order of their files. */
export const galleryIds = (): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => name.replace(/\.yaml$/, ''))
    .sort()

/** Markdown means nothing in what is told. */
const plain = (text: string): string => text.replaceAll(/[\\`*_[\]<>|#]/g, '\\$&').replaceAll('\n', ' ')
const attribute = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')

const ended = ({ outcome, name }: BootPicture): string => {
  const firmware = firmwareText(outcome.firmware as FirmwareName)
  const how =
    outcome.state === 'booted' ? 'boots' : outcome.code === '' ? 'does not boot' : `fails with ${outcome.code}`
  return `${plain(name)}, ${plain(firmware)}, ${how} after ${outcome.seconds.toFixed(1)} s.`
}

function drawing(run: PicturedRun, boot: BootPicture): string | undefined {
  const { ladder } = boot
  if (!ladder || ladder.rows.length === 0) return undefined
  const { rows } = ladder
  const shown = rows.length > mostRows ? [...rows.slice(0, mostRows - 15), ...rows.slice(-15)] : rows
  return ladderSvg(
    { ...ladder, rows: shown },
    { width: drawnWidth, isStandalone: true, isCaptionFirst: true, captionOf: run.captionOf },
  ).svg
}

/** One run of a scenario: how it ends, ladder, screen, sentences, capture. */
function part(id: string, which: 'before' | 'after', run: PicturedRun, client: string): { text: string; files: GalleryFile[] } {
  const boot = run.boots.find((one) => one.outcome.name === client) ?? telling(run)
  const files: GalleryFile[] = [{ path: `boots/${id}/${which}.pcapng`, content: run.capture }]
  if (!boot) return { text: '', files }
  const picture = drawing(run, boot)
  if (picture !== undefined) files.push({ path: `boots/${id}/${which}.svg`, content: picture })
  const cut = (boot.ladder?.rows.length ?? 0) > mostRows
  const { screen } = boot.outcome
  const others = run.boots.filter((one) => one !== boot)
  return {
    files,
    text: [
      ended(boot),
      '',
      ...(picture === undefined
        ? ['It sent no packet.']
        : [`<img src="../../boots/${id}/${which}.svg" alt="${attribute(`Ladder of the boot of ${boot.name}; the steps are told below`)}" loading="lazy" />`]),
      ...(cut ? ['', `The first ${mostRows - 15} and the last 15 of ${boot.ladder!.rows.length} rows; the capture has all of them.`] : []),
      '',
      `[Capture of this boot (pcapng, ${Math.ceil(run.capture.length / 1024)} KiB)](../../boots/${id}/${which}.pcapng) opens in Wireshark and in PXE Lab. It has the packets of every machine; \`eth.addr == ${boot.outcome.mac}\` shows those of ${plain(boot.name)}.`,
      '',
      ...(screen.length === 0 ? [] : [`On its screen:`, '', '```text', ...screen, '```', '']),
      '<details><summary>The steps in words</summary>',
      '',
      ...boot.steps.slice(0, 80).map((one) => `1. ${plain(inEnglish(one.sentence))}`),
      '',
      '</details>',
      '',
      ...(others.length === 0 ? [] : ['The other machines:', '', ...others.slice(0, 12).map((one) => `- ${ended(one)}`), '']),
    ].join('\n'),
  }
} // prettier-ignore

/** A scenario as a page with its files. */
export function galleryEntry(id: string): GalleryEntry {
  const read = readScenarioText(readFileSync(new URL(`${id}.yaml`, folder), 'utf8'))
  if (!read.ok) throw new Error(`${id}: the scenario cannot be read`)
  const before = picturesOf(read.input, [])
  const { scenario } = before
  const client = telling(before)?.outcome.name ?? ''
  const repair = scenario.repairs.find((one) => one.isAccepted)
  const bad = part(id, 'before', before, client)
  const good = repair && part(id, 'after', picturesOf(read.input, repair.set), client)
  const page = [
    `---\ntitle: ${JSON.stringify(scenario.title)}\ndescription: ${JSON.stringify(scenario.summary.replaceAll('\n', ' '))}\n---`,
    plain(scenario.summary),
    '',
    ...(scenario.look.length === 0 ? [] : ['What to look for:', '', ...scenario.look.map((text) => `- ${plain(text)}`), '']),
    ...(good ? ['## Before the repair', ''] : ['## The boot', '']),
    bad.text,
    ...(scenario.goesWrong === undefined ? [] : ['## What goes wrong', '', plain(scenario.goesWrong), '']),
    ...(repair && good
      ? [
          '## The repair',
          '',
          `**${plain(repair.title)}.** ${plain(repair.says)}`,
          '',
          ...(repair.commands.length === 0 ? [] : ['```text', ...repair.commands, '```', '']),
          '## After the repair',
          '',
          good.text,
        ]
      : []),
    '## Play it',
    '',
    `Open **Simulator** in PXE Lab and choose *${plain(scenario.title)}*, or run:`,
    '',
    '```sh',
    `pxe-lab simulate ${id} --ladder`,
    '```',
    '',
  ].join('\n') // prettier-ignore
  return { id, scenario, page, files: [...bad.files, ...(good?.files ?? [])] }
}

/** The page that leads to all others, by group. */
export function galleryIndex(entries: readonly Pick<GalleryEntry, 'id' | 'scenario'>[]): string {
  return [
    '---\ntitle: Gallery of boots\n---',
    'Each scenario of the simulator as a ladder, before and after its repair, with a capture to download and open in Wireshark. The packets are those that the simulator makes; no machine sent them.',
    '',
    ...scenarioGroups.flatMap((group) => {
      const own = entries.filter(({ scenario }) => scenario.group === group)
      if (own.length === 0) return []
      return [`## ${plain(group)}`, '', ...own.map(({ id, scenario }) => `- [${plain(scenario.title)}](./${id}/)`), '']
    }),
  ].join('\n') // prettier-ignore
}

/** Its part of the contents at the side, as Starlight wants it. */
export const gallerySidebar = (entries: readonly Pick<GalleryEntry, 'id' | 'scenario'>[]): unknown => ({
  label: 'Gallery of boots',
  collapsed: true,
  items: [
    { label: 'All boots', slug: 'gallery' },
    ...scenarioGroups.map((group) => ({
      label: group,
      collapsed: true,
      items: entries
        .filter(({ scenario }) => scenario.group === group)
        .map(({ id, scenario }) => ({ label: scenario.title, slug: `gallery/${id}` })),
    })),
  ],
})

/** The list of scenarios, each with a link to its page. */
export const linkedScenarios = (text: string, ids: readonly string[]): string =>
  text.replaceAll(/^pxe-lab simulate (\S+) --ladder\n```/gm, (whole, id: string) =>
    ids.includes(id) ? `${whole}\n\n[Its ladder and capture](../../gallery/${id}/)` : whole,
  )
