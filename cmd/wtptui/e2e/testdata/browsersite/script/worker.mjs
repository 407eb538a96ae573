import late from './late.mjs'
onmessage = (e) => postMessage([late, 3 * e.data])
