/**
 * The services of Windows that share a server with DHCP: WDSServer, SccmPxe; DNS is in `dns-service.ts`. Which ports they take, in which order
 * they start and how they end where a port is taken: KB 954410 for WDS and port 67, KB 977512 for DNS and the range of TFTP.
 */
import { documentedDhcpPort } from '../../machines/machine.ts'
import { WdsServer, type WdsServerConfiguration, type WdsServerEvent } from '../../machines/wds-server.ts'
import { windowsLogLine } from '../../machines/windows-log.ts'
import { bcdPath, windowsPrograms } from '../../machines/windows-programs.ts'
import { isLetThrough } from '../../machines/read-filter.ts'
import { fileKey, windowsBootFiles, type VirtualFile } from '../files.ts'
import type { ServiceOf } from '../scenario.ts'
import { bindAlone } from './dhcp-services.ts'
import { MachineHost, servedInterfaces, type Service, type ServiceContext } from './service.ts'
import { TftpService } from './tftp-service.ts'

interface WindowsBoot {
  readonly product: WdsServerConfiguration['product']
  readonly prefix: 'Boot' | 'SMSBoot'
  readonly offers: boolean
  /** Folders that clients may read (ReadFilter). */
  readonly readable: readonly string[]
  readonly approval: WdsServerConfiguration['approval']
  readonly prompt: WdsServerConfiguration['prompt']
  readonly silent: boolean
}

type Common = ServiceOf<'WDSServer'> | ServiceOf<'SccmPxe'>

class WindowsBootService implements Service {
  readonly #context: ServiceContext
  readonly #common: Common
  readonly #kind: WindowsBoot

  constructor(context: ServiceContext, common: Common, kind: WindowsBoot) {
    this.#context = context
    this.#common = common
    this.#kind = kind
  }

  start(): void {
    const context = this.#context
    const { product, offers, prefix } = this.#kind
    const hosted = new MachineHost<WdsServerEvent>(context, new WdsServer(this.#machineConfiguration()), (event) =>
      this.#log(event),
    )
    // All or nothing: a provider that cannot have its port takes the whole service down.
    for (const port of offers ? [67, 4011] : [4011]) {
      const holder = bindAlone(context, port, (packet, nic) => hosted.receive(packet, nic))
      if (holder === undefined) continue
      context.host.unbind(context.name)
      if (product === 'WDS') {
        context.log(
          `WDSServer event 513: an error occurred while trying to initialize provider WDSPXE from C:\\Windows\\system32\\wdspxe.dll. Windows Deployment Services server will be shutdown. Error Information: 0x2740 (UDP port ${port} is held by ${holder})`,
          'bad',
        )
        context.log(
          'WDSServer event 257: an error occurred while trying to start the Windows Deployment Services server. Error Information: 0x2740',
          'bad',
        )
      } else
        context.log(
          `SMSPXE: the ConfigMgr PXE Responder Service cannot bind UDP port ${port}, which ${holder} holds, and stops (10048).`,
          'bad',
        )
      return
    }
    if (offers) context.log('Listens on UDP ports 67, 69 and 4011.')
    else
      context.log(
        product === 'WDS'
          ? 'UseDHCPPorts is 0: listens on UDP ports 69 and 4011, not on 67.'
          : 'DoNotListenOnDhcpPort is 1: listens on UDP ports 69 and 4011, not on 67.',
      )
    const built = windowsBootFiles(this.#common.architectures, prefix, {
      blockSize: this.#common.blockSize,
      windowSize: this.#common.windowSize,
      largestFile: this.#common.largestFile,
    })
    new TftpService(context, {
      find: (path) => this.#find(path, built),
      maxBlockSize: Math.max(this.#common.maxBlockSize, this.#common.blockSize),
      maxWindowSize: this.#common.maxWindowSize,
      grantsWindow: true,
      grantsTimeout: true,
      rollsOver: true,
      dataPorts: this.#common.tftpPorts,
      onDownload: (path, client) =>
        context.log(
          product === 'WDS' ? `WDSTFTP: ${client} downloaded ${path}` : `SMSPXE: ${client} downloaded ${path}`,
        ),
    }).start()
  }

  stop(): void {
    this.#context.host.unbind(this.#context.name)
  }

  #find(path: string, built: ReadonlyMap<string, VirtualFile>): VirtualFile | 'denied' | undefined {
    const key = fileKey(path)
    const { readFilter } = this.#common
    if (readFilter && !isLetThrough(readFilter, path)) return 'denied'
    const own = this.#context.files.get(key)
    if (own) return own
    if (!readFilter && !this.#kind.readable.some((folder) => key.startsWith(folder))) return 'denied'
    return built.get(key)
  }

  #machineConfiguration(): WdsServerConfiguration {
    const { answer, known, responseDelaySeconds, architectures } = this.#common
    const { product, prefix, offers, approval, prompt, silent } = this.#kind
    return {
      product,
      interfaces: servedInterfaces(this.#context.host),
      ports: { dhcp: documentedDhcpPort, bootServer: 4011 },
      filter: { allow: [], deny: [] },
      offers,
      answer: silent ? 'none' : answer,
      devices: known.map((mac) => ({ mac })),
      responseDelaySeconds,
      architectureDiscovery: true,
      programs: windowsPrograms(architectures, prefix, (key) => bcdPath(key, prefix)),
      approval,
      prompt,
      deployments: undefined,
    }
  }

  #log(event: WdsServerEvent): void {
    const { log } = this.#context
    if (event.type === 'wds-ignored' && this.#kind.silent) {
      const { mac, uuid = '' } = event.client
      const who = `${mac.toUpperCase()}, ${uuid.toUpperCase()}`
      return log(`${who}: no advertisements found. No boot action. Aborted. Not serviced.`, 'warning')
    }
    const { text, tone } = windowsLogLine(event)
    log(event.product === 'WDS' ? `WDSPXE: ${text}` : text, tone)
  }
}

export const wdsService = (context: ServiceContext, configuration: ServiceOf<'WDSServer'>): Service =>
  new WindowsBootService(context, configuration, {
    product: 'WDS',
    prefix: 'Boot',
    // "Default" is the documented default of the configuration tool: use the DHCP ports.
    offers: configuration.useDhcpPorts !== 0,
    readable: ['boot/', 'tmp/'],
    approval: configuration.approval && {
      afterMs: configuration.approval.afterSeconds === null ? Infinity : configuration.approval.afterSeconds * 1000,
      pollSeconds: configuration.approval.pollSeconds,
      message: configuration.approval.message,
    },
    prompt: configuration.prompt,
    silent: false,
  })

export const sccmService = (context: ServiceContext, configuration: ServiceOf<'SccmPxe'>): Service =>
  new WindowsBootService(context, configuration, {
    product: 'ConfigMgr',
    prefix: 'SMSBoot',
    offers: configuration.doNotListenOnDhcpPort !== 1,
    readable: ['smsboot/', 'smsimages/', 'smstemp/'],
    approval: undefined,
    prompt: configuration.deployment === 'available' ? 'optIn' : 'noPrompt',
    silent: configuration.deployment === 'none',
  })
