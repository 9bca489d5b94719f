/** The lab file that is open, and where the state of its lab lies: read, watched, checked and changed here. */
import { say } from '#messages/message.ts'
import { inEnglish } from '#messages/text.ts'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { CallFailure } from '#shared/contract/channel.ts'
import type { HttpsReport, LabState } from '#shared/contract/calls.ts'
import type { UntimedEvent } from '#shared/contract/events.ts'
import type { LabNotice } from '#shared/lab/boot-check.ts'
import type { Lab } from '#shared/lab/lab.ts'
import { isInNetwork, parseIpv4, parseIpv4Network, parseMac } from '#shared/wire/bytes.ts'
import { writeHelp } from '../files/replace-file.ts'
import { followNotices } from '../inspect/lab-notices.ts'
import { readHttps } from '../responder/https-trust.ts'
import { followFile } from '../io/watched-file.ts'
import { changeLabText, LabFile, parseLab, unreadableLab, type LabChange } from '../workspace/lab-file.ts'
import { placeOfState, type StatePlace } from '../workspace/state-folder.ts'

export interface LabRoomOptions {
  readonly path: string
  readonly tell: (event: UntimedEvent) => void
  /** The lab is another one, or reads differently. */
  readonly onChange: (state: LabState) => void
  /** Whether nothing uses the state folder at the moment. */
  readonly mayMoveState: () => boolean
}

/** Lets a failed write be told as what it is. */
export const unwritten =
  (what: string) =>
  (error: unknown): never => {
    const { code, message } = error as NodeJS.ErrnoException
    throw new CallFailure(say('room.unchanged-not-written', { file: what, why: code ?? message }), writeHelp(error))
  }

export class LabRoom {
  readonly #options: LabRoomOptions
  #file: LabFile
  #text = ''
  #exists = false
  #isReadable = true
  #hasToldUnread = false
  #lab: Lab | null = null
  #problems: LabState['problems'] = []
  #runningText: string | undefined
  #stateFolder = ''
  #refusedState: StatePlace['refused']
  /** The lab file whose state folder that is. */
  #stateOf: LabFile | undefined
  #notices: readonly LabNotice[] = []
  #unfollow: () => void = () => {}
  #unfollowNotices: () => void = () => {}

  constructor(options: LabRoomOptions) {
    this.#options = options
    this.#file = new LabFile(options.path)
  }

  get file(): LabFile {
    return this.#file
  }

  get text(): string {
    return this.#text
  }

  /** Null while it has problems or does not exist. */
  get lab(): Lab | null {
    return this.#lab
  }

  /** Absolute. */
  get stateFolder(): string {
    return this.#stateFolder
  }

