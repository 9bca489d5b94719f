/** What people call the hosts and machines of a scenario: their titles, told apart where two have the same one. */
import type { Scenario } from './scenario.ts'

/** The name that people know by the key of a host, of a client, or of one of several clients (`pc-7`); else the key itself. */
export function scenarioNames(scenario: Pick<Scenario, 'hosts' | 'clients'>): ReadonlyMap<string, string> {
  const entries = [...Object.entries(scenario.hosts), ...Object.entries(scenario.clients)]
  const uses = new Map<string, number>()
  for (const [key, { title = key }] of entries) uses.set(title, (uses.get(title) ?? 0) + 1)
  const names = new Map<string, string>()
  for (const [key, one] of entries) {
    const { title = key } = one
    const detail = 'firmware' in one ? key : (Object.values(one.on)[0] ?? key)
    const name = uses.get(title)! > 1 && title !== key ? `${title} (${detail})` : title
    names.set(key, name)
    if ('firmware' in one && one.count > 1)
      for (let turn = 1; turn <= one.count; turn++)
        if (!names.has(`${key}-${turn}`)) names.set(`${key}-${turn}`, `${name}-${turn}`)
  }
  return names
}
