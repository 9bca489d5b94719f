/** Puts the whole window on the page. */
import { App } from './app.tsx'
import { mount } from './mount.tsx'
import { hearShell } from './shell/hear-shell.ts'
import { connectStore } from './store.ts'

export function openWindow(): void {
  connectStore()
  hearShell()
  mount(<App />)
}
