/**
 * How common set-ups are, as weights. These are judgement and no measurement: no vendor publishes how often which fault occurs. They
 * follow what vendors' troubleshooting guides treat first (Microsoft, "Advanced troubleshooting for PXE boot issues" and "Boot from a
 * PXE server on a different network": IP helpers, option 60, port 67 shared with DHCP, service and boot image) and only order what
 * fits the evidence; they exclude nothing.
 */
import type { Dimension, MatrixRow } from '../co-hosting.ts'

/** Weights of the values of each column of the co-hosting matrix; a row has their product. */
const rowWeights: { readonly [D in Dimension]: Readonly<Record<MatrixRow[D], number>> } = {
  dhcp: { this: 40, other: 55, none: 5 },
  pxe: { WDS: 60, SccmPxe: 30, none: 10, elsewhere: 0 },
  listen: { default: 50, '0': 30, '1': 20 },
  option60: { unset: 60, server: 30, 'left-over': 10 },
  files: { unset: 75, set: 25 },
  service: { running: 85, stopped: 15 },
  starts: { first: 30, second: 70 },
}

export const rowWeight = (row: MatrixRow): number =>
  Object.entries(rowWeights).reduce((product, [name, weights]) => {
    const share = (weights as Readonly<Record<string, number>>)[row[name as Dimension]]!
    return (product * share) / 100
  }, 1)

/** Weights of scenarios beside all rows together, which have 1. */
const common = 0.1
const occasional = 0.03
const rare = 0.01

const scenarioWeights: Readonly<Record<string, number>> = {
  'helper-to-dhcp-only': common,
  'missing-file': common,
  'no-deployment': common,
  'one-file-for-all': common,
  'wrong-vlan': common,
  'firewall-tftp': common,
  'firewall-4011': common,
  'spanning-tree': common,
  'no-boot-image': common,
  'secure-boot': common,
  'option-60-left-over': common,
  'block-roll-over': rare,
  'menu-without-server': rare,
  'relay-answered-by-broadcast': rare,
  'single-offer-uefi': rare,
  'old-uefi-drops-proxy': rare,
  'architecture-nine': rare,
  'tftp-range-taken': rare,
  'own-address-in-pool': rare,
}

export const scenarioWeight = (id: string): number => scenarioWeights[id] ?? occasional
