/** Windows events as the Event Viewer, wevtutil and PowerShell print them: several lines of names and values. */
import { bare, eventLevel, type LineParts } from './line-forms.ts'
import type { LogClock } from './log-time.ts'

type Field = 'log' | 'source' | 'time' | 'clock' | 'id' | 'level' | 'message' | 'other'

/** Names of the fields in English, German, French, Spanish, Italian, Japanese and Chinese, in small letters. */
const fields: Readonly<Record<string, Field>> = Object.fromEntries(
  (
    [
      ['log', 'log name|protokollname|nom du journal|nombre de registro|nome registro|logname|ログの名前|ログ名|日志名称'],
      ['source', 'source|event source|quelle|origen|origine|providername|provider name|ソース|来源'],
      ['time', 'date|datum|fecha|data|timecreated|time created|timegenerated|日付|日期'],
      ['clock', 'time|uhrzeit|hora|heure|時刻|时间'],
      ['id', "event id|eventid|id|ereignis-id|id de l'événement|id de l’événement|id. del evento|id evento|id d'événement|id d’événement|id de evento|イベント id|事件 id"],
      ['level', 'level|leveldisplayname|entrytype|event type|type|ebene|niveau|nivel|livello|レベル|级别'],
      ['message', 'description|message|beschreibung|descripción|descrizione|説明|描述'],
      ['other', 'タスクのカテゴリ|タスク カテゴリ|キーワード|ユーザー|コンピューター|コンピュータ|任务类别|关键字|用户|计算机|task category|aufgabenkategorie|catégorie de la tâche|categoría de la tarea|categoria attività|keywords|keyword|schlüsselwörter|mots clés|palabras clave|user|benutzer|utilisateur|usuario|computer|ordinateur|equipo|task|opcode|user name|username|machinename|index|instanceid|category|categorynumber|event category|replacementstrings|timewritten|version|qualifiers|processid|threadid|recordid|providerid|userid|activityid|relatedactivityid|containerlog|matchedqueryids|bookmark|opcodedisplayname|taskdisplayname|keywordsdisplaynames|properties|site|container|bookmark'],
    ] as const
  ).flatMap(([field, list]) => list.split('|').map((name) => [name, field])),
) // prettier-ignore

