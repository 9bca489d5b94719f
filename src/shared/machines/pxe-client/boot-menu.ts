/** The boot menu of option 43 (PXE 2.1 section 2.4): prompt, lines, boot servers by type. */
import { u16At, u32At } from '../../wire/bytes.ts'
import { findSubOption } from '../../wire/dhcp/spaces.ts'
import type { ClientContext, Step } from './client.ts'

interface MenuItem {
  readonly type: number
  readonly text: string
}

function menuOf(option43: Uint8Array): {
  readonly items: MenuItem[]
  readonly seconds: number
  readonly prompt: string
} {
  const menu = findSubOption('pxe', option43, 9) ?? new Uint8Array(0)
  const items: MenuItem[] = []
  for (let place = 0; place + 3 <= menu.length;) {
    const length = menu[place + 2]!
    items.push({
      type: u16At(menu, place),
      text: String.fromCharCode(...menu.subarray(place + 3, place + 3 + length)),
    })
    place += 3 + length
  }
  const prompt = findSubOption('pxe', option43, 10)
  return { items, seconds: prompt?.[0] ?? 0, prompt: prompt ? String.fromCharCode(...prompt.subarray(1)) : '' }
}

function serversOf(option43: Uint8Array, type: number): number[] {
  const list = findSubOption('pxe', option43, 8) ?? new Uint8Array(0)
  const servers: number[] = []
  for (let place = 0; place + 3 <= list.length;) {
    const count = list[place + 2]!
    if (u16At(list, place) === type)
      for (let index = 0; index < count; index++) servers.push(u32At(list, place + 3 + index * 4))
    place += 3 + count * 4
  }
  return servers
}

/** Prompt, menu and the search for a boot server of the chosen type (PXE 2.1 section 2.4). */
export function* chooseFromMenu(
  client: ClientContext,
  option43: Uint8Array,
): Step<{ readonly item: MenuItem; readonly control: number; readonly servers: number[] } | 'waits' | 'no-menu'> {
  const { items, seconds, prompt } = menuOf(option43)
  if (items.length === 0) return 'no-menu'
  const wanted = client.habits.menuLine
  if (seconds > 0) {
    client.line(prompt)
    if (wanted === undefined) {
      if (seconds === 255) return 'waits'
      yield* client.sleep(seconds * 1000)
    } else {
      yield* client.sleep(1000)
      for (const one of items) client.line(`  ${one.text}`)
      yield* client.sleep(1000)
    }
  }
  const item = items[Math.min(wanted ?? 0, items.length - 1)]!
  return { item, control: findSubOption('pxe', option43, 6)?.[0] ?? 0, servers: serversOf(option43, item.type) }
}
