/* Two courtesies. Without it pages lack only a print button and the note about a lost connection. */
(() => {
  for (const button of document.querySelectorAll('[data-print]')) {
    button.hidden = false;
    button.addEventListener('click', () => print());
  }

  // An htmx request that got no usable answer shows the one note of the base template.
  const lost = document.getElementById('lost');
  if (!lost) return;
  const show = shown => () => { lost.hidden = !shown; };
  for (const name of ['htmx:sendError', 'htmx:timeout', 'htmx:responseError']) addEventListener(name, show(true));
  addEventListener('htmx:beforeRequest', show(false));
})();
