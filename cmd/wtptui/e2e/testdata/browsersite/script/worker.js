importScripts('double.js')
onmessage = (e) => postMessage(double(e.data))
