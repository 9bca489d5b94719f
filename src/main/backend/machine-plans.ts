/** What is planned for machines one by one: their next boots, the groups they are woken in, and their files. */
import { say } from '#messages/message.ts'
import type { GroupRunInfo, Handlers, NextBootInfo, RenderedFile } from '#shared/contract/calls.ts'
import { CallFailure } from '#shared/contract/channel.ts'
import { GroupRun, type SeenBoot } from '#shared/lab/group-run.ts'
import type { Lab } from '#shared/lab/lab.ts'
import type { InsteadOfRules } from '#shared/machines/boot-answer.ts'
import type { NextBoot } from '#shared/machines/next-boots.ts'
import { fillName, type MachineFacts } from '#shared/machines/variables/machines.ts'
import { formatUuid, parseIpv4, parseMac, parseUuid } from '#shared/wire/bytes.ts'
import { whyNoCard } from '../probe/wake.ts'
import { listInterfaces, selectInterfaces } from '../responder/interfaces.ts'
import { renderTemplate } from '../inspect/render-template.ts'

export interface MachinePlansOptions {
  /** The lab file as it is; throws a CallFailure where it has problems. */
  readonly lab: () => Lab
  readonly bootFolder: () => string
  /** The lab that runs; undefined where none does. */
  readonly running: () => Lab | undefined
  readonly nextBoots: () => Promise<readonly NextBoot[]>
  readonly setNextBoot: (mac: string, what: InsteadOfRules | undefined) => Promise<boolean>
  /** Rejects with a CallFailure where no packet could be sent. */
  readonly wake: (macs: readonly string[]) => Promise<unknown>
  readonly bootOf: (mac: string) => SeenBoot | undefined
  readonly factsOf: (mac: string) => Partial<Record<'uuid' | 'address' | 'serial' | 'asset' | 'hostName', string>>
  readonly architectureOf: (mac: string) => number | undefined
}

const lookEveryMs = 1000

function macOf(text: string): string {
  const mac = parseMac(text)
  const why = mac === undefined ? `${text} is no MAC address` : whyNoCard(mac)
  if (mac !== undefined && why === undefined) return mac
  throw new CallFailure(why!, 'Give the MAC address of its network card.')
}

const infoOf = ({ mac, what, since, begunAt }: NextBoot): NextBootInfo => ({
  mac,
  file: what.kind === 'file' ? what.file : null,
  since,
  begunAt: begunAt ?? null,
})

