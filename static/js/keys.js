/* Keys for staff. Pages work without it: a key only presses a link, button or field that is on the page
   and carries it in data-key. F keys and Ctrl+Enter work always; single letters not while somebody types,
   not while Chinese is being composed, and not where <html data-keys="off"> says that the person does
   without them. */
(() => {
  const types = element => element.isContentEditable || element.matches('textarea, select, input:not([type=radio], [type=checkbox])');

  const press = target => {
    if (!target.matches('textarea, select, input:not([type=radio], [type=checkbox])')) target.click();
    if (target.matches('textarea, select, input')) target.focus();
  };

  // J and K walk through the rows of a list; Enter then follows the focused link by itself.
  const walk = step => {
    const links = [...document.querySelectorAll('[data-row]')];
    const rows = links.map(link => link.closest('tr, li'));
    const at = rows.findIndex(row => row.classList.contains('on'));
    const next = Math.max(0, Math.min(rows.length - 1, at + step));
    if (!rows.length) return;
    rows[at]?.classList.remove('on');
    rows[next].classList.add('on');
    links[next].focus();
  };

  // Arrow down leads from a search field to its first result: data-down names the list.
  const down = field => document.getElementById(field.dataset.down)?.querySelector('input:enabled, a, button:enabled')?.focus();

  addEventListener('keydown', event => {
    const { key, target } = event;
    if (event.isComposing || event.altKey || event.metaKey || !(target instanceof Element)) return;
    if (event.ctrlKey) {
      const form = target.form ?? document.querySelector('main .btn.go')?.form;
      if (key === 'Enter') form?.requestSubmit(form.querySelector('.btn.go'));
      return;
    }
    if (key === 'ArrowDown' && target.dataset.down) {
      event.preventDefault();
      down(target);
      return;
    }
    const single = key.length === 1;
    if (single && (types(target) || document.documentElement.dataset.keys === 'off')) return;
    const pressed = single || /^F\d+$/.test(key) ? document.querySelector(`[data-key="${CSS.escape(key)}"]`) : null;
    if (pressed) {
      event.preventDefault();
      press(pressed);
    } else if (key === 'j' || key === 'k') {
      walk(key === 'j' ? 1 : -1);
    }
  });
})();
