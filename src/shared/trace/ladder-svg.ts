/**
 * The ladder as SVG text: the window puts it into its page, reports and exports carry it whole. Colours are custom
 * properties, so that each surface sets them; `ladderStyle` gives a picture that stands alone its own.
 */
import type { ArrowRow, BarRow, GhostRow, Ladder, LadderRow, Lane } from './ladder.ts'
import { t } from '#messages/text.ts'
import { columnsOf, firstColumns } from '../wire/columns.ts'
import { describeRow, headOf } from './ladder-text.ts'

export interface LadderDrawing {
  readonly svg: string
  /** The heads of the lanes alone, to stand above a ladder that scrolls. */
  readonly heads: string
  /** Of a list: the times of its rows alone, to stand beside a ladder that scrolls. Else empty: they are in the picture. */
  readonly times: string
  readonly width: number
  readonly height: number
  /** How large it is drawn; what a label knows of its place is in units before that. */
  readonly zoom: number
}

export interface LadderSvgOptions {
  /** In pixels; the ladder takes more where the lanes need it. */
  readonly width: number
  /** `even` gives every row the same room, `scale` spaces rows by time. */
  readonly spacing?: 'even' | 'scale'
  /** A third line under a lane's head, such as the vendor of its hardware address. */
  readonly captionOf?: (lane: Lane) => string
  /** Whether that line stands first, before the role: where people know the machines by their names. */
  readonly isCaptionFirst?: boolean
  /** Whether the picture carries its colours with it. */
  readonly isStandalone?: boolean
  /** The time of a ladder that goes on, in nanoseconds since the store's base: what is due counts down. */
  readonly nowNs?: number | undefined
  /** How large everything is drawn, 1 as it is; the lanes still share the width. */
  readonly zoom?: number | undefined
  /** Whether each row is an option of a list, in reading order, that a keyboard and a screen reader go through. */
  readonly isList?: boolean
}

/** The id of a row's group in a ladder that is a list. */
export const ladderRowId = (key: string): string => `ladder-${key}`

/** Width of the column of times, in units of the drawing. */
export const timeColumn = 66
const headHeight = 58
const rowHeight = 30
const barHeight = 46
const smallestLane = 160
/** Where a label begins, beside the head of its arrow. */
const besideHead = 15
/** Room beside the outer lanes, for half of their heads. */
const edge = 80
/** Of a monospaced letter, in shares of its size. */
const letterWidth = 0.61
const tallest = 30_000

