/** `session.defaultSession`: the permission handlers decide what Chromium grants to a page. */
import { EventEmitter } from 'node:events'
import { protocol } from './protocol.ts'

type RequestHandler = (
  contents: unknown,
  permission: string,
  decide: (granted: boolean) => void,
  details: object,
) => void
type CheckHandler = (contents: unknown, permission: string, origin: string, details: object) => boolean

let request: RequestHandler | null = null
let check: CheckHandler | null = null

/** Electron's name of a permission, and the descriptor by which Chromium knows it. */
const permissions: readonly (readonly [string, { readonly name: string }])[] = [
  ['clipboard-read', { name: 'clipboard-read' }],
  ['clipboard-sanitized-write', { name: 'clipboard-write' }],
  ['geolocation', { name: 'geolocation' }],
  ['notifications', { name: 'notifications' }],
  ['media', { name: 'camera' }],
  ['media', { name: 'microphone' }],
  ['midi', { name: 'midi' }],
  ['persistent-storage', { name: 'persistent-storage' }],
]

class DefaultSession extends EventEmitter {
  readonly protocol = protocol
  setPermissionRequestHandler(handler: RequestHandler | null): void {
    request = handler
  }
  setPermissionCheckHandler(handler: CheckHandler | null): void {
    check = handler
  }
  setDevicePermissionHandler(): void {}
  setSpellCheckerEnabled(): void {}
}

export const session = { defaultSession: new DefaultSession() }

/** What Chromium is to be told about a page of that origin; without handlers Electron grants everything. */
export async function decidePermissions(
  contents: unknown,
  url: string,
): Promise<readonly { readonly permission: { readonly name: string }; readonly setting: 'granted' | 'denied' }[]> {
  const origin = `${new URL(url).protocol}//${new URL(url).host}`
  const details = { requestingUrl: url, isMainFrame: true, securityOrigin: `${origin}/` }
  return Promise.all(
    permissions.map(async ([name, permission]) => {
      const asked = request
      const granted = !asked || (await new Promise<boolean>((resolve) => asked(contents, name, resolve, details)))
      const checked = check?.(contents, name, `${origin}/`, details) ?? true
      return { permission, setting: granted && checked ? ('granted' as const) : ('denied' as const) }
    }),
  )
}
