// The documentation as a site. Its pages and its contents are written by scripts/build-docs.ts from docs/.
import { readFileSync } from 'node:fs'
import starlight from '@astrojs/starlight'
import { defineConfig, passthroughImageService } from 'astro/config'

export default defineConfig({
  outDir: '../out/documentation',
  image: { service: passthroughImageService() },
  integrations: [
    starlight({
      title: 'PXE Lab',
      favicon: '/favicon.svg',
      pagefind: true,
      sidebar: JSON.parse(readFileSync(new URL('sidebar.json', import.meta.url), 'utf8')),
    }),
  ],
})
