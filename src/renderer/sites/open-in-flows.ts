import type { SiteBoot } from '#shared/contract/sites.ts'
import { show } from '../flows/places.ts'

/** Opens the stored capture that holds a boot, at its first packet. */
export const openInFlows = ({ id, site, mac, frame }: SiteBoot): void =>
  show({ source: `site:${id}:${site} ${mac.replaceAll(':', '-')}`, attempt: undefined, frame }, false)
