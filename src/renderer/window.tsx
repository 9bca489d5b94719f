/** Puts the whole window on the page. */
import { App } from './app.tsx'
import { ask } from './flows/client.ts'
import { mount } from './mount.tsx'
import { idle } from './parts/idle.ts'
import { addressOf } from './route.ts'
import { hearShell } from './shell/hear-shell.ts'
import { connectStore } from './store.ts'

/** A capture may be opened on any page, and its first rows wait for the worker that reads it: it is there before. */
async function beginReading(): Promise<void> {
  if (!window.location.hash.startsWith(addressOf('flows'))) await idle()
  ask.begin()
}

export function openWindow(): void {
  void beginReading()
  connectStore()
  hearShell()
  mount(<App />)
}
