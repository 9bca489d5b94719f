/**
 * What can be looked at to tell causes apart: each a question with its answers and how it is looked at. The answers of a set-up are
 * derived from its model and its simulated boot (`settings.ts`, `packets.ts`), never written down. The first of equally good
 * questions is asked.
 */

import { textOf } from '#messages/text.ts'
import { failures } from '../failures.ts'

/** A command to run, or a place of the lab to look at. */
export interface Way {
  readonly says: string
  readonly command?: string
  /** A page of the window that does it, as `page/item`. */
  readonly page?: string
}

export interface Observation {
  readonly asks: string
  readonly how: readonly Way[]
  /** 1 a look at the machine, 2 a look at a setting, 3 a test, another boot or a capture on the network, 4 a capture on a server. */
  readonly cost: 1 | 2 | 3 | 4
  /** Answers by their word on the command line, as sentences. Where it has none, the answer is what stands on a screen. */
  readonly answers: Readonly<Record<string, string>>
  /** Not asked: it follows from a capture, and from nothing else. */
  readonly isDerived?: true
}

const noPxe = 'There is no PXE service'
const noDhcp = 'There is no DHCP server'
const capture: Way = {
  says: 'Capture its boot at a mirror port of its switch, then open the file in Flows.',
  command: 'pxe-lab explain boot.pcapng',
  page: 'flows',
}
const probe: Way = {
  says: 'Or find the DHCP and PXE servers from a computer at its network socket.',
  command: 'pxe-lab probe --interface Ethernet',
  page: 'doctor',
}
const doctor: Way = {
  says: 'On the server, the Doctor shows it.',
  command: 'pxe-lab doctor',
  page: 'doctor',
}

const products = {
  wds: 'WDS',
  responder: 'The ConfigMgr PXE responder (SccmPxe)',
  proxy: 'Another proxyDHCP or boot server (dnsmasq, pixiecore)',
  lab: 'PXE Lab',
} as const
const states = { running: 'runs', stopped: 'is stopped' } as const
const places = {
  same: ' on the DHCP server',
  apart: ' on another server than DHCP',
  alone: ', and there is no DHCP server',
} as const

/** Every product in every state at every place: `wds-stopped-same`. */
const serviceAnswers: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    Object.entries(products).flatMap(([product, name]) =>
      Object.entries(places).flatMap(([place, where]) =>
        Object.entries(states).map(([state, does]) => [`${product}-${state}-${place}`, `${name} ${does}${where}`]),
      ),
    ),
  ),
  'dhcp-only': 'There is a DHCP server and no PXE service',
  none: 'There is neither a DHCP server nor a PXE service',
}