  readonly stateFile = (name: string): string => join(this.#stateFolder, name)

  /** The same where the folder is this lab's own; undefined where another lab's stands in for it, or none is known. */
  ownStateFile(name: string): string | undefined {
    return this.#stateFolder === '' || this.#refusedState ? undefined : this.stateFile(name)
  }

  /** Null where HTTPS boot is off, or nothing is known of the lab. */
  async readHttps(): Promise<HttpsReport | null> {
    if (!this.#lab) return null
    return readHttps(this.#lab, (path) => this.#file.resolve(path), this.#refusedState ? undefined : this.#stateFolder || undefined) // prettier-ignore
  }

  async open(): Promise<void> {
    // First: what changes while it is read is noticed.
    this.#follow()
    await this.load()
  }

  async openOther(path: string): Promise<LabState> {
    this.close()
    this.#file = new LabFile(path)
    await this.open()
    return this.#changed()
  }

  close(): void {
    this.#unfollow()
    this.#unfollowNotices()
  }

  /** Says which text the responder runs with; undefined where none runs. */
  setRunning(text: string | undefined): void {
    if (text === this.#runningText) return
    this.#runningText = text
    this.#changed()
  }

  #changed(): LabState {
    const state = this.state
    this.#options.onChange(state)
    return state
  }

  /** Changes made in an editor show in the window without a reload. */
  #follow(): void {
    this.#unfollow = followFile(
      this.#file.path,
      async () => {
        await this.load()
        this.#changed()
        return this.#isReadable
      },
      (error) => this.#options.tell({ type: 'warning', message: `the lab file ${this.#file.path}: ${error.message}` }),
    )
  }

  async load(): Promise<void> {
    const { exists, text, unread } = await this.#read()
    this.#exists = exists
    this.#text = text
    this.#isReadable = unread === undefined
    this.#tellUnread(unread)
    if (!this.#exists || !this.#isReadable) {
      this.#lab = null
      this.#followNotices(undefined)
      // A lab like any other with a problem: the window says so, and another lab can be opened.
      this.#problems = this.#isReadable ? [] : [unreadableLab(this.#file.path, unread)]
      return this.#findState()
    }
    const parsed = parseLab(this.#text)
    this.#followNotices(parsed.ok ? parsed.lab : undefined)
    this.#lab = parsed.ok ? parsed.lab : null
    this.#problems = parsed.ok ? [] : [...parsed.problems]
    await this.#findState()
  }

  /** What cannot be looked at is there: it has not gone because somebody holds it for a moment. */
  async #read(): Promise<{ exists: boolean; text: string; unread: unknown }> {
    try {
      await stat(this.#file.path)
      return { exists: true, text: await this.#file.readText(), unread: undefined }
    } catch (error) {
      const isGone = ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')
      return isGone ? { exists: false, text: '', unread: undefined } : { exists: true, text: '', unread: error }
    }
  }

  #tellUnread(unread: unknown): void {
    const isNews = unread !== undefined && !this.#hasToldUnread
    this.#hasToldUnread = unread !== undefined
    if (!isNews) return
    const { field, value, message, remedy } = unreadableLab(this.#file.path, unread)
    this.#options.tell({
      type: 'warning',
      message: `${field} ${value} ${inEnglish(message)}. What runs stays as it is, and the file is read again until it can be. ${inEnglish(remedy)}`,
    })
  }

  /** What the lab leaves its clients without, as its boot folder is now. */
  #followNotices(lab: Lab | undefined): void {
    this.#unfollowNotices()
    if (!lab) this.#notices = []
    this.#unfollowNotices = lab
      ? followNotices(lab, this.#file.resolve(lab.boot.files), (all) => {
          this.#notices = all
          this.#changed()
        })
      : () => {}
  }

  get state(): LabState {
    return {
      path: this.#file.path,
      exists: this.#exists,
      text: this.#text,
      lab: this.#lab,
      problems: this.#problems,
      notices: [...this.#notices],
      // What cannot be read is not known to be another, and a file with problems cannot be started with.
      needsRestart: this.#lab !== null && this.#runningText !== undefined && this.#runningText !== this.#text,
    }
  }

  /** What would be wrong with this text. */
  check(text: string): LabState['problems'] {
    const parsed = parseLab(text)
    return parsed.ok ? [] : [...parsed.problems]
  }

  async write(text: string): Promise<LabState> {
    if (!this.#isReadable) this.require()
    await this.#file.write(text).catch(unwritten(this.#file.path))
    await this.load()
    return this.#changed()
  }

  /** Writes a changed lab only if it is valid: a bad value is told and nothing is applied. */
  async change(changes: readonly LabChange[]): Promise<LabState> {
    if (!this.#isReadable) this.require()
    const text = changeLabText(this.#text, changes)
    const parsed = parseLab(text)
    // A file that was broken before may be mended one value at a time.
    const [first] = parsed.ok || this.#problems.length > 0 ? [] : parsed.problems
    if (first)
      throw new CallFailure(
        say('room.field-wrong', { field: first.field, what: first.message, value: first.value }),
        first.remedy,
      )
    return this.write(text)
  }

  /** Throws where the state folder is another lab's. */
  requireState(): string {
    if (this.#refusedState) throw new CallFailure(this.#refusedState.message, this.#refusedState.remedy)
    return this.#stateFolder
  }

  /** Throws where there is none that could be used. */
  require(): Lab {
    if (this.#lab) return this.#lab
    const [first] = this.#problems
    throw first
      ? new CallFailure(
          first.line > 0
            ? say('room.line-field', { line: first.line, field: first.field, what: first.message })
            : say('room.field', { field: first.field, what: first.message }),
          first.remedy,
        )
      : new CallFailure(say('room.no-lab'), say('room.answer-first-page'))
  }

  async reserve(mac: string, address: string, hostname: string | undefined): Promise<LabState> {
    const lab = this.require()
    const wanted = parseMac(mac)
    if (wanted === undefined) throw new CallFailure(say('room.no-mac', { mac }), say('room.six-octets'))
    const number = parseIpv4(address)!
    const index = lab.dhcp.subnets.findIndex((subnet) => isInNetwork(number, parseIpv4Network(subnet.subnet)!))
    const subnet = lab.dhcp.subnets[index]
    if (!subnet) throw new CallFailure(say('room.no-subnet', { address }), say('room.add-subnet'))
    const taken = subnet.reservations.find((one) => one.address === address)
    if (taken && (!taken.mac || parseMac(taken.mac) !== wanted))
      throw new CallFailure(
        taken.mac === undefined && taken.uuid === undefined
          ? say('room.reserved-other', { address })
          : say('room.reserved-for', { address, client: taken.mac ?? taken.uuid }),
        say('room.other-address'),
      )
    const known = subnet.reservations.findIndex((one) => one.mac !== undefined && parseMac(one.mac) === wanted)
    const value = { mac: wanted, address, ...(hostname ? { hostname } : {}) }
    const path = ['dhcp', 'subnets', index, 'reservations']
    return this.change(
      known >= 0
        ? [{ path: [...path, known, 'address'], value: address }]
        : [
            {
              path: subnet.reservations.length > 0 ? [...path, subnet.reservations.length] : path,
              value: subnet.reservations.length > 0 ? value : [value],
            },
          ],
    )
  }

  /** What runs keeps the folder that it was started with, and a file that cannot be read names no other. */
  async #findState(): Promise<void> {
    if (!this.#options.mayMoveState() || (!this.#isReadable && this.#stateOf === this.#file)) return
    this.#stateOf = this.#file
    const { folder, told, refused } = await placeOfState(this.#file, this.#lab ?? undefined)
    this.#refusedState = refused
    const isNews = folder !== this.#stateFolder
    this.#stateFolder = folder
    if (isNews) for (const event of told) this.#options.tell(event)
  }
}
