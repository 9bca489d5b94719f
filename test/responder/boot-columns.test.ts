/** What the page counts, held against a plain walk over the boots. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { outcomeClassOf, type SiteBoot, type SiteFilter } from '#shared/contract/sites.ts'
import { BootColumns, machineChoice, macSpan } from '../../src/main/hub/boot-columns.ts'

const macs = ['52:54:00:77:00:01', '52:54:00:77:00:02', '00:11:22:33:44:55', '10.0.0.7']
const boot = fc.record({
  id: fc.integer({ min: 1, max: 60 }),
  mac: fc.constantFrom(...macs),
  uuid: fc.constantFrom('4c4c4544-0044', '4c4c4544-0055', ''),
  site: fc.constantFrom('a', 'b', 'c'),
  outcome: fc.constantFrom('started', 'failed', 'waiting', 'idle'),
  firmware: fc.constantFrom('BIOS', 'UEFI'),
})
const filter = fc.record(
  {
    site: fc.constantFrom('a', 'b', 'z'),
    firmware: fc.constantFrom('BIOS', 'UEFI'),
    class: fc.constantFrom('booted', 'failed', 'unclear', 'other'),
    from: fc.integer({ min: 0, max: 6e7 }),
    to: fc.integer({ min: 0, max: 6e7 }),
  },
  { requiredKeys: [] },
)

test('any filter counts, lists and groups what a plain walk does, also after changes and removals', () => {
  fc.assert(
    fc.property(fc.array(boot, { maxLength: 80 }), filter, fc.option(fc.constantFrom('52:54:00', '10.0.0.7', '4c4c4544-0044')), fc.array(fc.integer({ min: 1, max: 60 })), (told, chosen, machine, removed) => {
      const columns = new BootColumns()
      const plain = new Map<number, SiteBoot>()
      for (const one of told) {
        // When it began names a boot, and stays.
        const full = { ...one, startedAt: ((one.id * 7919) % 61) * 1e6, code: '', architecture: '', vendor: '', model: '', bootFile: '', server: '' } as unknown as SiteBoot // prettier-ignore
        columns.put(full)
        plain.set(full.id, full)
      }
      columns.remove(removed)
      for (const id of removed) plain.delete(id)
      const { site, firmware, class: outcome, from, to } = chosen as SiteFilter
      const choice = machine === null ? undefined : { ...machineChoice(machine), span: machine.includes('.') ? undefined : macSpan(machine) } // prettier-ignore
      const kept = [...plain.values()].filter(
        (one) =>
          (site === undefined || one.site === site) &&
          (firmware === undefined || one.firmware === firmware) &&
          (outcome === undefined || outcomeClassOf(one.outcome) === outcome) &&
          (from === undefined || one.startedAt >= from) &&
          (to === undefined || one.startedAt <= to) &&
          (machine === null || one.mac.startsWith(machine) || one.uuid.startsWith(machine)),
      )
      const { total, ids } = columns.page(chosen, choice, 0, 1000)
      expect(total).toBe(kept.length)
      expect([...ids].sort((a, b) => a - b)).toEqual(kept.map(({ id }) => id).sort((a, b) => a - b))
      const times = ids.map((id) => plain.get(id)!.startedAt)
      expect(times).toEqual([...times].sort((a, b) => b - a))
      // Which boot of its machine at its site each is, by when it began.
      for (const { id, mac, site: at, attempt } of columns.withAttempts([...plain.values()])) {
        const same = [...plain.values()].filter((one) => one.mac === mac && one.site === at)
        const earlier = same.filter((one) => one.startedAt < plain.get(id)!.startedAt).length
        const notLater = same.filter((one) => one.startedAt <= plain.get(id)!.startedAt).length
        expect(attempt).toBeGreaterThan(earlier)
        expect(attempt).toBeLessThanOrEqual(notLater)
      }
      const groups = columns.overview(chosen, choice, 'machine', 100)
      expect(groups.groups.map(({ value }) => value).sort()).toEqual([...new Set(kept.map(({ mac }) => mac))].sort())
      expect(groups.groups.reduce((sum, one) => sum + one.failed, 0)).toBe(kept.filter((one) => one.outcome === 'failed').length) // prettier-ignore
      const { buckets } = columns.trend(chosen, choice, 20)
      expect(buckets.length).toBeLessThanOrEqual(20)
      expect(buckets.reduce((sum, one) => sum + one.booted + one.failed + one.unclear + one.other, 0)).toBe(kept.length)
    }), // prettier-ignore
  )
})