export const observations = {
  outcome: {
    asks: 'How does the boot of this machine end?',
    how: [{ says: 'Watch its screen until it stops or goes on to its disk.' }],
    cost: 1,
    answers: {
      fails: 'It fails',
      boots: 'It boots',
      local: 'Somebody chose the local disk',
      waits: 'It waits and does not end',
    },
  },
  screen: {
    asks: 'What does the screen show at last?',
    how: [{ says: 'Read the code, or the last line, off the screen of the machine.' }],
    cost: 1,
    answers: { nothing: 'Nothing more: it stands still' },
  },
  machine: {
    asks: 'Which kind of machine is it?',
    how: [{ says: 'The boot menu or the setup of the firmware says whether it boots as UEFI or as BIOS (legacy, CSM).' }],
    cost: 1,
    answers: {
      bios: 'BIOS with a PXE ROM',
      uefi: 'UEFI x64',
      'uefi-x86': 'UEFI x86',
      'uefi-arm64': 'UEFI ARM64',
      'uefi-http': 'UEFI HTTP boot',
      ipxe: 'iPXE in its ROM',
      'u-boot': 'U-Boot',
      'raspberry-pi': 'Raspberry Pi',
    },
  },
  'firmware-age': {
    asks: 'How does its UEFI firmware treat proxyDHCP offers?',
    how: [
      {
        says: 'Its date stands in the firmware setup: EDK2 before April 2017 drops proxyDHCP offers with option 43. Some vendors ignore every proxyDHCP offer; their release notes or a second model tell.',
      },
    ],
    cost: 2,
    answers: {
      current: 'It joins DHCP and proxyDHCP offers',
      'before-2017': 'It is from before April 2017',
      'single-offer': 'It ignores proxyDHCP offers',
      'not-uefi': 'It is no UEFI machine',
    },
  },
  'secure-boot': {
    asks: 'Is Secure Boot on?',
    how: [{ says: 'The firmware setup says so.' }],
    cost: 1,
    answers: { on: 'Yes', off: 'No', 'not-uefi': 'It is no UEFI machine' },
  },
  'uefi-boots': {
    asks: 'What does a UEFI x64 machine show on the same network?',
    how: [{ says: 'Boot another machine, or set this one to UEFI for one boot.' }],
    cost: 3,
    answers: { boots: 'It boots' },
  },
  'bios-boots': {
    asks: 'What does a BIOS machine show on the same network?',
    how: [{ says: 'Boot another machine, or set this one to legacy boot for one boot.' }],
    cost: 3,
    answers: { boots: 'It boots' },
  },
  services: {
    asks: 'Which DHCP and PXE services are there, and do they run?',
    how: [
      {
        says: 'Ask the service manager of the DHCP server and of the PXE server.',
        command: 'cmd /c "sc query DHCPServer & sc query WDSServer & sc query SccmPxe"',
      },
      doctor,
    ],
    cost: 2,
    answers: serviceAnswers,
  },
  UseDHCPPorts: {
    asks: 'What does UseDHCPPorts say on the WDS server?',
    how: [
      {
        says: 'Read the registry value.',
        command: 'reg query HKLM\\SYSTEM\\CurrentControlSet\\Services\\WDSServer\\Providers\\WDSPXE /v UseDHCPPorts',
      },
      { ...doctor, page: 'doctor/use-dhcp-ports' },
    ],
    cost: 2,
    answers: { '0': '0', '1': '1', unset: 'The value does not exist (it means 1)', 'no-wds': 'There is no WDS' },
  },
  DoNotListenOnDhcpPort: {
    asks: 'What does DoNotListenOnDhcpPort say on the distribution point?',
    how: [
      { says: 'Read the registry value.', command: 'reg query HKLM\\SOFTWARE\\Microsoft\\SMS\\DP /v DoNotListenOnDhcpPort' },
      doctor,
    ],
    cost: 2,
    answers: {
      '0': '0',
      '1': '1',
      unset: 'The value does not exist (it means 0)',
      'no-responder': 'There is no ConfigMgr PXE responder',
    },
  },
  option60: {
    asks: 'Where is option 60 set on the DHCP server?',
    how: [
      { says: 'Look at the server options, and at those of every scope, policy and reservation.', command: 'netsh dhcp server dump | findstr /i "optionvalue 60"' },
      doctor,
    ],
    cost: 2,
    answers: {
      unset: 'Nowhere',
      server: 'PXEClient in the server options',
      scope: 'PXEClient at one scope, policy or reservation',
      http: 'HTTPClient',
      'no-dhcp': noDhcp,
    },
  },
  option67: {
    asks: 'How does the DHCP server name the boot file (options 66 and 67)?',
    how: [
      { says: 'Look at the options of the server, its scopes, policies and reservations.', command: 'netsh dhcp server dump | findstr /i "optionvalue 66 optionvalue 67"' },
      doctor,
    ],
    cost: 2,
    answers: {
      unset: 'It names none',
      all: 'One file for every machine',
      policies: 'By architecture or class (policies), with a match for this machine',
      unmatched: 'By architecture or class (policies), without a match for this machine',
      'no-dhcp': noDhcp,
    },
  },
  'port-67': {
    asks: 'Who holds UDP port 67 on the PXE server (without one: on the DHCP server)?',
    how: [{ says: 'List the owners of UDP ports, elevated.', command: 'netstat -abno -p udp | findstr /c:":67 "' }, doctor],
    cost: 2,
    answers: {
      DHCPServer: 'DHCPServer',
      WDSServer: 'WDSServer',
      SccmPxe: 'SccmPxe',
      other: 'Another program',
      nobody: 'Nobody',
    },
  },
  'port-4011': {
    asks: 'Is UDP port 4011 open on the server whose offer the machine takes?',
    how: [
      { says: 'On the server, look who holds it.', command: 'netstat -abno -p udp | findstr :4011' },
      { says: 'And whether its firewall lets it in.', command: 'pxe-lab doctor' },
    ],
    cost: 2,
    answers: {
      open: 'Yes: a PXE service holds it and the firewall lets it in',
      blocked: 'A PXE service holds it and a firewall drops it',
      closed: 'Nobody holds it there',
      'no-offer': 'No offer comes',
    },
  },
  events: {
    asks: 'What does the event log of the servers say since they started?',
    how: [
      {
        says: 'Look for WDSServer 513 and 257, DHCP-Server 1046, and "10048" in SMSPXE.log.',
        command: 'wevtutil qe Application /c:200 /rd:true /f:text /q:"*[System[(EventID=513 or EventID=257)]]"',
      },
    ],
    cost: 2,
    answers: {
      nothing: 'Nothing of the kind',
      wds: 'WDSServer event 513 and 257: a port is in use (0x2740)',
      responder: 'SMSPXE.log: the PXE responder cannot bind a port (10048)',
      dhcp: 'The DHCP service cannot bind UDP port 67',
      unauthorised: 'DHCP-Server event 1046: not authorised in Active Directory',
      pool: 'The DHCP server has no free address left',
    },
  },
  'boot-policy': {
    asks: 'Whom does the PXE service answer?',
    how: [
      {
        says: 'WDS: properties of the server, PXE Response. ConfigMgr: the PXE tab of the distribution point, the deployments of the machine, and SMSPXE.log.',
        command: 'wdsutil /get-server /show:config',
      },
    ],
    cost: 2,
    answers: {
      all: 'Every machine, at once',
      known: 'Known machines only, and this one is not',
      none: 'Nobody',
      delayed: 'Every machine, after a response delay',
      'no-deployment': 'This machine has no deployment',
      approval: 'After an administrator approves',
      'no-pxe': noPxe,
    },
  },
  'boot-images': {
    asks: 'Does the PXE service have a boot image for the architecture of this machine?',
    how: [{ says: 'List the boot images.', command: 'wdsutil /get-allimages /show:boot' }],
    cost: 2,
    answers: { yes: 'Yes', no: 'No', 'no-windows': 'There is neither WDS nor the ConfigMgr responder' },
  },
  firewall: {
    asks: 'Which boot ports do firewalls on the way drop?',
    how: [
      {
        says: 'Look at the inbound rules of the PXE and TFTP server for UDP 67, 69, 4011 and the range that TFTP answers from (WDS: 64001 to 65000).',
        command: 'Get-NetFirewallPortFilter -Protocol UDP | Where-Object LocalPort -in 67,69,4011 | Get-NetFirewallRule',
      },
      doctor,
    ],
    cost: 2,
    answers: { none: 'None', '67': 'UDP 67', '69': 'UDP 69', '4011': 'UDP 4011', several: 'Several, or others' },
  },
  'tftp-ports': {
    asks: 'Who holds the UDP ports that WDS sends files from (64001 to 65000)?',
    how: [{ says: 'List the owners.', command: 'netstat -abno -p udp | findstr :64' }, doctor],
    cost: 2,
    answers: { free: 'They are free, or it is no Windows server', taken: 'The DNS server has taken them' },
  },
  helpers: {
    asks: 'How do the broadcasts of this machine reach the servers?',
    how: [
      { says: 'Look at the IP helpers (relay agents) of the router in its VLAN, and at the VLAN of its switch port.', command: 'show running-config interface Vlan78' },
    ],
    cost: 2,
    answers: {
      local: 'A server is in its own network (VLAN)',
      both: 'By IP helpers to every DHCP and PXE server',
      'dhcp-only': 'By an IP helper to the DHCP server, and none to the PXE server',
      'pxe-only': 'By an IP helper to the PXE server, and none to the DHCP server',
      none: 'Not at all: no server in its VLAN and no IP helper',
    },
  },
  router: {
    asks: 'Does the DHCP server give machines in this network a router (option 3)?',
    how: [{ says: 'Look at the options of the scope.', command: 'netsh dhcp server dump | findstr /i "optionvalue 3 "' }],
    cost: 2,
    answers: { given: 'Yes', missing: 'No', unneeded: 'The servers are in the network of the machine, or it has no scope' },
  },
  'switch-port': {
    asks: 'Does the switch port forward as soon as its link comes up?',
    how: [{ says: 'Look for PortFast or edge port at the port of the machine.', command: 'show spanning-tree interface Gi1/0/1 portfast' }],
    cost: 2,
    answers: { 'at-once': 'Yes (PortFast, or no spanning tree)', later: 'No, it blocks for about 30 seconds' },
  },
  snooping: {
    asks: 'Is DHCP snooping on, and which ports does it trust?',
    how: [{ says: 'Ask the switch.', command: 'show ip dhcp snooping' }],
    cost: 2,
    answers: {
      off: 'It is off',
      trusted: 'The ports of all DHCP and PXE servers are trusted',
      untrusted: 'The port of a DHCP or PXE server is not trusted',
    },
  },
  pool: {
    asks: 'Does the address pool hold the address of a server?',
    how: [{ says: 'Compare range and exclusions of the scope with the addresses of the servers.', command: 'netsh dhcp server dump | findstr /i "iprange excluderange"' }],
    cost: 2,
    answers: { no: 'No', yes: 'Yes' },
  },
  router6: {
    asks: 'Which router advertises itself over IPv6 in the network of this machine?',
    how: [
      { says: 'Ask from a computer in its network: the answer has the flags M (managed) and O (other).', command: 'rdisc6 eth0' },
      { says: 'On Windows the routers stand here, without their flags.', command: 'netsh interface ipv6 show potentialrouters' },
    ],
    cost: 2,
    answers: {
      managed: 'One with flag M: addresses are to be had by DHCPv6',
      other: 'One with flag O and without M',
      plain: 'One without either flag',
      none: 'None',
      'no-ipv6': 'This network has no IPv6',
    },
  },
  certificate: {
    asks: 'Which certificate does the web server show this machine?',
    how: [
      { says: 'Read its names and who issued it; compare the names with the host in the address that the machine was given.', command: 'openssl s_client -connect SERVER:443 -showcerts' },
      { says: 'A capture of TLS up to 1.2 shows it, too.', command: 'pxe-lab explain boot.pcapng', page: 'flows' },
    ],
    cost: 2,
    answers: {
      fits: 'One for the host in the address, valid, and issued by an authority that this machine knows',
      'other-name': 'One for another name or address',
      'other-dates': 'One that has expired or is not valid yet',
      'unknown-authority': 'One issued by an authority that this machine does not know',
      'no-https': 'It is given no https: address',
    },
  },
  mtu: {
    asks: 'Do packets of 1,500 bytes pass between the server and the network of the machine?',
    how: [{ says: 'From a computer in the network of the machine, to the server.', command: 'ping -f -l 1472 SERVER' }],
    cost: 3,
    answers: { yes: 'Yes', no: 'No, smaller ones only' },
  },
  loss: {
    asks: 'Does the link lose packets?',
    how: [{ says: 'Look at the error counters of the switch port.', command: 'show interfaces Gi1/0/1 counters errors' }],
    cost: 3,
    answers: { no: 'No', yes: 'Yes' },
  },
  discover: {
    asks: 'Does a capture at the switch show the DHCPDISCOVER of the machine?',
    how: [capture],
    cost: 3,
    answers: { yes: 'Yes', no: 'No' },
  },
  offers: {
    asks: 'Which offers reach the machine within 4 seconds of its DHCPDISCOVER?',
    how: [capture, probe],
    cost: 3,
    answers: {
      none: 'None',
      dhcp: 'One, with an address (DHCP)',
      proxy: 'One, without an address (proxyDHCP)',
      'dhcp+proxy': 'Two: one with an address (DHCP), one without (proxyDHCP)',
      'dhcp+dhcp': 'Two with an address, from two DHCP servers',
      several: 'More than two',
    },
  },
  'offer-60': {
    asks: 'Does the offer with an address carry option 60?',
    how: [capture, probe],
    cost: 3,
    answers: {
      no: 'No',
      pxe: 'Yes, PXEClient',
      http: 'Yes, HTTPClient',
      some: 'That of one DHCP server does, that of another does not',
      'no-offer': 'No offer with an address comes',
    },
  },
  'offer-file': {
    asks: 'Does the offer with an address name a boot file?',
    how: [capture, probe],
    cost: 3,
    answers: {
      no: 'No',
      yes: 'Yes',
      url: 'Yes, as a URL',
      some: 'That of one DHCP server does, that of another does not',
      'no-offer': 'No offer with an address comes',
    },
  },
  lease: {
    asks: 'Does the machine get its address (DHCPACK)?',
    how: [capture],
    cost: 3,
    answers: {
      yes: 'Yes',
      refused: 'No: the server answers DHCPNAK',
      unanswered: 'No: its DHCPREQUEST is not answered',
      'not-asked': 'It sends no DHCPREQUEST',
    },
  },
  'boot-server': {
    asks: 'What answers its request to UDP port 4011?',
    how: [capture],
    cost: 3,
    answers: {
      answered: 'A reply with a boot file',
      silence: 'Nothing',
      closed: 'ICMP port unreachable',
      'not-asked': 'It sends none to port 4011',
    },
  },
  tftp: {
    asks: 'What answers its TFTP read request for the boot program?',
    how: [
      capture,
      { says: 'Or fetch the file from a computer in its network.', command: 'tftp -i SERVER get boot\\x64\\wdsmgfw.efi' },
    ],
    cost: 3,
    answers: {
      loaded: 'The whole file',
      'not-found': 'Error 1, file not found',
      denied: 'Error 2, access violation',
      error: 'Another error',
      silence: 'Nothing',
      closed: 'ICMP port unreachable',
      stopped: 'The beginning of the file, then nothing more',
      wrapped: '65,535 blocks of the file, then nothing more',
      'not-asked': 'It sends none',
    },
  },
  'next-file': {
    asks: 'What does the machine ask for when the boot program runs?',
    how: [capture],
    cost: 3,
    answers: {
      nothing: 'Nothing',
      files: 'Further files',
      same: 'The same boot program again and again',
      'not-loaded': 'It has not loaded the boot program',
    },
  },
  verdict: {
    asks: 'What does PXE Lab say of a capture of its boot?',
    how: [capture],
    cost: 3,
    answers: {
      ...Object.fromEntries(Object.entries(failures).map(([kind, { title }]) => [kind, textOf(title)])),
      none: 'No failure',
    },
    isDerived: true,
  },
  'dhcp-hears': {
    asks: 'What does a capture on the DHCP server show of this machine?',
    how: [{ says: 'On the server, while the machine boots.', command: 'pxe-lab capture --interface Ethernet --write server.pcapng' }],
    cost: 4,
    answers: {
      answers: 'Its request, and an answer',
      silent: 'Its request, and no answer',
      nothing: 'Nothing',
      'no-dhcp': noDhcp,
    },
  },
  'pxe-hears': {
    asks: 'What does a capture on the PXE server show of this machine?',
    how: [{ says: 'On the server, while the machine boots.', command: 'pxe-lab capture --interface Ethernet --write server.pcapng' }],
    cost: 4,
    answers: {
      answers: 'Its request, and an answer',
      silent: 'Its request, and no answer',
      nothing: 'Nothing',
      'no-pxe': noPxe,
    },
  },
} as const satisfies Record<string, Observation> // prettier-ignore

export type ObservationId = keyof typeof observations
export const observationIds = Object.keys(observations) as readonly ObservationId[]
export const observation = (id: ObservationId): Observation => observations[id]
export const isObservation = (text: string): text is ObservationId => text in observations

/** An answer as a sentence. A BIOS ROM ends every screen with PXE-M0F, "Exiting". */
export const answerText = (id: ObservationId, answer: string): string =>
  observation(id).answers[answer] ?? answer.replace(/ PXE-M0F$/, '')

/** The answers of one machine in one set-up. */
export type Answers = Readonly<Record<ObservationId, string>>
/** As far as something is known. */
export type SomeAnswers = Partial<Answers>
