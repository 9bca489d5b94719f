/** What handouts are made of: one HTML file for the print of a browser, A4, without script, which fetches nothing. */
import { spokenLanguage, t } from '#messages/text.ts'
import { firmwareText } from '../machines/pxe-client/firmwares.ts'
import { scenarioNames } from '../simulation/scenario-names.ts'
import type { Scenario } from '../simulation/scenario.ts'
import type { Ladder } from '../trace/ladder.ts'
import { escapeXml, ladderSvg, lightLadderStyle } from '../trace/ladder-svg.ts'
import type { PicturedRun } from './boot-picture.ts'

/** Of the ladder, in pixels at 96 to the inch: the width of A4 between its margins. */
const paperWidth = 700
/** Room for an answer. */
export const line = '<div class="line"></div>'

const style = `
@page{size:A4;margin:14mm 13mm 16mm;@bottom-right{content:counter(page);font:9pt system-ui,sans-serif}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:${paperWidth}px;font:10pt/1.35 system-ui,sans-serif;color:#1f2328;background:#fff}
h1{font-size:16pt;margin:0}h2{font-size:12pt;margin:14pt 0 4pt;break-after:avoid}h3{font-size:10.5pt;margin:10pt 0 2pt;break-after:avoid}
p{margin:3pt 0}
header{display:flex;justify-content:space-between;gap:20pt;align-items:baseline}
header .who{flex:0 0 45%;border-bottom:1px solid #656d76}
table{border-collapse:collapse;width:100%;font-size:9.5pt}th,td{text-align:left;padding:2pt 8pt 2pt 0;border-bottom:1px solid #d0d7de;vertical-align:top}
section{break-after:page}section:last-of-type{break-after:auto}
figure{margin:6pt 0;break-inside:avoid}figure svg{width:100%;height:auto;max-height:185mm;display:block}
.line{border-bottom:1px solid #8c959f;height:17pt}
.box{border:1px solid #8c959f;height:48pt;margin:4pt 0}
.question{break-inside:avoid}
ol{margin:4pt 0;padding-left:20pt}ul.choice{list-style:none;padding:0;margin:4pt 0}ul.choice li::before{content:"\\2610\\00a0\\00a0"}
code{font:9pt ui-monospace,Consolas,monospace}
pre{font:9pt/1.35 ui-monospace,Consolas,monospace;border:1px solid #d0d7de;padding:4pt 6pt;margin:4pt 0;white-space:pre-wrap;break-inside:avoid}
.quiet{color:#656d76;font-size:9pt}
article{margin-bottom:16pt}
${lightLadderStyle}`

export const text = (value: string): string => escapeXml(value)

export const paperHead = (title: string): string =>
  `<header><h1>${text(title)}</h1><span class="who quiet">${text(t('handout.name'))}</span></header>`

export const figure = (ladder: Ladder, run: PicturedRun): string =>
  `<figure>${ladderSvg(ladder, { width: paperWidth, isCaptionFirst: true, captionOf: run.captionOf }).svg}</figure>`

export function networkTable(scenario: Scenario): string {
  const names = scenarioNames(scenario)
  const row = (cells: readonly string[]): string => `<tr>${cells.map((cell) => `<td>${text(cell)}</td>`).join('')}</tr>`
  const hosts = Object.entries(scenario.hosts).map(([key, host]) =>
    row([
      names.get(key) ?? key,
      [...Object.values(host.on), ...Object.values(host.on6 ?? {})].join(', '),
      Object.keys(host.services).join(', ') || t('handout.none'),
    ]),
  )
  const machines = Object.entries(scenario.clients).map(([key, one]) =>
    row([names.get(key) ?? key, '', firmwareText(one.firmware)]),
  )
  return `<table><tr><th>${text(t('handout.machine'))}</th><th>${text(t('handout.address'))}</th><th>${text(t('handout.services'))}</th></tr>${[...hosts, ...machines].join('')}</table>`
}

/** Exercises one after the other, and all answers behind them. Both are markup. */
export const paperDocument = (
  title: string,
  exercises: readonly string[],
  answers: readonly string[],
): string => `<!doctype html>
<html lang="${spokenLanguage()}"><head><meta charset="utf-8"><meta name="color-scheme" content="light"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"><title>${text(title)} - PXE Lab</title><style>${style}</style></head><body>
${exercises.join('\n')}
<section class="answers"><h1>${text(t('handout.answers'))}</h1>
${answers.join('\n')}</section>
</body></html>
`
