/** The DHCP engine of a lab as `pxe-lab check` sees it: through its control channel, before and after its networks were asked. */
import { t } from '#messages/text.ts'
import type { ObservedEngine } from '#shared/lab/expectations.ts'
import type { Lab } from '#shared/lab/lab.ts'
import type { EngineLab } from '#shared/kea/boot-classes.ts'
import { KeaProblem } from '#shared/kea/control.ts'
import type { KeaHighAvailability } from '#shared/kea/dialogues.ts'
import { filesFrom, openKeas, type KeaControl } from '../engine/kea-control.ts'
import { addressesOf } from '../responder/interfaces.ts'
import { placeOfState } from '../workspace/state-folder.ts'
import { labOf } from './lab-input.ts'

const complain = (text: string): void => void process.stderr.write(`pxe-lab: ${text}\n`)

/** What expectations name, and JSON tells: the same in every language. */
const pairOf = ({ state, partner }: KeaHighAvailability): string => `${state}, partner ${partner.isInTouch ? 'in touch' : 'not in touch'}` // prettier-ignore

export class EngineWatch {
  readonly #lab: Lab
  readonly #keas: ReadonlyMap<string, KeaControl>
  /** Packets that each had sent when the networks were not asked yet. */
  readonly #sent = new Map<string, number>()

  private constructor(lab: Lab, keas: readonly KeaControl[]) {
    this.#lab = lab
    this.#keas = new Map(keas.map((one) => [one.name, one]))
  }

  /** Undefined where the lab cannot be read or names no engine, which has been told. */
  static async open(path: string, option: string): Promise<EngineWatch | undefined> {
    const given = await labOf(path, option)
    if (!given) return undefined
    const { lab, file } = given
    if (lab.engine === null) {
      complain(t('cli.names-no-engine-write-engine', { path, option })) // prettier-ignore
      return undefined
    }
    const state = await placeOfState(file, lab)
    if (state.refused) {
      complain(`${state.refused.message}. ${state.refused.remedy}`)
      return undefined
    }
    return new EngineWatch(lab, openKeas({ engine: lab.engine, resolve: (one) => file.resolve(one), stateFolder: state.folder })) // prettier-ignore
  }

  get names(): readonly string[] {
    return [...this.#keas.keys()]
  }

  /** Notes what each has sent so far; one that does not answer says so when it is looked at. */
  async begin(): Promise<void> {
    for (const [name, kea] of this.#keas)
      try {
        this.#sent.set(name, (await kea.state()).packets.sent)
      } catch (error) {
        if (!(error instanceof KeaProblem)) throw error
      }
  }

  /** What a server is like now; why it could not be asked. `wasAsked`: a network was asked since `begin`. */
  async look(name: string, wasAsked: boolean): Promise<ObservedEngine | string> {
    const kea = this.#keas.get(name)
    if (!kea) return t('cli.lab-file-names-no-such', { names: this.names.join(', ') })
    try {
      const state = await kea.state()
      const before = this.#sent.get(name)
      return {
        server: name,
        answers: wasAsked && before !== undefined ? state.packets.sent > before : undefined,
        isInPlace: await this.#isInPlace(kea),
        subnets: state.subnets.map(({ subnet }) => subnet),
        pair: state.highAvailability.map(pairOf).join('; '),
      }
    } catch (error) {
      if (!(error instanceof KeaProblem)) throw error
      return `${error.message}. ${error.remedy}`
    }
  }

  async #isInPlace(kea: KeaControl): Promise<boolean | string> {
    let files: EngineLab
    try {
      files = filesFrom(this.#lab, addressesOf(this.#lab))
    } catch (error) {
      if (error instanceof KeaProblem) return error.message
      throw error
    }
    return (await kea.plan(files)).isInPlace
  }

  close(): void {
    for (const kea of this.#keas.values()) kea.close()
  }
}
