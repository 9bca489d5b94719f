/** Starts and stops the rival DHCP server of a demonstration, and keeps what it did. */
import { formatIpv4, maskOf, parseMac } from '#shared/wire/bytes.ts'
import { startChild, type Child } from '../child-process.ts'
import { describeOwner, mayBeHeld, portOwners } from '../inspect/port-owner.ts'
import type { NetworkInterface } from '../responder/interfaces.ts'
import type { FromRival, RivalConfiguration } from './dhcp-process.ts'

export interface RivalState {
  readonly isRunning: boolean
  readonly interface: string
  readonly address: string
  readonly pid: number
  readonly clients: readonly string[]
  /** How many messages of those machines it answered, and how many of others it passed over. */
  readonly answered: number
  readonly passedOver: number
}

export class RivalError extends Error {
  readonly remedy: string
  constructor(message: string, remedy: string) {
    super(message)
    this.remedy = remedy
  }
}

const stopped: RivalState = {
  isRunning: false,
  interface: '',
  address: '',
  pid: 0,
  clients: [],
  answered: 0,
  passedOver: 0,
}

/** How many addresses it has to give, at the upper end of the network. */
const poolSize = 16

export class DhcpRival {
  #child: Child | undefined
  #state = stopped
  readonly #onChange: (state: RivalState) => void

  constructor(onChange: (state: RivalState) => void = () => {}) {
    this.#onChange = onChange
  }

  get state(): RivalState {
    return this.#state
  }

  /** Resolves when it holds port 67; rejects with a `RivalError`. */
  async start(served: NetworkInterface, clients: readonly string[]): Promise<RivalState> {
    if (this.#child) throw new RivalError('the rival runs already', 'Stop it first.')
    const macs = clients.map((text) => {
      const mac = parseMac(text)
      if (mac === undefined)
        throw new RivalError(`${text} is not a MAC address`, 'Write one such as 52:54:00:00:00:01.')
      return mac
    })
    if (macs.length === 0)
      throw new RivalError(
        'no machine of the demonstration is named',
        'Name the hardware addresses it may answer: it must not give addresses to anybody else.',
      )
    const broadcast = (served.address | ~maskOf(served.prefixLength)) >>> 0
    if (served.prefixLength > 27)
      throw new RivalError(
        `${served.name} has too small a network`,
        'Choose an interface with a prefix of at most 27 bits.',
      )
    const configuration: RivalConfiguration = {
      address: formatIpv4(served.address),
      first: formatIpv4(broadcast - poolSize),
      last: formatIpv4(broadcast - 1),
      mask: formatIpv4(maskOf(served.prefixLength)),
      clients: macs,
    }
    const child = startChild('dhcp-rival', JSON.stringify(configuration))
    this.#child = child
    child.on('exit', () => {
      if (this.#child !== child) return
      this.#child = undefined
      this.#change(stopped)
    })
    await new Promise<void>((resolve, reject) => {
      const lost = (): void => reject(new RivalError('the rival ended by itself', 'Start it again.'))
      child.once('exit', lost)
      child.on('message', (value) => {
        const message = value as FromRival
        if (message.type === 'listening') {
          child.off('exit', lost)
          resolve()
        } else if (message.type === 'failed') {
          child.off('exit', lost)
          child.stop()
          void this.#explain(message.code).then(reject, reject)
        } else if (message.type === 'offered') this.#change({ ...this.#state, answered: this.#state.answered + 1 })
        else this.#change({ ...this.#state, passedOver: this.#state.passedOver + 1 })
      })
    })
    this.#change({
      ...stopped,
      isRunning: true,
      interface: served.name,
      address: configuration.address,
      pid: child.pid ?? 0,
      clients: macs,
    })
    return this.#state
  }

  async #explain(code: string): Promise<RivalError> {
    if (mayBeHeld(code)) {
      const owners = await portOwners([67])
      return new RivalError(
        `UDP port 67 is held by ${[...new Set(owners.map(describeOwner))].join(' and ') || 'another program'} already`,
        'That is the conflict to be shown: stop it first, or show it as it is.',
      )
    }
    return new RivalError(
      `UDP port 67 may not be opened (${code})`,
      'Run with the rights for ports below 1024 (on Linux: root, or setcap cap_net_bind_service=+ep on node).',
    )
  }

  #change(state: RivalState): void {
    this.#state = state
    this.#onChange(state)
  }

  async stop(): Promise<void> {
    const child = this.#child
    if (!child) return
    await new Promise<void>((resolve) => {
      child.once('exit', () => resolve())
      child.stop()
    })
  }
}
