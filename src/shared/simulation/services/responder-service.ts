/** This product's responder on a virtual host: what a lab file says is what answers, by the same machines. */
import type { ServerTls } from '../scenario.ts'
import { transferPortsOf, type Lab } from '../../lab/lab.ts'
import { bootConfigurationOf, dhcpConfigurationOf, roleConfigurationOf } from '../../lab/machine-configuration.ts'
import { dhcp6ConfigurationOf, routerAdvertiserConfigurationOf } from '../../lab/machine-configuration6.ts'
import { BootServer, isBootServerDiscovery, type BootServerEvent } from '../../machines/boot-server.ts'
import { DhcpServer, type DhcpServerEvent } from '../../machines/dhcp-server/server.ts'
import { Dhcp6Server, type Dhcp6ServerEvent } from '../../machines/dhcpv6-server/server.ts'
import type { ServedInterface6 } from '../../machines/machine.ts'
import { ProxyDhcp, type ProxyDhcpEvent } from '../../machines/proxy-dhcp.ts'
import { RouterAdvertiser } from '../../machines/router-advertiser.ts'
import { WdsServer, type WdsServerEvent } from '../../machines/wds-server.ts'
import { windowsLogLine } from '../../machines/windows-log.ts'
import { bcdPath } from '../../machines/windows-programs.ts'
import { SeenWhereabouts } from '../../machines/whereabouts.ts'
import { raspberryPiPlace } from '../../machines/raspberry-pi-folder.ts'
import { fileKey, windowsBootFiles, type VirtualFile } from '../files.ts'
import { bindAlone, logDhcp } from './dhcp-services.ts'
import { HttpService } from './http-service.ts'
import {
  addressesOf,
  MachineHost,
  MachineHost6,
  RouterHost,
  servedInterfaces,
  servedInterfaces6,
  type Service,
  type ServiceContext,
} from './service.ts'
import { TftpService, finderIn } from './tftp-service.ts'

export class ResponderService implements Service {
  readonly #context: ServiceContext
  readonly #lab: Lab

  constructor(context: ServiceContext, lab: Lab) {
    this.#context = context
    this.#lab = lab
  }

  start(): void {
    const context = this.#context
    const lab = this.#lab
    if (lab.mode === 'listen') return context.log('Mode listen: nothing is answered.')
    const shared = { interfaces: servedInterfaces(context.host), ports: lab.ports, filter: lab.clients }
    const boot = bootConfigurationOf(lab)
    const seen = new SeenWhereabouts()
    const bootServer = new MachineHost<BootServerEvent>(context, new BootServer({ ...shared, boot, seen }), (event) => {
      if (event.type === 'boot-server-answered')
        context.log(`${event.client.mac} gets ${event.boot.file ?? ''}`, 'good')
      else context.log(`${event.client.mac} is not answered on port 4011: ${event.reason}`, 'warning')
    })
    const role = roleConfigurationOf(lab, shared.interfaces)
    const windows =
      role &&
      new MachineHost<WdsServerEvent>(context, new WdsServer(role), (event) => {
        const { text, tone } = windowsLogLine(event)
        context.log(text, tone)
      })
    const dhcp =
      lab.mode === 'dhcp'
        ? new MachineHost<DhcpServerEvent>(
            context,
            new DhcpServer({ ...dhcpConfigurationOf(lab, shared.interfaces), seen }),
            (event) => logDhcp(context, event),
          )
        : lab.mode === 'proxy-dhcp'
          ? (windows ??
            new MachineHost<ProxyDhcpEvent>(context, new ProxyDhcp({ ...shared, boot, seen }), (event) => {
              if (event.type === 'proxy-offered') context.log(`proxyDHCP offer to ${event.client.mac}`)
              else context.log(`${event.client.mac} is not answered: ${event.reason}`)
            }))
          : undefined
    const over6 = servedInterfaces6(context.host).filter((one) => one.linkLocal !== undefined)
    const dhcp6 = this.#host6(over6)
    const wanted: [number, Parameters<typeof bindAlone>[2]][] = [
      [
        lab.ports.bootServer,
        (packet, nic) => (typeof packet.source === 'string' ? dhcp6 : (windows ?? bootServer))?.receive(packet, nic),
      ],
    ]
    if (dhcp6) wanted.push([lab.ports.dhcp6, dhcp6.receive])
    if (dhcp)
      wanted.push([
        lab.ports.dhcp,
        (packet, nic) =>
          !windows && packet.payload[12] !== 0 && isBootServerDiscovery(packet.payload)
            ? bootServer.receive(packet, nic)
            : dhcp.receive(packet, nic),
      ])
    for (const [port, receive] of wanted) {
      const holder = bindAlone(context, port, receive)
      if (holder === undefined) continue
      context.host.unbind(context.name)
      return context.log(`UDP port ${port} is in use by ${holder}: the responder does not start.`, 'bad')
    }
    if (lab.tftp.enabled)
      new TftpService(context, {
        find: windows ? windowsFinder(context.files, lab) : bootFolderFinder(context.files, lab),
        maxBlockSize: lab.tftp.maxBlockSize,
        maxWindowSize: lab.tftp.maxWindowSize,
        grantsWindow: true,
        grantsTimeout: true,
        rollsOver: true,
        dataPorts: lab.tftp.singlePort ? 'shared' : transferPortsOf(lab),
      }).start()
    if (lab.http.enabled) new HttpService(context, { port: lab.http.port }).start()
    if (lab.https.enabled) new HttpService(context, { port: lab.https.port, tls: ownTls(context, lab) }).start()
    const router = over6.length === 0 ? undefined : routerAdvertiserConfigurationOf(lab, over6)
    if (router) new RouterHost(context, new RouterAdvertiser(router)).start()
  }

