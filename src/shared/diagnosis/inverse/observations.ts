/**
 * What can be looked at to tell causes apart: each a question with its answers and how it is looked at. The answers of a set-up are
 * derived from its model and its simulated boot (`settings.ts`, `packets.ts`), never written down. The first of equally good
 * questions is asked.
 */

import { say, type Phrase } from '#messages/message.ts'
import { failures } from '../failures.ts'

/** A command to run, or a place of the lab to look at. */
export interface Way {
  readonly says: Phrase
  readonly command?: string
  /** A page of the window that does it, as `page/item`. */
  readonly page?: string
}

export interface Observation {
  readonly asks: Phrase
  readonly how: readonly Way[]
  /** 1 a look at the machine, 2 a look at a setting, 3 a test, another boot or a capture on the network, 4 a capture on a server. */
  readonly cost: 1 | 2 | 3 | 4
  /** Answers by their word on the command line, as sentences. Where it has none, the answer is what stands on a screen. */
  readonly answers: Readonly<Record<string, Phrase>>
  /** Not asked: it follows from a capture, and from nothing else. */
  readonly isDerived?: true
}

const noPxe = say('questions.no-pxe')
const noDhcp = say('questions.no-dhcp')
const capture: Way = {
  says: say('questions.capture-how'),
  command: 'pxe-lab explain boot.pcapng',
  page: 'flows',
}
const probe: Way = {
  says: say('questions.probe-how'),
  command: 'pxe-lab probe --interface Ethernet',
  page: 'doctor',
}
const doctor: Way = {
  says: say('questions.doctor-how'),
  command: 'pxe-lab doctor',
  page: 'doctor',
}

const products = ['wds', 'responder', 'proxy', 'lab'] as const
const states = ['running', 'stopped'] as const
const places = ['same', 'apart', 'alone'] as const

/** Every product in every state at every place: `wds-stopped-same`. */
const serviceAnswers: Readonly<Record<string, Phrase>> = {
  ...Object.fromEntries(
    products.flatMap((product) =>
      places.flatMap((place) =>
        states.map((state) => [`${product}-${state}-${place}`, say('questions.service', { product, state, place })]),
      ),
    ),
  ),
  'dhcp-only': say('questions.services-dhcp-only'),
  none: say('questions.services-none'),
}

