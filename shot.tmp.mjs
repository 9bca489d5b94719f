import { chromium } from 'playwright-core'
const b = await chromium.launch({ executablePath:'/usr/bin/chromium', args:['--headless','--no-sandbox','--disable-gpu','--disable-quic','--no-first-run','--disable-background-networking','--disable-component-update','--disable-sync'] })
const p = await b.newPage({ viewport:{width:1440,height:900} })
p.on('console', m => console.log(m.type(), m.text())); p.on('pageerror', e => console.log('PAGEERROR', e.message))
await p.goto(process.argv[2]); await p.waitForTimeout(1500)
await p.screenshot({ path:'/tmp/ui/a.png' }); console.log((await p.textContent('body')).slice(0,300))
await b.close()