export class MachinePlans {
  readonly #options: MachinePlansOptions
  #run: { readonly name: string; readonly run: GroupRun } | undefined
  #timer: NodeJS.Timeout | undefined
  readonly handlers: Pick<
    Handlers,
    | 'nextBoots.list'
    | 'nextBoots.set'
    | 'nextBoots.undo'
    | 'groups.read'
    | 'groups.wake'
    | 'groups.cancel'
    | 'templates.render'
  > = {
    'nextBoots.list': () => this.#list(),
    'nextBoots.set': ({ mac, file }) => this.#set(macOf(mac), file),
    'nextBoots.undo': async ({ mac }) => {
      if (!(await this.#options.setNextBoot(macOf(mac), undefined)))
        throw new CallFailure(say('room.no-next-boot', { mac }), say('room.refresh-may-have-begun'))
      return this.#list()
    },
    'groups.read': () => this.#info(),
    'groups.wake': ({ name }) => this.#wake(name),
    'groups.cancel': () => {
      this.#end()
      return this.#info()
    },
    'templates.render': (one) => this.#render(one),
  }

  constructor(options: MachinePlansOptions) {
    this.#options = options
  }

  close(): void {
    clearInterval(this.#timer)
  }

  async #list(): Promise<NextBootInfo[]> {
    return (await this.#options.nextBoots()).map(infoOf)
  }

  async #set(mac: string, file: string | null): Promise<NextBootInfo[]> {
    const lab = this.#options.running()
    if (!lab || lab.mode === 'listen')
      throw new CallFailure(say('room.next-boot-no-responder'), say('room.start-some-mode')) // prettier-ignore
    if (lab.engine !== null)
      throw new CallFailure(say('room.next-boot-kea'), say('room.where-lab-answers')) // prettier-ignore
    if (lab.role !== null)
      throw new CallFailure(say('room.next-boot-role', { role: lab.role }), say('room.use-role-keys')) // prettier-ignore
    if (file === null && lab.mode === 'boot-server')
      throw new CallFailure(say('room.no-local-disk-4011'), say('room.use-dhcp-or-proxy')) // prettier-ignore
    // Placeholders become names when the machine asks; what leads out of the folder as it stands never is one.
    const name = file === null ? undefined : fillName(file.replaceAll(/\{[^}]*\}/g, 'x'), () => undefined)
    if (name?.ok === false || file?.split(/[\\/]/).includes('..'))
      throw new CallFailure(say('room.leads-out', { file }), say('room.name-boot-file'))
    if (!(await this.#options.setNextBoot(mac, file === null ? { kind: 'local-disk' } : { kind: 'file', file })))
      throw new CallFailure(say('room.too-many-next-boots'), say('room.undo-some'))
    return this.#list()
  }

  #info(): GroupRunInfo | null {
    if (!this.#run) return null
    const { name, run } = this.#run
    return { group: name, isOver: run.isOver, machines: [...run.machines] }
  }

  #end(): void {
    this.#run?.run.cancel()
    clearInterval(this.#timer)
  }

  async #wake(name: string): Promise<GroupRunInfo> {
    if (this.#run && !this.#run.run.isOver)
      throw new CallFailure(say('room.group-being-woken', { group: this.#run.name }), say('room.wait-or-cancel'))
    if (!this.#options.running()) throw new CallFailure(say('room.no-responder-sees'), say('room.start-responder'))
    const lab = this.#options.lab()
    const run = GroupRun.of(lab, name)
    if (!run) {
      const names = lab.groups.map((one) => one.name)
      throw new CallFailure(say('room.no-group', { group: name }), names.length > 0 ? say('room.choose-one-of', { names }) : say('room.add-to-groups')) // prettier-ignore
    }
    this.#run = { name, run }
    clearInterval(this.#timer)
    this.#timer = setInterval(() => void this.#look(run), lookEveryMs)
    await this.#look(run)
    return this.#info()!
  }

  async #look(run: GroupRun): Promise<void> {
    for (const mac of run.step(Date.now(), this.#options.bootOf))
      await this.#options.wake([mac]).catch((error: unknown) => {
        run.fail(mac, error instanceof Error ? error.message : String(error))
      })
    if (run.isOver && this.#run?.run === run) clearInterval(this.#timer)
  }

  async #render({
    name,
    mac,
    uuid,
    serial,
    asset,
  }: Parameters<Handlers['templates.render']>[0]): Promise<RenderedFile> {
    const lab = this.#options.lab()
    const hardware = parseMac(mac)
    if (hardware === undefined) throw new CallFailure(`${mac} is no MAC address`, 'Write six octets, such as 52:54:00:00:00:01.') // prettier-ignore
    const known = this.#options.factsOf(hardware)
    const id = uuid === undefined ? undefined : parseUuid(uuid)
    if (uuid !== undefined && !id) throw new CallFailure(`${uuid} is no UUID`, 'Write it as the firmware shows it.')
    const { found } = selectInterfaces([lab.interface].flat(), listInterfaces())
    const facts: MachineFacts = {
      mac: hardware,
      uuid: id ? formatUuid(id) : known.uuid,
      serial: serial ?? known.serial,
      asset: asset ?? known.asset,
      hostName: known.hostName,
      address: known.address === undefined ? addressOf(lab, hardware) : parseIpv4(known.address),
      architecture: this.#options.architectureOf(hardware),
    }
    try {
      const rendered = await renderTemplate(lab, this.#options.bootFolder(), name, facts, found[0]?.address ?? 0)
      return { ...rendered, parts: [...rendered.parts], problems: [...rendered.problems] }
    } catch (error) {
      throw new CallFailure(`${name} cannot be shown: ${(error as Error).message}`, 'Look at the boot folder again.')
    }
  }
}

/** The address that is reserved for a machine. */
const addressOf = (lab: Lab, mac: string): number | undefined => {
  const reserved = lab.dhcp.subnets
    .flatMap((one) => one.reservations)
    .find((one) => one.mac !== undefined && parseMac(one.mac) === mac)
  return reserved && parseIpv4(reserved.address)
}
