/**
 * A boot as one HTML file that opens anywhere without a network: verdict, sentences, ladder, offers, key packets, settings.
 * No script, nothing fetched; everything that came off the wire is escaped.
 */
import { textOf } from '#messages/text.ts'
import { buildLadder, type Ladder, type Lane } from '../trace/ladder.ts'
import { escapeXml, ladderStyle, ladderSvg } from '../trace/ladder-svg.ts'
import { Masker } from '../trace/masking.ts'
import type { Attempt } from '../trace/events.ts'
import type { Session } from '../trace/session.ts'
import { fieldName } from '../wire/field-names.ts'
import type { Field } from '../wire/dissect/field.ts'
import { optionCodes } from '../wire/dhcp/options.ts'
import { decodeText } from '../wire/bytes.ts'
import { findOptionData } from '../wire/dhcp/message.ts'
import { namesIn6 } from '../wire/dhcpv6/message.ts'
import { formatDateTime, formatDuration, formatPreciseDateTime, zoneAt } from '../wire/time.ts'
import { laneName, machineNames, nameAddresses, type MachineNames } from '../trace/name-addresses.ts'
import { explainAttempt } from './explain/explain.ts'
import { named } from './explain/named.ts'
import type { Explanation, OfferVerdict, Outcome } from './explain/explanation.ts'
import { message6Of, messageOf } from './rounds.ts'

export interface ReportOptions {
  /** What was looked at: the name of the file, or of the lab. */
  readonly title: string
  readonly attempts: readonly Attempt[]
  readonly isMasked: boolean
  /** Names that people gave; others are taken from the packets. */
  readonly names?: MachineNames
  /** The lab file, where the boot was answered by this program. */
  readonly labText?: string | undefined
  /** When it was made, milliseconds since 1970. */
  readonly madeAt: number
  readonly version: string
}

/** Packets that decide: everything but the blocks of files, at most so many an attempt. */
const mostPackets = 60
/** Of a storm the beginning and the end of a ladder tell what the rows between repeat. */
const firstRows = 300
const lastRows = 100
/** Attempts that are told in full, those that failed first; of the others there is a line each, up to a limit. */
const mostInFull = 200
const mostInBrief = 5000

/** The ladder of an attempt with everything that is known of it. */
export function explainedLadder(
  session: Session,
  attempt: Attempt,
  explanation: Explanation,
  unfolded?: ReadonlySet<number>,
): Ladder {
  const { offers, notes, missing } = explanation
  const frames = (accepts: (taken: OfferVerdict['taken']) => boolean): Set<number> =>
    new Set(offers.filter((one) => accepts(one.taken)).map((one) => one.frame))
  return buildLadder(session.store, attempt, {
    notes,
    missing,
    won: frames((taken) => taken === 'whole' || taken === 'address' || taken === 'boot'),
    lost: frames((taken) => taken === 'no' || taken === 'dropped'),
    ...(unfolded ? { unfolded } : {}),
  })
}

const style = `
:root{color-scheme:light dark;--ink:#1f2328;--quiet:#656d76;--line:#d0d7de;--paper:#fff;--good:#1a7f37;--bad:#cf222e;--warn:#9a6700}
@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--quiet:#8d96a0;--line:#30363d;--paper:#0d1117;--good:#3fb950;--bad:#f85149;--warn:#d29922}}
body{margin:0 auto;max-width:1100px;padding:24px;font:14px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper)}
h1{font-size:20px}h2{font-size:17px;margin-top:36px}h3{font-size:14px;margin:20px 0 6px}
.quiet{color:var(--quiet)}.good{color:var(--good)}.bad{color:var(--bad)}.warning{color:var(--warn)}.benign{color:var(--quiet)}
code,pre,.mono{font-family:ui-monospace,Menlo,Consolas,monospace;font-size:12px}
pre{overflow:auto;border:1px solid var(--line);border-radius:6px;padding:10px}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:4px 10px 4px 0;border-bottom:1px solid var(--line);vertical-align:top}
.scroll{overflow-x:auto}details{border-bottom:1px solid var(--line)}summary{padding:4px 0;cursor:pointer}
.screen{background:#111;color:#ddd;padding:10px;border-radius:6px}`

const outcomeTones = {
  started: 'good',
  loaded: 'good',
  address: 'plain',
  idle: 'plain',
  waiting: 'warning',
  unknown: 'warning',
  failed: 'bad',
  check: 'plain',
} as const satisfies Record<Outcome, string>