export const observations = {
  outcome: {
    asks: say('questions.outcome'),
    how: [{ says: say('questions.outcome-how') }],
    cost: 1,
    answers: {
      fails: say('questions.outcome-fails'),
      boots: say('questions.it-boots'),
      local: say('questions.outcome-local'),
      waits: say('questions.outcome-waits'),
    },
  },
  screen: {
    asks: say('questions.screen'),
    how: [{ says: say('questions.screen-how') }],
    cost: 1,
    answers: { nothing: say('questions.screen-nothing') },
  },
  machine: {
    asks: say('questions.machine'),
    how: [{ says: say('questions.machine-how') }],
    cost: 1,
    answers: {
      bios: say('questions.machine-bios'),
      uefi: 'UEFI x64',
      'uefi-x86': 'UEFI x86',
      'uefi-arm64': 'UEFI ARM64',
      'uefi-http': 'UEFI HTTP boot',
      ipxe: say('questions.machine-ipxe'),
      'u-boot': 'U-Boot',
      'raspberry-pi': 'Raspberry Pi',
    },
  },
  'firmware-age': {
    asks: say('questions.firmware-age'),
    how: [
      {
        says: say('questions.firmware-age-how'),
      },
    ],
    cost: 2,
    answers: {
      current: say('questions.firmware-age-current'),
      'before-2017': say('questions.firmware-age-before-2017'),
      'single-offer': say('questions.firmware-age-single-offer'),
      'not-uefi': say('questions.firmware-age-not-uefi'),
    },
  },
  'secure-boot': {
    asks: say('questions.secure-boot'),
    how: [{ says: say('questions.secure-boot-how') }],
    cost: 1,
    answers: { on: say('questions.yes'), off: say('questions.no'), 'not-uefi': say('questions.firmware-age-not-uefi') },
  },
  'uefi-boots': {
    asks: say('questions.uefi-boots'),
    how: [{ says: say('questions.uefi-boots-how') }],
    cost: 3,
    answers: { boots: say('questions.it-boots') },
  },
  'bios-boots': {
    asks: say('questions.bios-boots'),
    how: [{ says: say('questions.bios-boots-how') }],
    cost: 3,
    answers: { boots: say('questions.it-boots') },
  },
  services: {
    asks: say('questions.services'),
    how: [
      {
        says: say('questions.services-how'),
        command: 'cmd /c "sc query DHCPServer & sc query WDSServer & sc query SccmPxe"',
      },
      doctor,
    ],
    cost: 2,
    answers: serviceAnswers,
  },
  UseDHCPPorts: {
    asks: say('questions.use-dhcpports'),
    how: [
      {
        says: say('questions.use-dhcpports-how'),
        command: 'reg query HKLM\\SYSTEM\\CurrentControlSet\\Services\\WDSServer\\Providers\\WDSPXE /v UseDHCPPorts',
      },
      { ...doctor, page: 'doctor/use-dhcp-ports' },
    ],
    cost: 2,
    answers: { '0': '0', '1': '1', unset: say('questions.use-dhcpports-unset'), 'no-wds': say('questions.use-dhcpports-no-wds') },
  },
  DoNotListenOnDhcpPort: {
    asks: say('questions.do-not-listen-on-dhcp-port'),
    how: [
      { says: say('questions.use-dhcpports-how'), command: 'reg query HKLM\\SOFTWARE\\Microsoft\\SMS\\DP /v DoNotListenOnDhcpPort' },
      doctor,
    ],
    cost: 2,
    answers: {
      '0': '0',
      '1': '1',
      unset: say('questions.do-not-listen-on-dhcp-port-unset'),
      'no-responder': say('questions.do-not-listen-on-dhcp-port-no-responder'),
    },
  },
  option60: {
    asks: say('questions.option60'),
    how: [
      { says: say('questions.option60-how'), command: 'netsh dhcp server dump | findstr /i "optionvalue 60"' },
      doctor,
    ],
    cost: 2,
    answers: {
      unset: say('questions.option60-unset'),
      server: say('questions.option60-server'),
      scope: say('questions.option60-scope'),
      http: 'HTTPClient',
      'no-dhcp': noDhcp,
    },
  },
  option67: {
    asks: say('questions.option67'),
    how: [
      { says: say('questions.option67-how'), command: 'netsh dhcp server dump | findstr /i "optionvalue 66 optionvalue 67"' },
      doctor,
    ],
    cost: 2,
    answers: {
      unset: say('questions.option67-unset'),
      all: say('questions.option67-all'),
      policies: say('questions.option67-policies'),
      unmatched: say('questions.option67-unmatched'),
      'no-dhcp': noDhcp,
    },
  },
  'port-67': {
    asks: say('questions.port-67'),
    how: [{ says: say('questions.port-67-how'), command: 'netstat -abno -p udp | findstr /c:":67 "' }, doctor],
    cost: 2,
    answers: {
      DHCPServer: 'DHCPServer',
      WDSServer: 'WDSServer',
      SccmPxe: 'SccmPxe',
      other: say('questions.port-67-other'),
      nobody: say('questions.nobody'),
    },
  },
  'port-4011': {
    asks: say('questions.port-4011'),
    how: [
      { says: say('questions.port-4011-how'), command: 'netstat -abno -p udp | findstr :4011' },
      { says: say('questions.port-4011-how-2'), command: 'pxe-lab doctor' },
    ],
    cost: 2,
    answers: {
      open: say('questions.port-4011-open'),
      blocked: say('questions.port-4011-blocked'),
      closed: say('questions.port-4011-closed'),
      'no-offer': say('questions.port-4011-no-offer'),
    },
  },
  events: {
    asks: say('questions.events'),
    how: [
      {
        says: say('questions.events-how'),
        command: 'wevtutil qe Application /c:200 /rd:true /f:text /q:"*[System[(EventID=513 or EventID=257)]]"',
      },
    ],
    cost: 2,
    answers: {
      nothing: say('questions.events-nothing'),
      wds: say('questions.events-wds'),
      responder: say('questions.events-responder'),
      dhcp: say('questions.events-dhcp'),
      unauthorised: say('questions.events-unauthorised'),
      pool: say('questions.events-pool'),
    },
  },
  'boot-policy': {
    asks: say('questions.boot-policy'),
    how: [
      {
        says: say('questions.boot-policy-how'),
        command: 'wdsutil /get-server /show:config',
      },
    ],
    cost: 2,
    answers: {
      all: say('questions.boot-policy-all'),
      known: say('questions.boot-policy-known'),
      none: say('questions.nobody'),
      delayed: say('questions.boot-policy-delayed'),
      'no-deployment': say('questions.boot-policy-no-deployment'),
      approval: say('questions.boot-policy-approval'),
      'no-pxe': noPxe,
    },
  },
  'boot-images': {
    asks: say('questions.boot-images'),
    how: [{ says: say('questions.boot-images-how'), command: 'wdsutil /get-allimages /show:boot' }],
    cost: 2,
    answers: { yes: say('questions.yes'), no: say('questions.no'), 'no-windows': say('questions.boot-images-no-windows') },
  },
  firewall: {
    asks: say('questions.firewall'),
    how: [
      {
        says: say('questions.firewall-how'),
        command: 'Get-NetFirewallPortFilter -Protocol UDP | Where-Object LocalPort -in 67,69,4011 | Get-NetFirewallRule',
      },
      doctor,
    ],
    cost: 2,
    answers: { none: say('questions.none'), '67': 'UDP 67', '69': 'UDP 69', '4011': 'UDP 4011', several: say('questions.firewall-several') },
  },
  'tftp-ports': {
    asks: say('questions.tftp-ports'),
    how: [{ says: say('questions.tftp-ports-how'), command: 'netstat -abno -p udp | findstr :64' }, doctor],
    cost: 2,
    answers: { free: say('questions.tftp-ports-free'), taken: say('questions.tftp-ports-taken') },
  },
  helpers: {
    asks: say('questions.helpers'),
    how: [
      { says: say('questions.helpers-how'), command: 'show running-config interface Vlan78' },
    ],
    cost: 2,
    answers: {
      local: say('questions.helpers-local'),
      both: say('questions.helpers-both'),
      'dhcp-only': say('questions.helpers-dhcp-only'),
      'pxe-only': say('questions.helpers-pxe-only'),
      none: say('questions.helpers-none'),
    },
  },
  router: {
    asks: say('questions.router'),
    how: [{ says: say('questions.router-how'), command: 'netsh dhcp server dump | findstr /i "optionvalue 3 "' }],
    cost: 2,
    answers: { given: say('questions.yes'), missing: say('questions.no'), unneeded: say('questions.router-unneeded') },
  },
  'switch-port': {
    asks: say('questions.switch-port'),
    how: [{ says: say('questions.switch-port-how'), command: 'show spanning-tree interface Gi1/0/1 portfast' }],
    cost: 2,
    answers: { 'at-once': say('questions.switch-port-at-once'), later: say('questions.switch-port-later') },
  },
  snooping: {
    asks: say('questions.snooping'),
    how: [{ says: say('questions.snooping-how'), command: 'show ip dhcp snooping' }],
    cost: 2,
    answers: {
      off: say('questions.snooping-off'),
      trusted: say('questions.snooping-trusted'),
      untrusted: say('questions.snooping-untrusted'),
    },
  },
  pool: {
    asks: say('questions.pool'),
    how: [{ says: say('questions.pool-how'), command: 'netsh dhcp server dump | findstr /i "iprange excluderange"' }],
    cost: 2,
    answers: { no: say('questions.no'), yes: say('questions.yes') },
  },
  router6: {
    asks: say('questions.router6'),
    how: [
      { says: say('questions.router6-how'), command: 'rdisc6 eth0' },
      { says: say('questions.router6-how-2'), command: 'netsh interface ipv6 show potentialrouters' },
    ],
    cost: 2,
    answers: {
      managed: say('questions.router6-managed'),
      other: say('questions.router6-other'),
      plain: say('questions.router6-plain'),
      none: say('questions.none'),
      'no-ipv6': say('questions.router6-no-ipv6'),
    },
  },
  certificate: {
    asks: say('questions.certificate'),
    how: [
      { says: say('questions.certificate-how'), command: 'openssl s_client -connect SERVER:443 -showcerts' },
      { says: say('questions.certificate-how-2'), command: 'pxe-lab explain boot.pcapng', page: 'flows' },
    ],
    cost: 2,
    answers: {
      fits: say('questions.certificate-fits'),
      'other-name': say('questions.certificate-other-name'),
      'other-dates': say('questions.certificate-other-dates'),
      'unknown-authority': say('questions.certificate-unknown-authority'),
      'no-https': say('questions.certificate-no-https'),
    },
  },
  mtu: {
    asks: say('questions.mtu'),
    how: [{ says: say('questions.mtu-how'), command: 'ping -f -l 1472 SERVER' }],
    cost: 3,
    answers: { yes: say('questions.yes'), no: say('questions.mtu-no') },
  },
  loss: {
    asks: say('questions.loss'),
    how: [{ says: say('questions.loss-how'), command: 'show interfaces Gi1/0/1 counters errors' }],
    cost: 3,
    answers: { no: say('questions.no'), yes: say('questions.yes') },
  },
  discover: {
    asks: say('questions.discover'),
    how: [capture],
    cost: 3,
    answers: { yes: say('questions.yes'), no: say('questions.no') },
  },
  offers: {
    asks: say('questions.offers'),
    how: [capture, probe],
    cost: 3,
    answers: {
      none: say('questions.none'),
      dhcp: say('questions.offers-dhcp'),
      proxy: say('questions.offers-proxy'),
      'dhcp+proxy': say('questions.offers-dhcp-and-proxy'),
      'dhcp+dhcp': say('questions.offers-dhcp-and-dhcp'),
      several: say('questions.offers-several'),
    },
  },
  'offer-60': {
    asks: say('questions.offer-60'),
    how: [capture, probe],
    cost: 3,
    answers: {
      no: say('questions.no'),
      pxe: say('questions.offer-60-pxe'),
      http: say('questions.offer-60-http'),
      some: say('questions.offer-60-some'),
      'no-offer': say('questions.offer-60-no-offer'),
    },
  },
  'offer-file': {
    asks: say('questions.offer-file'),
    how: [capture, probe],
    cost: 3,
    answers: {
      no: say('questions.no'),
      yes: say('questions.yes'),
      url: say('questions.offer-file-url'),
      some: say('questions.offer-60-some'),
      'no-offer': say('questions.offer-60-no-offer'),
    },
  },
  lease: {
    asks: say('questions.lease'),
    how: [capture],
    cost: 3,
    answers: {
      yes: say('questions.yes'),
      refused: say('questions.lease-refused'),
      unanswered: say('questions.lease-unanswered'),
      'not-asked': say('questions.lease-not-asked'),
    },
  },
  'boot-server': {
    asks: say('questions.boot-server'),
    how: [capture],
    cost: 3,
    answers: {
      answered: say('questions.boot-server-answered'),
      silence: say('questions.nothing'),
      closed: say('questions.icmp-port-unreachable'),
      'not-asked': say('questions.boot-server-not-asked'),
    },
  },
  tftp: {
    asks: say('questions.tftp'),
    how: [
      capture,
      { says: say('questions.tftp-how'), command: 'tftp -i SERVER get boot\\x64\\wdsmgfw.efi' },
    ],
    cost: 3,
    answers: {
      loaded: say('questions.tftp-loaded'),
      'not-found': say('questions.tftp-not-found'),
      denied: say('questions.tftp-denied'),
      error: say('questions.tftp-error'),
      silence: say('questions.nothing'),
      closed: say('questions.icmp-port-unreachable'),
      stopped: say('questions.tftp-stopped'),
      wrapped: say('questions.tftp-wrapped'),
      'not-asked': say('questions.tftp-not-asked'),
    },
  },
  'next-file': {
    asks: say('questions.next-file'),
    how: [capture],
    cost: 3,
    answers: {
      nothing: say('questions.nothing'),
      files: say('questions.next-file-files'),
      same: say('questions.next-file-same'),
      'not-loaded': say('questions.next-file-not-loaded'),
    },
  },
  verdict: {
    asks: say('questions.verdict'),
    how: [capture],
    cost: 3,
    answers: {
      ...Object.fromEntries(Object.entries(failures).map(([kind, { title }]) => [kind, title])),
      none: say('questions.verdict-none'),
    },
    isDerived: true,
  },
  'dhcp-hears': {
    asks: say('questions.dhcp-hears'),
    how: [{ says: say('questions.dhcp-hears-how'), command: 'pxe-lab capture --interface Ethernet --write server.pcapng' }],
    cost: 4,
    answers: {
      answers: say('questions.dhcp-hears-answers'),
      silent: say('questions.dhcp-hears-silent'),
      nothing: say('questions.nothing'),
      'no-dhcp': noDhcp,
    },
  },
  'pxe-hears': {
    asks: say('questions.pxe-hears'),
    how: [{ says: say('questions.dhcp-hears-how'), command: 'pxe-lab capture --interface Ethernet --write server.pcapng' }],
    cost: 4,
    answers: {
      answers: say('questions.dhcp-hears-answers'),
      silent: say('questions.dhcp-hears-silent'),
      nothing: say('questions.nothing'),
      'no-pxe': noPxe,
    },
  },
} as const satisfies Record<string, Observation> // prettier-ignore

export type ObservationId = keyof typeof observations
export const observationIds = Object.keys(observations) as readonly ObservationId[]
export const observation = (id: ObservationId): Observation => observations[id]
export const isObservation = (text: string): text is ObservationId => text in observations

/** An answer as a sentence. A BIOS ROM ends every screen with PXE-M0F, "Exiting". */
export const answerText = (id: ObservationId, answer: string): Phrase =>
  observation(id).answers[answer] ?? answer.replace(/ PXE-M0F$/, '')

/** The answers of one machine in one set-up. */
export type Answers = Readonly<Record<ObservationId, string>>
/** As far as something is known. */
export type SomeAnswers = Partial<Answers>
