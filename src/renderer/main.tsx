import { App } from './app.tsx'
import { mount } from './mount.tsx'
import { hearShell } from './shell/hear-shell.ts'
import { connectStore } from './store.ts'

connectStore()
hearShell()
mount(<App />)
