// tell adds a line to the page and to the console.
export function tell (what, ...values) {
  const text = values.map((v) => typeof v === 'string' ? v : JSON.stringify(ArrayBuffer.isView(v) ? [...v] : v)).join(' ')
  const list = document.querySelector('dl')
  list.append(Object.assign(document.createElement('dt'), { textContent: what }))
  list.append(Object.assign(document.createElement('dd'), { textContent: text }))
  console.log(what, text)
}

// event waits for the next event of a kind.
export const event = (target, kind) => new Promise((resolve, reject) => {
  target.addEventListener(kind, resolve, { once: true })
  target.addEventListener('error', (e) => reject(new Error(`${kind}: ${e.message ?? 'error'}`)), { once: true })
})