  /** What the same lab file answers over IPv6, where its host has IPv6. */
  #host6(interfaces: readonly ServedInterface6[]): MachineHost6<Dhcp6ServerEvent> | undefined {
    const context = this.#context
    const told = interfaces.length === 0 ? undefined : dhcp6ConfigurationOf(this.#lab, interfaces)
    if (!told) return undefined
    return new MachineHost6<Dhcp6ServerEvent>(context, new Dhcp6Server(told), (event) => {
        if (event.type === 'boot-server-answered') context.log(`${event.client.mac} gets ${event.boot.file ?? ''}`, 'good')
        else if (event.type === 'boot-server-ignored') context.log(`${event.client.mac} is not answered on port 4011: ${event.reason}`, 'warning')
        else if (event.type === 'proxy-offered') context.log(`proxy ADVERTISE to ${event.client.mac}`)
        else if (event.type === 'proxy-ignored') context.log(`${event.client.mac} is not answered: ${event.reason}`)
        else logDhcp(context, event)
    }) // prettier-ignore
  }

  stop(): void {
    this.#context.host.unbind(this.#context.name)
  }
}

/** What the responder shows: a certificate that its own authority issued for its addresses and `https.host`. */
const ownTls = ({ host }: ServiceContext, { https }: Lab): ServerTls => ({
  authority: 'PXE Lab CA',
  names: [...addressesOf(host), ...(https.host === null ? [] : [https.host])],
  from: '2000-01-01',
  until: '2046-01-01',
  keyType: 'RSA',
  keyBits: 3072,
  versions: '1.2',
})

/** The boot folder of a lab, with what lies in it for Raspberry Pis that have no folder of their own. */
function bootFolderFinder(
  files: ReadonlyMap<string, VirtualFile>,
  { boot }: Lab,
): (path: string) => VirtualFile | undefined {
  const find = finderIn(files)
  if (boot.raspberryPi === null) return find
  const common = fileKey(boot.raspberryPi).split('/').filter(Boolean)
  return (path) => {
    const file = find(path)
    const found = file ? undefined : raspberryPiPlace(fileKey(path).split('/'), common)
    if (!found) return file
    const own = `${found.ownFolder}/`
    const hasOwn = found.ownFolder !== undefined && [...files.keys()].some((key) => key.startsWith(own))
    return hasOwn ? undefined : find(found.place.join('/'))
  }
}

/** The boot folder of a role: a copy of a RemoteInstall folder, and what the scenario has of its own. */
function windowsFinder(
  own: ReadonlyMap<string, VirtualFile>,
  { role, wds, configmgr }: Lab,
): (path: string) => VirtualFile | undefined {
  const prefix = role === 'wds' ? 'Boot' : 'SMSBoot'
  const { architectures, bcd } = role === 'wds' ? wds : configmgr
  const files = windowsBootFiles(architectures, prefix, { blockSize: 1456, windowSize: 4, largestFile: 4_000_000 })
  for (const key of architectures) {
    const store = files.get(fileKey(bcdPath(key, prefix)))!
    files.set(fileKey(bcd[key] ?? '\\Boot\\BCD'), store)
  }
  return (path) => {
    const key = fileKey(path)
    // Boot images have files of the same names below their package ID.
    return own.get(key) ?? files.get(key) ?? files.get(key.replace(/^smsboot\/[^/]+\/(x|arm)/, 'smsboot/$1'))
  }
}