/** What begins an event where none is open. */
const openers = new Set(['log name', 'protokollname', 'nom du journal', 'nombre de registro', 'nome registro', 'ログの名前', 'ログ名', '日志名称', 'event type', 'event source', 'timecreated', 'providername', 'index']) // prettier-ignore
const named = /^\s{0,4}([\p{L}][\p{L}.’' -]{0,30}?)(\s*)[:：]\s*(.*)$/u
const numbered = /^\s*Event\[\d+\]:?\s*$/
/** `Source: WDSPXE` opens one too, where its value is a source that writes events and not the end of a message. */
const sourceValue = /^(WDS|BINLSVC|SideBySide|Service Control|Microsoft-Windows|DhcpServer)/i
const typeValue = /^(Error|Warning|Information|Fehler|Warnung|Erreur|Avertissement)$/i
const mostLines = 400

/** One event that is being read. */
export class EventBlock {
  readonly line: number
  readonly #values = new Map<Field, string>()
  #message: string[] | undefined
  #raw: string[] = []
  /** Whether names stand in a column, as PowerShell's Format-List writes them. */
  #isList = false
  #count = 0

  constructor(line: number) {
    this.line = line
  }

  /** Whether a line begins an event. */
  static opens(text: string): boolean {
    if (numbered.test(text)) return true
    if (!/[:：]/.test(text) || text.length > 400) return false
    const found = named.exec(text)
    if (!found) return false
    const name = found[1]!.toLowerCase().trim()
    const value = found[3]?.trim() ?? ''
    if (openers.has(name)) return true
    if (fields[name] === 'source') return sourceValue.test(value)
    return (name === 'type' || name === 'typ') && typeValue.test(value)
  }

  /** Takes a line; false where it begins the next event, or belongs to none. */
  take(text: string): boolean {
    if (this.#count++ > mostLines) return false
    if (numbered.test(text)) return this.#count === 1
    const found = text.length > 400 ? null : named.exec(text)
    const name = found?.[1]!.toLowerCase().trim() ?? ''
    const field = fields[name]
    if (field !== undefined && found) {
      const isColumn = found[2] !== ''
      const isNew = this.#values.has(field) && (openers.has(name) || field === 'source' || field === 'log')
      if (isNew && EventBlock.opens(text)) return false
      if (!this.#message || (this.#isList && isColumn) || EventBlock.opens(text)) {
        if (isColumn) this.#isList = true
        return this.#set(field, found[3]?.trim() ?? '')
      }
    }
    if (this.#message) this.#message.push(this.#isList ? text.trim() : text.trimEnd())
    else if (text.trim() !== '') this.#raw.push(text.trim())
    return true
  }

  #set(field: Field, value: string): boolean {
    if (field === 'message') this.#message = value === '' ? [] : [value]
    else if (field !== 'other') this.#values.set(field, value)
    return true
  }

  /** What it says; undefined where it was no event after all. */
  parts(clock: LogClock): LineParts | undefined {
    const source = this.#values.get('source')
    const id = Number(/\d+/.exec(this.#values.get('id') ?? '')?.[0] ?? NaN)
    if (source === undefined && Number.isNaN(id)) return undefined
    const [date = '', ofDay = ''] = [this.#values.get('time'), this.#values.get('clock')]
    const when = `${date}${ofDay === '' ? '' : ` ${ofDay}`}`
    const read = when === '' ? undefined : clock.read(when)
    return {
      ...bare([...this.#raw, ...(this.#message ?? [])].join('\n').trim()),
      component: source,
      id: Number.isNaN(id) ? undefined : id & 0xffff,
      level: eventLevel(this.#values.get('level')),
      time: when === '' ? undefined : (read?.text ?? when),
      localMs: read?.localMs,
      biasMinutes: read?.biasMinutes,
    }
  }
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }
const plainXml = (text: string): string =>
  text.replace(/&(?:#(\d{1,6})|#x([\da-f]{1,5})|(\w{2,4}));/gi, (whole, decimal: string, hex: string, name: string) =>
    name ? (entities[name] ?? whole) : String.fromCodePoint(decimal ? Number(decimal) : Number.parseInt(hex, 16)),
  )

/** One `<Event>` element as `wevtutil qe /f:xml` and Event Viewer write it. */
export function xmlEventParts(xml: string, clock: LogClock): LineParts | undefined {
  const one = (pattern: RegExp): string | undefined => pattern.exec(xml)?.[1]
  const source = one(/<Provider\b[^>]*?\bEventSourceName=["']([^"']+)/) ?? one(/<Provider\b[^>]*?\bName=["']([^"']+)/)
  const id = Number(one(/<EventID\b[^>]*>\s*(\d+)/) ?? NaN)
  if (source === undefined && Number.isNaN(id)) return undefined
  const message = one(/<Message>([^<]*)<\/Message>/)
  const data = [...xml.matchAll(/<Data\b(?:[^>]*?\bName=["']([^"']+)["'])?[^>]*>([^<]*)<\/Data>/g)].map(
    ([, name, value]) => `${name === undefined ? '' : `${name}: `}${plainXml(value!)}`,
  )
  const when = one(/<TimeCreated\b[^>]*?\bSystemTime=["']([^"']+)/)
  const read = when === undefined ? undefined : clock.read(when)
  return {
    ...bare((message === undefined ? data.join('\n') : plainXml(message)).trim()),
    component: source,
    id: Number.isNaN(id) ? undefined : id,
    level: eventLevel(one(/<Level>\s*(\d)/)),
    time: read?.text ?? when,
    localMs: read?.localMs,
    biasMinutes: read?.biasMinutes,
  }
}