class Report {
  readonly #session: Session
  readonly #names: MachineNames
  readonly #mask: (text: string) => string
  readonly #options: ReportOptions

  constructor(session: Session, options: ReportOptions) {
    this.#session = session
    this.#options = options
    const names = machineNames(session.trace.machines, options.names)
    // A single letter is everywhere: what masks it would mask every word.
    this.#names = options.isMasked ? new Map([...names].filter(([, name]) => name.length > 1)) : names
    const masker = new Masker(
      options.isMasked ? [...this.#names.values(), ...hostNames(session, options.attempts)] : [],
    )
    this.#mask = options.isMasked ? (text) => masker.mask(text) : (text) => text
  }

  #text(text: string): string {
    return escapeXml(this.#mask(text))
  }

  /** A machine by its name and its address. */
  #called({ machine }: Attempt): string {
    return nameAddresses(machine.name, this.#names)
  }

  #frames(frames: readonly number[]): string {
    const shown = frames.filter((frame) => frame > 0).slice(0, 12)
    return shown.length === 0 ? '' : ` <span class="quiet mono">[${shown.map((frame) => `#${frame}`).join(' ')}${frames.length > shown.length ? ' …' : ''}]</span>` // prettier-ignore
  }

  #attempt(attempt: Attempt, explanation: Explanation<string>): string {
    const session = this.#session
    const ladder = explainedLadder(session, attempt, explanation)
    const isLong = ladder.rows.length > firstRows + lastRows
    const masked: Ladder = {
      ...ladder,
      lanes: ladder.lanes.map((lane) => ({ ...lane, address: this.#mask(lane.address), mac: this.#mask(lane.mac) })),
      rows: (isLong ? [...ladder.rows.slice(0, firstRows), ...ladder.rows.slice(-lastRows)] : ladder.rows).map(
        (row) => ({
          ...row,
          label: this.#mask(row.label),
          note: row.note && this.#mask(row.note),
        }),
      ),
    }
    const called = new Map(masked.lanes.map((lane, at) => [lane, this.#mask(laneName(ladder.lanes[at]!, this.#names))]))
    const captionOf = (lane: Lane): string => called.get(lane) ?? ''
    const tone = outcomeTones[explanation.outcome]
    const began = session.store.millisecondsAt(attempt.startNs)
    const { offers, screen, causes, tells } = explanation
    return [
      `<h2>${this.#text(this.#called(attempt))}, attempt ${attempt.ordinal}</h2>`,
      `<p class="${tone}"><strong>${this.#text(explanation.headline)}</strong></p>`,
      `<p class="quiet">${this.#text(explanation.firmware ? `${explanation.firmware.name}, told by ${explanation.firmware.evidence}. ` : '')}Began ${formatPreciseDateTime(began)}, took ${formatDuration(session.store.millisecondsAt(attempt.lastNs) - began)}.</p>`,
      '<h3>What happened</h3><ol>',
      ...explanation.sentences.map(
        (one) => `<li class="${one.tone}">${this.#text(one.text)}${this.#frames(one.frames)}</li>`,
      ),
      '</ol>',
      screen.length > 0 ? `<h3>On the screen</h3><pre class="screen">${this.#text(screen.join('\n'))}</pre>` : '',
      causes.length > 0
        ? `<h3>Likely causes</h3><ul>${causes.map((cause) => `<li>${this.#text(cause)}</li>`).join('')}</ul>`
        : '',
      tells.length > 0
        ? `<h3>What would tell them apart</h3><ul>${tells.map((one) => `<li>${this.#text(one)}</li>`).join('')}</ul>`
        : '',
      `<h3>Ladder${isLong ? `, the first ${firstRows} and the last ${lastRows} of ${ladder.rows.length} rows` : ''}</h3><div class="scroll">${ladderSvg(masked, { width: 1040, captionOf }).svg}</div>`,
      offers.length > 0
        ? `<h3>Offers</h3><table><tr><th>Server</th><th>Brings</th><th>Taken</th></tr>${offers.map((offer) => `<tr><td class="mono">${this.#text(nameAddresses(offer.server, this.#names))}<br><span class="quiet">${offer.role} #${offer.frame}</span></td><td>${this.#text(offer.address === '' ? offer.brings : `${offer.address}: ${offer.brings}`)}</td><td>${this.#text(offer.why)}</td></tr>`).join('')}</table>`
        : '',
      `<h3>Key packets</h3>${this.#packets(ladder)}`,
    ].join('\n')
  }

  #packets(ladder: Ladder): string {
    const frames = ladder.rows.flatMap((row) => (row.kind === 'arrow' ? row.frames : [])).slice(0, mostPackets)
    return frames
      .map((frame) => {
        const { layers, protocol, summary } = this.#session.dissectionOf(frame)
        const lines: string[] = []
        const walk = (fields: readonly Field[], depth: number): void => {
          for (const field of fields) {
            // Raw bytes of names would tell what the masked text hides.
            const isHidden =
              this.#options.isMasked &&
              /client-identifier|machine-identifier|host-name|fqdn|circuit|remote-id/i.test(field.name)
            lines.push(
              `${'  '.repeat(depth)}${textOf(fieldName(field.name))}: ${isHidden ? '(masked)' : textOf(field.text)}`,
            )
            if (field.children && !isHidden) walk(field.children, depth + 1)
          }
        }
        walk(layers, 0)
        return `<details><summary class="mono">#${frame} ${escapeXml(protocol)} ${this.#text(textOf(summary))}</summary><pre>${this.#text(lines.join('\n'))}</pre></details>`
      })
      .join('\n')
  }

  #attempts(attempts: readonly Attempt[]): string {
    const { store, endNs } = this.#session
    const explain = (attempt: Attempt): Explanation<string> =>
      named(explainAttempt(store, attempt, { nowNs: endNs }), this.#names, attempt.machine.name)
    const isShort = attempts.length <= mostInFull
    const looked = isShort ? attempts : attempts.slice(0, mostInBrief + mostInFull)
    const told = looked.map((attempt) => ({ attempt, explanation: explain(attempt) }))
    const inFull = isShort
      ? told
      : [
          ...told.filter(({ explanation }) => explanation.outcome === 'failed'),
          ...told.filter(({ explanation }) => explanation.outcome !== 'failed'),
        ].slice(0, mostInFull)
    const full = new Set(inFull.map(({ attempt }) => attempt))
    const brief = told.filter(({ attempt }) => !full.has(attempt))
    const left = attempts.length - looked.length
    const lines = brief.map(
      ({ attempt, explanation }) =>
        `<tr><td class="mono">${this.#text(this.#called(attempt))}</td><td>${attempt.ordinal}</td><td>${this.#text(explanation.headline)}</td></tr>`,
    )
    return [
      ...inFull.map(({ attempt, explanation }) => this.#attempt(attempt, explanation)),
      ...(lines.length > 0
        ? [`<h2>${lines.length} more attempts</h2><table><tr><th>Machine</th><th>Attempt</th><th>Verdict</th></tr>`, ...lines, '</table>'] // prettier-ignore
        : []),
      ...(left > 0 ? [`<p class="warning">${left} later attempts are not in this report.</p>`] : []),
    ].join('\n')
  }

  html(): string {
    const { title, attempts, isMasked, labText, madeAt, version } = this.#options
    return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"><title>${this.#text(title)} - PXE Lab</title><style>${style}${ladderStyle}</style></head><body>
<h1>${this.#text(title)}</h1>
<p class="quiet">Made by PXE Lab ${escapeXml(version)}, ${formatDateTime(madeAt)}; times are ${zoneAt(madeAt)}.${isMasked ? ' Hardware addresses, IP addresses, machine identifiers and host names are masked: the same name stands for the same machine.' : ''}</p>
${this.#attempts(attempts)}
${labText === undefined ? '' : `<h2>Lab settings</h2><pre>${this.#text(labText)}</pre>`}
</body></html>
`
  }
}

/** Host names that the machines told of themselves (options 12 and 81, option 39 of DHCPv6), and the domains they were told. */
function hostNames(session: Session, attempts: readonly Attempt[]): string[] {
  const names = new Set<string>()
  for (const event of attempts.slice(0, mostInBrief + mostInFull).flatMap((attempt) => attempt.events)) {
    if (!session.store.has(event.kind === 'transfer' ? -1 : event.frame)) continue
    if (event.kind === 'dhcp6') for (const name of namesIn6(message6Of(session.store, event.frame))) names.add(name)
    if (event.kind !== 'dhcp') continue
    const message = messageOf(session.store, event.frame)
    for (const code of [optionCodes.hostName, 15]) {
      const data = findOptionData(message, code)
      if (data && data.length > 0) names.add(decodeText(data))
    }
    const sname = decodeText(message.sname)
    if (/[a-z]/i.test(sname)) names.add(sname)
  }
  return [...names]
}

export const htmlReport = (session: Session, options: ReportOptions): string => new Report(session, options).html()
