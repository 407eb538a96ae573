console.log('classic script, before the body:', document.body === null)
