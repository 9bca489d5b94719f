/** A picture of the page as a file of its own: what the theme decides is written out. */
export function standalone(svg: SVGSVGElement): string {
  const style = getComputedStyle(svg)
  const copy = svg.cloneNode(true) as SVGSVGElement
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
  copy.setAttribute('font-family', 'system-ui, sans-serif')
  const ground = document.createElementNS('http://www.w3.org/2000/svg', 'rect')
  for (const [name, value] of Object.entries({ width: '100%', height: '100%', fill: 'var(--mantine-color-body)' }))
    ground.setAttribute(name, value)
  copy.prepend(ground)
  const text = new XMLSerializer().serializeToString(copy)
  return text.replaceAll(/var\((--[\w-]+)\)/g, (_whole, name: string) => style.getPropertyValue(name).trim() || 'none')
}