/** Everything in a capture comes from strangers. */
export const escapeXml = (text: string): string =>
  text.replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`).replace(/[^\t\n\x20-\u{10ffff}]/gu, '\ufffd')

/** As much of a text as fits, with an ellipsis where that is not all. */
const cut = (text: string, width: number, size: number): string => {
  const most = Math.max(4, Math.floor(width / (size * letterWidth)))
  return columnsOf(text) <= most ? text : `${firstColumns(text, most - 1)}…`
}

/** The look of a ladder on paper. */
export const lightLadderStyle = `
.ladder{--ladder-ink:#1f2328;--ladder-quiet:#656d76;--ladder-line:#d0d7de;--ladder-paper:#ffffff;--ladder-dhcp:#1f6feb;--ladder-pxe:#8250df;--ladder-tftp:#0f766e;--ladder-http:#0e7490;--ladder-arp:#656d76;--ladder-icmp:#656d76;--ladder-dns:#656d76;--ladder-good:#1a7f37;--ladder-bad:#cf222e;--ladder-warn:#9a6700;font-family:ui-monospace,Menlo,Consolas,monospace}`
/** The look of a ladder that stands alone, light and dark. */
export const ladderStyle = `${lightLadderStyle}
@media (prefers-color-scheme:dark){.ladder{--ladder-ink:#e6edf3;--ladder-quiet:#8d96a0;--ladder-line:#30363d;--ladder-paper:#0d1117;--ladder-dhcp:#58a6ff;--ladder-pxe:#bc8cff;--ladder-tftp:#2dd4bf;--ladder-http:#22d3ee;--ladder-arp:#8d96a0;--ladder-icmp:#8d96a0;--ladder-dns:#8d96a0;--ladder-good:#3fb950;--ladder-bad:#f85149;--ladder-warn:#d29922}}`

const heads = `<defs>${['dhcp', 'pxe', 'tftp', 'http', 'arp', 'icmp', 'dns', 'bad']
  .map(
    (name) =>
      `<marker id="head-${name}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0 0 10 5 0 10Z" fill="var(--ladder-${name})"/></marker>` +
      `<marker id="open-${name}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto"><path d="M1 1 9 5 1 9" fill="none" stroke="var(--ladder-${name})" stroke-width="1.6"/></marker>`,
  )
  .join('')}</defs>`

class Drawing {
  readonly #ladder: Ladder
  readonly #options: LadderSvgOptions
  /** In units of the drawing, before it is zoomed. */
  readonly #drawn: number
  #tall = 0
  readonly #laneGap: number
  readonly zoom: number
  readonly #parts: string[] = []
  readonly #times: string[] = []
  #lastTry = new Map<string, number>()
  heads = ''
  times = ''

  constructor(ladder: Ladder, options: LadderSvgOptions) {
    this.#ladder = ladder
    this.#options = options
    this.zoom = options.zoom ?? 1
    const gaps = Math.max(1, ladder.lanes.length - 1)
    const room = options.width / this.zoom - timeColumn - 2 * edge
    this.#laneGap = Math.max(smallestLane, room / gaps)
    this.#drawn = Math.round(timeColumn + this.#laneGap * gaps + 2 * edge)
  }

  /** In pixels of the page. */
  get width(): number {
    return Math.round(this.#drawn * this.zoom)
  }

  get height(): number {
    return Math.round(this.#tall * this.zoom)
  }

  #x(lane: number): number {
    return Math.round(timeColumn + edge + lane * this.#laneGap)
  }

  #group(row: LadderRow, y: number, inner: string, extra = ''): void {
    const whole = describeRow(row, this.#ladder)
    const room = row.kind === 'bar' ? barHeight : rowHeight
    const option = this.#options.isList ? ` id="${ladderRowId(row.key)}" role="option" aria-selected="false"` : ''
    const top = y - rowHeight + 9
    const time = `<text x="${timeColumn - 12}" y="${y - 4}" text-anchor="end" font-size="11" fill="var(--ladder-quiet)">${((row.timeNs - this.#ladder.startNs) / 1e9).toFixed(3)}</text>`
    if (this.#options.isList)
      this.#times.push(
        `<g class="ladder-time" data-key="${row.key}"><rect class="ladder-hit" x="0" y="${top}" width="${timeColumn}" height="${room}" fill="transparent"/>${time}</g>`,
      )
    this.#parts.push(
      `<g class="ladder-row ${row.kind} ${row.tone}${extra}" data-key="${row.key}" data-frame="${row.frames[0] ?? ''}"${option}><title>${escapeXml(whole)}</title>` +
        `<rect class="ladder-hit" x="0" y="${top}" width="${this.#drawn}" height="${room}" fill="transparent"/>${this.#options.isList ? '' : time}${inner}</g>`,
    )
  }

  /** A text on the line. It may go on over the lanes behind; what does not fit before `until` ends in an ellipsis, and its end stays, if shorter. */
  #label(
    text: string,
    from: number,
    to: number,
    y: number,
    colour: string,
    {
      end = '',
      shortEnd = '',
      style = '',
      until = this.#drawn,
    }: { end?: string; shortEnd?: string; style?: string; until?: number } = {},
  ): string {
    const left = Math.min(from, to) + besideHead
    const room = until - left - 10
    const isWhole = columnsOf(text + end) * 12 * letterWidth <= room
    const label = escapeXml(
      isWhole ? text + end : cut(text, room - columnsOf(shortEnd) * 12 * letterWidth, 12) + shortEnd,
    )
    // Where the ladder is scrolled, the label goes on to the first lane that is seen, as long as its line goes on.
    const ahead = this.#ladder.lanes.filter((_, lane) => this.#x(lane) > left && this.#x(lane) < Math.max(from, to) - besideHead) // prettier-ignore
    const further = ahead.length * this.#laneGap
    const place =
      this.#options.isList && further > 0
        ? ` class="ladder-label" style="--at:${left}px;--lane:${this.#laneGap}px;--further:${further}px"`
        : ''
    return `<text${place} x="${left}" y="${y - 5}" font-size="12" fill="${colour}" stroke="var(--ladder-paper)" stroke-width="4" paint-order="stroke" ${style}>${label}</text>`
  }

  #arrow(row: ArrowRow, y: number): void {
    const isPale = row.mark === 'lost' || row.tone === 'benign'
    const colour = row.tone === 'bad' ? 'var(--ladder-bad)' : `var(--ladder-${row.protocol})`
    const name = row.tone === 'bad' ? 'bad' : row.protocol
    const from = this.#x(row.from)
    const last = this.#ladder.lanes.length - 1
    const to = row.to < 0 ? this.#x(last) + (last === row.from ? 60 : 0) : this.#x(row.to)
    const ticks =
      row.isBroadcast && row.to < 0
        ? this.#ladder.lanes.map((_, lane) => (lane === row.from ? '' : `<circle cx="${this.#x(lane)}" cy="${y}" r="2.5" fill="${colour}"/>`)).join('') // prettier-ignore
        : ''
    const head = row.isBroadcast || row.to < 0 ? `open-${name}` : `head-${name}`
    const [end, shortEnd] =
      row.mark === 'won'
        ? [` ✓ ${t('ladder.taken')}`, ' ✓']
        : row.mark === 'lost'
          ? [` ✗ ${t('ladder.not-taken')}`, ' ✗']
          : row.tone === 'benign'
            ? [` (${t('ladder.normal')})`, '']
            : ['', '']
    const tries = row.tries > 1 ? `, ${t('ladder.try', { number: row.tries })}` : ''
    const key = `${row.from} ${row.label}`
    const before = this.#lastTry.get(key)
    const joined =
      row.tries > 1 && before !== undefined
        ? `<line x1="${from - 7}" y1="${before}" x2="${from - 7}" y2="${y}" stroke="${colour}" stroke-dasharray="1 3"/>` // prettier-ignore
        : ''
    this.#lastTry.set(key, y)
    const line = `<line x1="${from}" y1="${y}" x2="${to}" y2="${y}" stroke="${colour}" stroke-width="1.6" marker-end="url(#${head})"/>`
    const ink = row.tone === 'bad' ? 'var(--ladder-bad)' : 'var(--ladder-ink)'
    this.#group(
      row,
      y,
      `<g${isPale ? ' opacity="0.55"' : ''}>${joined}${line}${ticks}${this.#label(row.label + tries, from, to, y, ink, { end, shortEnd })}</g>`,
    )
  }

  #ghost(row: GhostRow, y: number): void {
    const from = this.#x(row.from)
    const to = this.#x(row.to)
    const { isOverdue, dueNs } = row.missing
    const { nowNs } = this.#options
    const left =
      nowNs === undefined
        ? undefined
        : ` ${t('ladder.due-in', { seconds: Math.max(0, Math.ceil((dueNs - nowNs) / 1e9)) })}`
    const end = isOverdue ? ` ${t('ladder.did-not-come')}` : (left ?? ` ${t('ladder.due-after')}`)
    const shortEnd = isOverdue ? end : (left ?? ` ${t('ladder.due-later')}`)
    const colour = isOverdue ? 'var(--ladder-bad)' : 'var(--ladder-warn)'
    this.#group(
      row,
      y,
      `<line x1="${from}" y1="${y}" x2="${to}" y2="${y}" stroke="${colour}" stroke-width="1.4" stroke-dasharray="5 5" marker-end="url(#head-bad)" opacity="0.8"/>${this.#label(row.label, from, to, y, colour, { end, shortEnd, style: 'font-style="italic"' })}`,
    )
  }

  #bar(row: BarRow, y: number): void {
    const left = Math.min(this.#x(row.from), this.#x(row.to)) + 6
    const right = Math.max(this.#x(row.from), this.#x(row.to)) - 6
    const top = y - 12
    const height = barHeight - 18
    const colour = `var(--ladder-${row.protocol})`
    const seconds = (row.endNs - row.timeNs) / 1e9
    const rate = seconds > 0 ? `, ${rateText(row.bytes / seconds)}` : ''
    const again = row.retransmissions > 0 ? `, ${t('ladder.sent-again', { count: row.retransmissions })}` : ''
    const { bytes, size } = row
    const amount =
      size !== undefined && size > bytes ? t('ladder.bytes-of', { bytes, size }) : t('ladder.bytes', { bytes })
    const text = `${row.label}: ${amount}, ${seconds.toFixed(3)} s${rate}${again}`
    this.#group(
      row,
      y,
      `<rect x="${left}" y="${top}" width="${right - left}" height="${height}" rx="3" fill="${colour}" fill-opacity="0.14" stroke="${colour}"/>${sparkline(row, left, top, right - left, height, colour)}` +
        this.#label(text, left - 4, right, y + 11, 'var(--ladder-ink)', { until: right + 10 }),
      row.transfer === undefined ? '' : ' folds',
    )
  }

  /** Room in front of a row, in pixels: time that passed without a packet, drawn to scale. */
  #gaps(): number[] {
    const { rows, startNs, endNs } = this.#ladder
    if (this.#options.spacing !== 'scale') return rows.map(() => 0)
    const span = Math.max(1, endNs - startNs)
    const whole = Math.min(tallest, Math.max(600, rows.length * rowHeight))
    return rows.map((row, index) => ((row.timeNs - (rows[index - 1]?.timeNs ?? startNs)) / span) * whole)
  }

  draw(): string {
    const { lanes, rows } = this.#ladder
    const gaps = this.#gaps()
    let y = headHeight + rowHeight - 6
    for (const [index, row] of rows.entries()) {
      y += gaps[index]!
      if (row.kind === 'arrow') this.#arrow(row, Math.round(y))
      else if (row.kind === 'ghost') this.#ghost(row, Math.round(y))
      else this.#bar(row, Math.round(y))
      y += row.kind === 'bar' ? barHeight : rowHeight
    }
    this.#tall = Math.round(y)
    const columns = lanes.map((lane, index) => this.#lane(lane, index)).join('')
    const size = (height: number): string =>
      `width="${this.width}" height="${Math.round(height * this.zoom)}" viewBox="0 0 ${this.#drawn} ${height}"`
    this.heads = `<svg xmlns="http://www.w3.org/2000/svg" class="ladder" ${size(headHeight)} aria-hidden="true">${columns}</svg>`
    if (this.#options.isList)
      this.times = `<svg xmlns="http://www.w3.org/2000/svg" class="ladder" width="${Math.round(timeColumn * this.zoom)}" height="${this.height}" viewBox="0 0 ${timeColumn} ${this.#tall}" aria-hidden="true">${this.#times.join('')}</svg>`
    const style = this.#options.isStandalone ? `<style>${ladderStyle}</style>` : ''
    const paper = this.#options.isStandalone ? `<rect width="100%" height="100%" fill="var(--ladder-paper)"/>` : ''
    const role = this.#options.isList
      ? 'role="presentation"'
      : `role="img" aria-label="${escapeXml(t('ladder.title', { rows: rows.length, machines: lanes.map(headOf).join('; ') }))}"`
    return `<svg xmlns="http://www.w3.org/2000/svg" class="ladder" ${size(this.#tall)} ${role}>${style}${paper}${heads}<g aria-hidden="true">${columns}</g>${this.#parts.join('')}</svg>`
  }

  #lane(lane: Lane, index: number): string {
    const x = this.#x(index)
    const roles = headOf(lane)
    const caption = this.#options.captionOf?.(lane) ?? ''
    // The first has the column of times beside it, which stands over a list, the last nothing.
    const besideFirst = this.#options.isList ? edge : timeColumn + edge
    const side = index === 0 ? besideFirst : index === this.#ladder.lanes.length - 1 ? edge : Infinity
    const room = Math.min(this.#laneGap, 2 * side) - 8
    const line = (text: string, y: number, size: number, colour: string, weight = 400): string =>
      text === '' ? '' : `<text x="${x}" y="${y}" text-anchor="middle" font-size="${size}" font-weight="${weight}" fill="${colour}">${escapeXml(cut(text, room, size))}</text>` // prettier-ignore
    const [first, third] = this.#options.isCaptionFirst && caption !== '' ? [caption, roles] : [roles, caption]
    const whole = [roles, lane.address, lane.mac, caption].filter(Boolean).join(', ')
    return `<g class="ladder-lane"><title>${escapeXml(whole)}</title>${line(first, 16, 12, 'var(--ladder-ink)', 600)}${line(lane.address || lane.mac, 32, 11, 'var(--ladder-quiet)')}${line(third === '' && lane.address !== '' ? lane.mac : third, 46, 10, 'var(--ladder-quiet)')}<line x1="${x}" y1="${headHeight - 6}" x2="${x}" y2="${this.#tall}" stroke="var(--ladder-line)"/></g>`
  }
}

const rateText = (bytesPerSecond: number): string =>
  bytesPerSecond < 1_048_576
    ? `${(bytesPerSecond / 1024).toFixed(0)} KiB/s`
    : `${(bytesPerSecond / 1_048_576).toFixed(1)} MiB/s`

/** Throughput over the time of a transfer. */
function sparkline(
  { samples, timeNs, endNs, bytes }: BarRow,
  x: number,
  y: number,
  width: number,
  height: number,
  colour: string,
): string {
  if (samples.length < 3 || endNs <= timeNs || bytes === 0) return ''
  const rates = samples.map((sample, index) => {
    const before = samples[index - 1] ?? { timeNs, bytes: 0 }
    return {
      at: (sample.timeNs - timeNs) / (endNs - timeNs),
      rate: (sample.bytes - before.bytes) / Math.max(1, sample.timeNs - before.timeNs),
    }
  })
  const most = Math.max(...rates.map((one) => one.rate))
  if (!(most > 0)) return ''
  const points = rates.map(
    ({ at, rate }) => `${(x + at * width).toFixed(1)},${(y + height - (rate / most) * (height - 4)).toFixed(1)}`,
  )
  return `<polyline points="${x},${y + height} ${points.join(' ')}" fill="none" stroke="${colour}" stroke-width="1" opacity="0.7"/>`
}

export function ladderSvg(ladder: Ladder, options: LadderSvgOptions): LadderDrawing {
  const drawing = new Drawing(ladder, options)
  const svg = drawing.draw()
  const { heads, times, width, height, zoom } = drawing
  return { svg, heads, times, width, height, zoom }
}
