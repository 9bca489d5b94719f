/**
 * Logs as entries, whatever their form: CMTrace, its older form, what was copied out of it, Windows Setup, installers,
 * Windows events in all the ways they are printed, screens. Text comes piece by piece and is kept no longer than the entry
 * it belongs to; each line is looked at once.
 */
import type { LogEntry } from './entry.ts'
import { EventBlock, xmlEventParts } from './event-blocks.ts'
import {
  auditParts,
  bare,
  endingParts,
  eventLevel,
  eventRowParts,
  plainParts,
  setupParts,
  taggedParts,
  type LineParts,
} from './line-forms.ts'
import { LogClock } from './log-time.ts'

const opening = '<![LOG['
const closing = ']LOG]!>'
/** What stands behind the end of an entry: its tags, the next entry, or nothing. `]LOG]!>` before other text is text. */
const tagsBehind = /\s{0,4}<([a-z][^<>]*)>/y

/** An entry that does not end is cut here, so that one damaged place does not swallow a file. */
const mostEntryChars = 1 << 18
const mostEntryLines = 2000
/** Lines kept in case a later one ends the entry they begin. */
const mostWaiting = 40
const mostWaitingWhereEndsAreKnown = 1000
const longestLine = 1 << 20
const mostContinued = 200
const narrowBlank = '\u202f'
/** What is between entries and is none: blanks, and the marks of a quotation. */
const nothingBetween = /^[\s>]*$/
/** The second line of a message that names a code, where the form does not mark it as such. */
const errorTail = /\(Error: [\dA-F]{8}; Source: \w+\)\s*$/i
const tableHead = /^TimeCreated\s+(?:ProviderName\s+)?Id\s+LevelDisplayName\s+Message\s*$/
/** The line under the head of a table. */
const tableRule = /^[- ]{8,200}$/
const tableProvider = /^\s*ProviderName:\s*(\S.*?)\s*$/
const tableRow =
  /^(\d{1,4}[-/.]\d{1,2}[-/.]\d{2,4} \d{1,2}:\d\d:\d\d(?: [AP]M)?)\s+(\S+\s+)?(\d{1,5})\s+(\p{L}+)\s+(.*)$/u
/** What the boot manager calls the fields of its screen, in the languages of Windows. */
const screenFields: Readonly<Record<'file' | 'status' | 'info', string>> = {
  file: 'File|Datei|Fichier|Archivo|ファイル|文件',
  status: 'Status|Error code|État|Etat|Statut|Estado|Fehlercode|状態|状态',
  info: 'Info|Informations?|Información|情報|信息',
}
const screenField = new RegExp(`^\\s{0,4}(?:(${screenFields.file})|(${screenFields.status})|(${screenFields.info}))\\s?[:：]\\s*(\\S.*)$`, 'iu') // prettier-ignore
/** The file that a screen of the boot manager names, in a pattern. */
export const bootManagerFile = `(?:${screenFields.file})\\s?[:：]\\s*`

/** Windows Deployment Services as its role is called in the languages of Windows: firmware shows the language of the server. */
export const wdsNames =
  'Windows Deployment Services|Windows-Bereitstellungsdienste|services de déploiement Windows|servicios de implementación de Windows|servizi di distribuzione Windows|Windows-implementatieservices|serviços de implantação do Windows|usługi? wdrażania systemu Windows|служб[а-я]* развертывания Windows|Windows 展開サービス|Windows 部署服务'
