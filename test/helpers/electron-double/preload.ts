/** The scripts that make a preload script run as Electron's sandbox runs it: in a world of its own, with two modules. */

import { folderIn } from './options.ts'

export const preloadWorld = 'electron-preload'
/** The binding by which the preload's world reaches the main process. */
export const bindingName = '__toMain'

/** In the world of the page: makes what `contextBridge` exposes. Functions there return promises. */
export const pageScript = `(() => {
  const open = new Map()
  let count = 0
  // Both worlds share the document: a file field carries what text cannot.
  const carried = (value) => {
    if (!(value instanceof File)) return value
    const field = Object.assign(document.createElement('input'), { type: 'file', hidden: true, id: 'electron-file-' + ++count })
    const transfer = new DataTransfer()
    transfer.items.add(value)
    field.files = transfer.files
    document.documentElement.append(field)
    return { electronFile: field.id }
  }
  const build = (shape, path) => {
    if (shape.kind === 'function') return (...args) => new Promise((resolve, reject) => {
      open.set(++count, { resolve, reject })
      const detail = JSON.stringify({ id: count, path, args: args.map(carried) })
      document.dispatchEvent(new CustomEvent('electron-call', { detail }))
    })
    if (shape.kind === 'object') return Object.freeze(Object.fromEntries(
      Object.entries(shape.members).map(([name, member]) => [name, build(member, [...path, name])])))
    return shape.value
  }
  document.addEventListener('electron-expose', ({ detail }) => {
    const { key, shape } = JSON.parse(detail)
    Object.defineProperty(globalThis, key, { value: build(shape, [key]), enumerable: true })
  })
  // Asked before Chromium opens anything: a window that is opened and closed again would hold up the page that did it.
  const openOutside = (url, frameName) => void document.dispatchEvent(new CustomEvent('electron-open', { detail: { url: url === '' ? 'about:blank' : new URL(url, location.href).href, frameName } }))
  globalThis.open = (url = '', frameName = '') => { openOutside(String(url), String(frameName)); return null }
  document.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a[target="_blank"]') : null
    if (!link) return
    event.preventDefault()
    openOutside(link.href, '')
  }, true)
  document.addEventListener('electron-reply', ({ detail }) => {
    const { id, value, error } = JSON.parse(detail)
    if (error === undefined) open.get(id)?.resolve(value)
    else open.get(id)?.reject(new Error(error))
    open.delete(id)
  })
})()`

/** In the preload's world: `require('electron')` with what a sandboxed preload has, then the script itself. */
export const wrapPreload = (script: string): string => `(() => {
  if (window !== window.top) return
  const listeners = new Map()
  const held = new Map()
  const asked = new Map()
  let count = 0
  const toMain = (message) => globalThis.${bindingName}(JSON.stringify(message))
  globalThis.__fromMain = (channel, args, portIds) => {
    const ports = portIds.map((id) => {
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = ({ data }) => toMain({ type: 'port', id, data })
      held.set(id, port1)
      return port2
    })
    for (const hear of [...(listeners.get(channel) ?? [])]) hear({ sender: ipcRenderer, ports }, ...args)
  }
  globalThis.__toPort = (id, data) => held.get(id)?.postMessage(data)
  globalThis.__closePort = (id) => held.get(id)?.close()
  globalThis.__answer = (id, value, error) => {
    if (error === null) asked.get(id)?.resolve(value)
    else asked.get(id)?.reject(new Error(error))
    asked.delete(id)
  }
  const ipcRenderer = {
    on(channel, hear) { listeners.set(channel, [...(listeners.get(channel) ?? []), hear]); return ipcRenderer },
    once(channel, hear) {
      const first = (...all) => { ipcRenderer.removeListener(channel, first); hear(...all) }
      return ipcRenderer.on(channel, first)
    },
    removeListener(channel, hear) {
      listeners.set(channel, (listeners.get(channel) ?? []).filter((one) => one !== hear))
      return ipcRenderer
    },
    off: (channel, hear) => ipcRenderer.removeListener(channel, hear),
    send(channel, ...args) { toMain({ type: 'send', channel, args }) },
    invoke: (channel, ...args) => new Promise((resolve, reject) => {
      asked.set(++count, { resolve, reject })
      toMain({ type: 'invoke', id: count, channel, args })
    }),
  }
  document.addEventListener('electron-open', ({ detail }) => toMain({ type: 'open', ...detail }))
  const exposed = {}
  const describe = (value) => typeof value === 'function' ? { kind: 'function' }
    : value !== null && typeof value === 'object' && !Array.isArray(value)
      ? { kind: 'object', members: Object.fromEntries(Object.entries(value).map(([name, one]) => [name, describe(one)])) }
      : { kind: 'value', value }
  const contextBridge = {
    exposeInMainWorld(key, api) {
      exposed[key] = api
      document.dispatchEvent(new CustomEvent('electron-expose', { detail: JSON.stringify({ key, shape: describe(api) }) }))
    },
  }
  document.addEventListener('electron-call', async ({ detail }) => {
    const { id, path, args: carried } = JSON.parse(detail)
    const args = carried.map((value) => {
      const field = value?.electronFile && document.getElementById(value.electronFile)
      field?.remove()
      return field ? field.files[0] : value
    })
    let reply
    try {
      reply = { id, value: await path.reduce((value, name) => value[name], exposed)(...args) }
    } catch (error) { reply = { id, error: String(error?.message ?? error) } }
    document.dispatchEvent(new CustomEvent('electron-reply', { detail: JSON.stringify(reply) }))
  })
  // Chromium does not tell a script the path of a dropped file: here each comes from one folder.
  const webUtils = { getPathForFile: (file) => ${JSON.stringify(`${folderIn('dropped')}/`)} + file.name }
  const require = (name) => {
    if (name === 'electron') return { contextBridge, ipcRenderer, webUtils }
    throw new Error('module not found: ' + name)
  }
  // Chromium tells of a title only when a page has loaded.
  let title
  new MutationObserver(() => {
    if (document.title === title) return
    title = document.title
    toMain({ type: 'title', title })
  }).observe(document, { subtree: true, childList: true, characterData: true })
  const module = { exports: {} }
  ;((exports, require, module) => {${script}
  })(module.exports, require, module)
})()`

export type FromPreload =
  | { readonly type: 'open'; readonly url: string; readonly frameName: string }
  | { readonly type: 'title'; readonly title: string }
  | { readonly type: 'port'; readonly id: number; readonly data: unknown }
  | { readonly type: 'send'; readonly channel: string; readonly args: readonly unknown[] }
  | { readonly type: 'invoke'; readonly id: number; readonly channel: string; readonly args: readonly unknown[] }
