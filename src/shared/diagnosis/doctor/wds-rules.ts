/** Rules about settings of WDS: what it sends, by which interfaces, in which blocks. */
import { say } from '#messages/message.ts'
import { dpKey, wdsKey, wdsTftpKey } from '../../lab/registry-keys.ts'
import { isLetThrough } from '../../machines/read-filter.ts'
import { docs } from '../commands.ts'
import { isBoundToNothing, servedInterfaces } from '../twin.ts'
import { byHand, repair, restart, type Rule } from './context.ts'

/** Folders that a PXE service of Windows sends files from, and what stands for them in ReadFilter. */
const bootFolders = { wds: ['boot', 'tmp'], distributionPoint: ['SMSBoot', 'SMSTemp', 'SMSImages'] } as const

/** Patterns of the files that stand for a folder. */
const patternsOf = (names: readonly string[]): string[] => names.map((name) => name.replace(/x64\\a$/, '*'))

export const readFilter: Rule = ({ known, wdsServes }) => {
  const patterns = known.registry(wdsTftpKey, 'ReadFilter')
  const isDistributionPoint = known.facts.distributionPoint?.value === true
  const folders = isDistributionPoint ? bootFolders.distributionPoint : bootFolders.wds
  if (!wdsServes || !Array.isArray(patterns)) return undefined
  const told = patterns as readonly string[]
  const names = folders.flatMap((folder) => [`${folder}\\x64\\a`, `\\${folder}\\x64\\a`])
  const refused = names.filter((name) => !isLetThrough(told, name))
  if (refused.length === 0) return undefined
  const forms = folders.flatMap((folder) => [`\\${folder}\\*`, `${folder}\\*`, `/${folder}/*`, `${folder}/*`])
  const wanted = [...new Set([...told, ...forms])]
  return {
    id: 'tftp-read-filter',
    severity: 'error',
    title: say('doctor.read-filter-title'),
    says: isDistributionPoint
      ? say('doctor.read-filter-says-point', { folders, refused: patternsOf(refused) })
      : say('doctor.read-filter-says', { refused: patternsOf(refused) }),
    reference: docs.registry,
    evidence: [known.registryEvidence(wdsTftpKey, 'ReadFilter')],
    remedy: byHand(
      say('doctor.read-filter-fix'),
      [`reg add ${wdsTftpKey} /v ReadFilter /t REG_MULTI_SZ /d "${wanted.join('\\0')}" /f`, 'net stop WDSServer', 'net start WDSServer'],
      [`reg add ${wdsTftpKey} /v ReadFilter /t REG_MULTI_SZ /d "${told.join('\\0')}" /f`, 'net stop WDSServer', 'net start WDSServer'],
    ), // prettier-ignore
  }
}

export const bindPolicy: Rule = ({ known, wdsServes }) => {
  const policy = known.registry(wdsKey, 'BindPolicy')
  const listed = known.registry(wdsKey, 'BindInterfaces')
  const interfaces = known.facts.interfaces?.value
  if (!wdsServes || !Array.isArray(listed) || listed.length === 0 || !interfaces) return undefined
  const entries = listed as readonly string[]
  const served = servedInterfaces(known.facts)
  if (served.length === interfaces.length) return undefined
  const addresses = (list: typeof interfaces): string => list.map((one) => one.address).join(', ')
  const [first] = interfaces
  const isDeaf = isBoundToNothing(known.facts)
  return {
    id: 'bind-policy',
    severity: isDeaf ? 'error' : 'note',
    title: isDeaf
      ? say('doctor.bind-policy-title-none')
      : say('doctor.bind-policy-title', { addresses: addresses(served) }),
    says: isDeaf
      ? say('doctor.bind-policy-says-none', {
          includes: policy === 1 ? 'yes' : 'no',
          entries: entries.join(', '),
          addresses: addresses(interfaces),
        })
      : say('doctor.bind-policy-says', { addresses: addresses(interfaces.filter((one) => !served.includes(one))) }),
    reference: docs.registry,
    evidence: [known.registryEvidence(wdsKey, 'BindPolicy'), known.registryEvidence(wdsKey, 'BindInterfaces')],
    remedy:
      isDeaf && first
        ? byHand(
            say('doctor.bind-policy-fix'),
            [`wdsutil /Set-Server /BindPolicy /Add /Address:${first.address} /AddressType:IP`],
            [`wdsutil /Set-Server /BindPolicy /Remove /Address:${first.address} /AddressType:IP`],
          )
        : undefined,
  }
}

const ethernetMtu = 1500

export const blocksTooLarge: Rule = ({ known, wdsServes, sccmServes }) => {
  const both = [
    { key: dpKey, name: 'RamDiskTFTPBlockSize' },
    { key: wdsTftpKey, name: 'MaximumBlockSize' },
  ] as const
  const candidates = both.filter(({ key, name }) => {
    const data = known.registry(key, name)
    // 4096 is what a distribution point comes with (Microsoft, Customize the RamDisk TFTP block size and window size).
    return typeof data === 'number' && data > (key === dpKey ? 4096 : 1456)
  })
  if ((!wdsServes && !sccmServes) || candidates.length === 0) return undefined
  const { key, name } = candidates[0]!
  const data = known.registry(key, name)
  const window = known.registry(dpKey, 'RamDiskTFTPWindowSize')
  const mtus = known.facts.interfaces?.value.map((one) => one.mtu) ?? []
  // Where an interface does not tell its MTU, only what Ethernet carries whole is known to be harmless, and nothing to be fragments.
  const isKnown = mtus.length > 0 && mtus.every((one) => one !== undefined)
  const mtu = Math.min(...mtus.map((one) => one ?? ethernetMtu), ...(mtus.length === 0 ? [ethernetMtu] : []))
  if (typeof data === 'number' && data + 32 <= mtu) return undefined
  return {
    id: 'tftp-blocks-too-large',
    severity: isKnown ? 'warning' : 'note',
    title: isKnown ? say('doctor.blocks-too-large-title') : say('doctor.blocks-maybe-too-large-title'),
    says: !isKnown
      ? say('doctor.blocks-maybe-too-large-says', { name, data: Number(data), mtu })
      : typeof window === 'number' && window > 1
        ? say('doctor.blocks-too-large-says-window', { name, data: Number(data), mtu, blocks: window, kib: Math.round((window * Number(data)) / 1024) })
        : say('doctor.blocks-too-large-says', { name, data: Number(data), mtu }), // prettier-ignore
    reference: docs.responder,
    evidence: [known.registryEvidence(key, name)],
    // Both are read when the service starts (KB 975710; Customize the RamDisk TFTP block size and window size).
    remedy: repair(known, say('doctor.blocks-too-large-fix'), [
      { kind: 'registry', key, name, data: 1456 },
      restart(key === dpKey && !wdsServes ? 'SccmPxe' : 'WDSServer'),
    ]),
  }
}

export const twoServices: Rule = ({ known, wds, sccm }) =>
  wds !== 'running' || sccm !== 'running'
    ? undefined
    : {
        id: 'two-pxe-services',
        severity: 'error',
        title: say('doctor.two-pxe-services-title'),
        says: say('doctor.two-pxe-services-says'),
        reference: docs.responder,
        evidence: [
          known.serviceEvidence('WDSServer'),
          known.serviceEvidence('SccmPxe'),
          ...known.portEvidence(4011),
          ...known.portEvidence(69),
        ],
        remedy: repair(known, say('doctor.two-pxe-services-fix'), [
          { kind: 'service', name: 'WDSServer', state: 'stopped', start: 'disabled' },
        ]),
      }