/** The first line of its screen, and the line with the code below it in any language. */
const wdsScreen = new RegExp(`(?:${wdsNames})[^:：]{0,80}[:：]\\s*$`, 'iu')
const wdsCode = /^\s{0,4}(\p{L}[\p{L} '’.]{2,30}?)\s?[:：]\s*(0x[\da-f]{1,8})\s*$/iu
/** What stands for a component where a screen of the boot manager was typed. */
export const bootManager = 'Boot manager'

interface Waiting {
  readonly line: number
  readonly text: string
}

interface Tagged {
  readonly line: number
  readonly parts: string[]
  chars: number
}

export class EntryReader {
  readonly #file: string
  readonly #take: (entry: LogEntry) => void
  readonly #clock = new LogClock()
  #rest = ''
  #line = 0
  #tagged: Tagged | undefined
  #waiting: Waiting[] = []
  #areEndsKnown = false
  #held: { entry: LogEntry; isAnyContinued: boolean; isQuoted: boolean; lines: string[] } | undefined
  #event: EventBlock | undefined
  #xml: Tagged | undefined
  #screen: { line: number; fields: Map<string, string>; lines: string[] } | undefined
  #table: { provider: string | undefined } | undefined
  #tableProvider: string | undefined
  /** The title of an audit log of DHCP was read, and none of its rows yet. */
  #isAuditHead = false

  constructor(file: string, take: (entry: LogEntry) => void) {
    this.#file = file
    this.#take = take
  }

  /** Lines that were begun. */
  get lines(): number {
    return this.#line
  }

  push(text: string): void {
    let from = 0
    for (;;) {
      const end = text.indexOf('\n', from)
      if (end < 0) break
      this.#lineOf(this.#rest + text.slice(from, end))
      this.#rest = ''
      from = end + 1
    }
    this.#rest += text.slice(from)
    // A file without line feeds still is read in pieces.
    if (this.#rest.length > longestLine) {
      this.#lineOf(this.#rest)
      this.#rest = ''
    }
  }

  end(): void {
    if (this.#rest !== '') this.#lineOf(this.#rest)
    this.#rest = ''
    this.#closeAll()
  }

  #lineOf(raw: string): void {
    this.#line++
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw
    // Newer tables of the system's languages have a narrow blank before AM and PM.
    const whole = line.includes(narrowBlank) ? line.replaceAll(narrowBlank, ' ') : line
    // A mark of the encoding, or half a character of an excerpt.
    const text = this.#line === 1 ? whole.replace(/^[^\t -~]{1,3}(?=[ -~])/, '') : whole
    // An event that was cut off before entries of another form ends where they begin.
    if (this.#xml && text.includes(opening)) this.#closeAll()
    if (this.#xml) return this.#moreXml(text)
    if (this.#tagged || text.includes(opening) || text.includes(closing)) return this.#moreTagged(text)
    this.#untagged(text)
  }

  #emit(line: number, parts: LineParts, isCut = false): void {
    this.#take({ file: this.#file, line, ...parts, isCut })
  }

  // --- CMTrace

  #moreTagged(text: string): void {
    // An entry that begins at the start of a line shows that the one before it was cut.
    if (this.#tagged && text.startsWith(opening)) this.#cutTagged()
    let from = 0
    while (from <= text.length) {
      if (!this.#tagged) {
        const start = text.indexOf(opening, from)
        const end = this.#endBehind(text, from)
        if (end && (start < 0 || end.at < start)) {
          // An excerpt that begins in the middle of an entry.
          this.#closeAll()
          this.#emit(this.#line, taggedParts(text.slice(from, end.at), end.tags, this.#clock), true)
          from = end.next
          continue
        }
        const between = start < 0 ? text.slice(from) : text.slice(from, start)
        if (!nothingBetween.test(between)) this.#untagged(between)
        if (start < 0) return
        this.#closeAll()
        this.#tagged = { line: this.#line, parts: [], chars: 0 }
        from = start + opening.length
        continue
      }
      const end = this.#endBehind(text, from)
      const piece = end ? text.slice(from, end.at) : from === 0 ? text : text.slice(from)
      this.#tagged.parts.push(piece)
      this.#tagged.chars += piece.length
      if (!end) {
        if (this.#tagged.chars > mostEntryChars || this.#tagged.parts.length > mostEntryLines) this.#cutTagged()
        return
      }
      const { line, parts } = this.#tagged
      this.#tagged = undefined
      this.#emit(line, taggedParts(parts.join('\n'), end.tags, this.#clock))
      from = end.next
      if (from === text.length) return
    }
  }

  /** The next end of an entry from a place on. */
  #endBehind(text: string, from: number): { at: number; tags: string; next: number } | undefined {
    for (let at = text.indexOf(closing, from); at >= 0; at = text.indexOf(closing, at + closing.length)) {
      const behind = at + closing.length
      tagsBehind.lastIndex = behind
      const tags = tagsBehind.exec(text)
      if (tags) return { at, tags: tags[1]!, next: tagsBehind.lastIndex }
      if (behind === text.length || text.startsWith(opening, behind)) return { at, tags: '', next: behind }
    }
    return undefined
  }

  #cutTagged(): void {
    const tagged = this.#tagged
    this.#tagged = undefined
    if (tagged) this.#emit(tagged.line, bare(tagged.parts.join('\n').trimEnd()), true)
  }

  // --- everything else

  #untagged(text: string): void {
    if (/^\s*<Events?\b/.test(text) && /<Event[\s>]/.test(text)) {
      this.#closeAll()
      this.#xml = { line: this.#line, parts: [], chars: 0 }
      return this.#moreXml(text)
    }
    // A field of CSV goes on, over empty lines too, until its quotation mark.
    if (this.#held?.isQuoted && this.#held.lines.length < mostContinued) {
      this.#held.isQuoted = !text.endsWith('"')
      this.#held.lines.push(text.replace(/"$/, '').trimEnd())
      return
    }
    if (this.#event) {
      if (this.#event.take(text)) return
      this.#closeEvent()
    }
    if (EventBlock.opens(text)) {
      const provider = tableProvider.exec(text)
      if (provider && !/^ProviderName\s+:/.test(text)) {
        // Format-Table names the provider above its rows.
        this.#tableProvider = provider[1]
        return
      }
      this.#closeAll()
      this.#event = new EventBlock(this.#line)
      if (!this.#event.take(text)) this.#closeEvent()
      return
    }
    if (tableHead.test(text)) {
      this.#closeAll()
      this.#table = { provider: this.#tableProvider }
      return
    }
    if (this.#table && (tableRule.test(text) || this.#tableRow(text))) return
    const ended = endingParts(text, this.#clock)
    if (ended) return this.#ended(ended)
    const setup = setupParts(text, this.#clock)
    if (setup) return this.#hold(setup, true)
    const audit = auditParts(text, this.#isAuditHead || (this.#line <= 2 && /^\s.*\bDHCP/.test(text)), this.#clock)
    if (audit) {
      this.#isAuditHead = audit.id === undefined
      this.#closeAll()
      this.#emit(this.#line, audit)
      return
    }
    const row = eventRowParts(text, this.#clock)
    if (row) return this.#hold(row, true, row.id !== undefined && /,"[^"]*$/.test(text))
    if (this.#screenLine(text)) return
    if (text.trim() === '') {
      if (!this.#areEndsKnown) this.#closeAll()
      return
    }
    const held = this.#held
    if (
      held &&
      (held.isAnyContinued ? !this.#isOwn(text) : errorTail.test(text)) &&
      held.lines.length < mostContinued
    ) {
      held.lines.push(text.trimEnd())
      return
    }
    const parts = plainParts(text, this.#clock)
    if (parts.component !== undefined || parts.time !== undefined)
      return this.#hold(parts, parts.component === 'SMSDPPROV' || parts.component === 'PXESetup' || parts.id !== undefined) // prettier-ignore
    this.#closeHeld()
    const last = this.#waiting.at(-1)
    if (last && errorTail.test(text)) {
      this.#waiting[this.#waiting.length - 1] = { line: last.line, text: `${last.text}\n${parts.text}` }
      return
    }
    this.#waiting.push({ line: this.#line, text: parts.text })
    if (this.#waiting.length > (this.#areEndsKnown ? mostWaitingWhereEndsAreKnown : mostWaiting)) this.#closeWaiting()
  }

  /** Whether a line has a form of its own and continues nothing. */
  #isOwn(text: string): boolean {
    const { component, time } = plainParts(text, this.#clock)
    return component !== undefined || time !== undefined
  }

  #ended(parts: LineParts): void {
    this.#closeHeld()
    this.#closeScreen()
    this.#areEndsKnown = true
    const [first] = this.#waiting
    const before = this.#waiting.map((one) => one.text)
    this.#waiting = []
    this.#emit(first?.line ?? this.#line, { ...parts, text: [...before, parts.text].join('\n').trimEnd() })
  }

  #hold(parts: LineParts, isAnyContinued: boolean, isQuoted = false): void {
    this.#closeAll()
    this.#held = {
      entry: { file: this.#file, line: this.#line, ...parts, isCut: false },
      isAnyContinued,
      isQuoted,
      lines: [],
    }
  }

  #tableRow(text: string): boolean {
    const row = tableRow.exec(text)
    if (!row) return false
    this.#closeHeld()
    const time = this.#clock.read(row[1]!)
    this.#emit(this.#line, {
      ...bare(row[5]!.trim()),
      component: row[2]?.trim() ?? this.#table?.provider,
      id: Number(row[3]),
      level: eventLevel(row[4]),
      time: time?.text ?? row[1],
      localMs: time?.localMs,
    })
    return true
  }

  /** `File: \Boot\BCD`, `Status: 0xc000000f`, `Info: ...`: the screen of the boot manager is one thing. */
  #screenLine(text: string): boolean {
    const begun = this.#screen
    const isWds = begun !== undefined && wdsScreen.test(begun.lines[0]!)
    const field = screenField.exec(text)
    const code = field === null && isWds ? wdsCode.exec(text) : null
    const found = field ?? code
    if (!found) {
      // Its code stands below an empty line.
      if (isWds && begun.fields.size === 0 && text.trim() === '') return true
      // The boot manager leaves a line empty between its fields.
      if (begun && !isWds && begun.fields.size < 3 && text.trim() === '') return true
      if (text.length < 300 && wdsScreen.test(text)) {
        this.#closeAll()
        this.#screen = { line: this.#line, fields: new Map(), lines: [text.trim()] }
        return true
      }
      this.#closeScreen()
      return false
    }
    const name = code !== null || field?.[2] !== undefined ? 'status' : field?.[1] !== undefined ? 'file' : 'info'
    if (this.#screen?.fields.has(name)) this.#closeScreen()
    if (!this.#screen) {
      this.#closeAll()
      this.#screen = { line: this.#line, fields: new Map(), lines: [] }
    }
    this.#screen.fields.set(name, code?.[2] ?? field![4]!)
    this.#screen.lines.push(text.trim())
    return true
  }

  #moreXml(text: string): void {
    const xml = this.#xml!
    let from = 0
    for (;;) {
      const end = text.indexOf('</Event>', from)
      if (end < 0) break
      xml.parts.push(text.slice(from, end))
      this.#emitXml(xml)
      from = end + '</Event>'.length
      xml.parts.length = 0
      xml.chars = 0
    }
    const rest = text.slice(from)
    if (/<\/Events>/.test(rest) || (from > 0 && rest.trim() === '')) {
      this.#xml = undefined
      return
    }
    xml.parts.push(rest)
    xml.chars += rest.length
    if (xml.chars > mostEntryChars) this.#xml = undefined
  }

  #emitXml({ line, parts }: Tagged): void {
    const found = xmlEventParts(parts.join('\n'), this.#clock)
    if (found) this.#emit(line, found)
  }

  // --- what is open

  #closeEvent(): void {
    const event = this.#event
    this.#event = undefined
    const parts = event?.parts(this.#clock)
    if (event && parts) this.#emit(event.line, parts)
  }

  #closeHeld(): void {
    const held = this.#held
    this.#held = undefined
    if (!held) return
    const { entry, lines } = held
    this.#take(lines.length === 0 ? entry : { ...entry, text: [entry.text, ...lines].join('\n') })
  }

  #closeScreen(): void {
    const screen = this.#screen
    this.#screen = undefined
    if (screen) this.#emit(screen.line, { ...bare(screen.lines.join('\n')), component: bootManager })
  }

  #closeWaiting(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const { line, text } of waiting) this.#emit(line, bare(text))
  }

  #closeAll(): void {
    this.#cutTagged()
    this.#closeEvent()
    this.#closeHeld()
    this.#closeScreen()
    this.#closeWaiting()
    if (this.#xml) {
      this.#emitXml(this.#xml)
      this.#xml = undefined
    }
  }
}
