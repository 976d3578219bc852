/* Passkeys at the staff door. Without script, or where a browser has none, the token does the same.
   A form says data-passkey="get|create", the origin that keys belong to, and where its challenge comes from;
   what the key answers goes along in the hidden field whose name ends in `passkey`. */
(() => {
  const bytes = text => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), sign => sign.charCodeAt(0));
  const text = buffer => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
  const listed = keys => (keys ?? []).map(key => ({ ...key, id: bytes(key.id) }));

  const asked = {
    async get(options) {
      const key = await navigator.credentials.get({ publicKey: { ...options, challenge: bytes(options.challenge), allowCredentials: listed(options.allowCredentials) } });
      const { authenticatorData, clientDataJSON, signature, userHandle } = key.response;
      return { key, response: { authenticatorData: text(authenticatorData), clientDataJSON: text(clientDataJSON), signature: text(signature), userHandle: userHandle ? text(userHandle) : undefined } };
    },
    async create(options) {
      const user = { ...options.user, id: bytes(options.user.id) };
      const key = await navigator.credentials.create({ publicKey: { ...options, challenge: bytes(options.challenge), user, excludeCredentials: listed(options.excludeCredentials) } });
      const { attestationObject, clientDataJSON } = key.response;
      return { key, response: { attestationObject: text(attestationObject), clientDataJSON: text(clientDataJSON) } };
    },
  };

  const answer = async form => {
    const token = form.elements.csrf_token.value;
    const reply = await fetch(form.dataset.options, { method: 'POST', headers: { 'X-CSRF-Token': token }, credentials: 'same-origin' });
    if (!reply.ok) return ''; // the form itself then says what is missing
    const { key, response } = await asked[form.dataset.passkey](await reply.json());
    return JSON.stringify({ id: key.id, rawId: text(key.rawId), type: key.type, response, clientExtensionResults: {} });
  };

  for (const form of document.querySelectorAll('form[data-passkey]')) {
    if (!window.PublicKeyCredential || form.dataset.origin !== location.origin) continue;
    form.querySelectorAll('[data-passkey-there]').forEach(part => { part.hidden = false; });
    form.querySelectorAll('[data-passkey-missing]').forEach(part => { part.hidden = true; });
    form.querySelector('[data-passkey-there] button').addEventListener('click', async event => {
      event.preventDefault();
      try {
        form.querySelector('input[type=hidden][name$=passkey]').value = await answer(form);
      } catch {
        return; // the person closed the browser's own window, which said why
      }
      form.submit();
    });
  }
})();
