import { resolve } from 'node:path'
import { defineConfig } from 'vite'
import project from './package.json' with { type: 'json' }
import renderer from './vite.renderer.config.ts'

/** `npm run build:site`: the simulator as files for any web server, below whatever path, with no back end. */
export default defineConfig({
  ...renderer,
  root: resolve(import.meta.dirname, 'src/renderer/site'),
  base: './',
  plugins: [
    ...renderer.plugins!,
    { name: 'homepage', transformIndexHtml: (html) => html.replace('%HOMEPAGE%', project.homepage) },
  ],
  build: {
    ...renderer.build,
    outDir: resolve(import.meta.dirname, 'out/simulator-site'),
    rolldownOptions: { input: resolve(import.meta.dirname, 'src/renderer/site/index.html') },
  },
})
