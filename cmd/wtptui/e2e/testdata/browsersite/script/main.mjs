// Uses what sites use, one thing after the other, and writes down what came of it. The page is done when the root
// element says so.
import { tell, event } from './tell.mjs'

const video = document.querySelector('video')
const frame = document.querySelector('iframe')

tell('module', import.meta.url.endsWith('/script/main.mjs'))
tell('dynamic import', (await import('./late.mjs')).default)

const numbers = await fetch('data/numbers.json')
tell('fetch', numbers.status, numbers.headers.get('content-type'), (await numbers.json()).numbers)
const part = await fetch('data/numbers.json', { headers: { range: 'bytes=2-8' } })
tell('range', part.status, part.headers.get('content-range'), await part.text())
const missing = await fetch('data/missing.json')
tell('missing', missing.status)
tell('wasm', Object.keys(await WebAssembly.instantiateStreaming(fetch('data/empty.wasm'))))

const worker = new Worker('script/worker.js')
worker.postMessage(20)
tell('worker', (await event(worker, 'message')).data)
const moduleWorker = new Worker('script/worker.mjs', { type: 'module' })
moduleWorker.postMessage(20)
tell('module worker', (await event(moduleWorker, 'message')).data)

document.cookie = 'colour=green; path=/'
tell('cookie', document.cookie)
localStorage.setItem('colour', 'red')
tell('local storage', localStorage.getItem('colour'))
const digest = await crypto.subtle.digest('SHA-1', new TextEncoder().encode('abc'))
tell('crypto', new Uint8Array(digest).slice(0, 4))

if (frame.contentDocument.readyState !== 'complete' || frame.contentDocument.URL === 'about:blank') await event(frame, 'load')
tell('frame', frame.contentDocument.title)
tell('font', (await document.fonts.load('20px Site')).length)

if (video.readyState < 1) await event(video, 'loadedmetadata')
video.currentTime = 4.5
await event(video, 'seeked')
tell('video', video.duration.toFixed(1), video.currentTime, video.videoWidth, video.videoHeight)
const canvas = new OffscreenCanvas(160, 120)
const drawing = canvas.getContext('2d')
drawing.drawImage(video, 0, 0)
// Roughly: the browser dithers a little, and not the same each time.
tell('pixels', drawing.getImageData(60, 60, 4, 1).data.map((v) => v >> 5))

console.warn('all of it, %d lines', document.querySelectorAll('dt').length)
await document.fonts.ready
document.documentElement.dataset.done = 'yes'
