// The page's own script: clicks and forms become events, and the address bar follows the search.
// Gradio runs it once, as the body of a function of `element`, `trigger` and `watch`.

const root = document.documentElement;
const home = element.closest('.gradio-container');
const part = name => document.getElementById(`zc-${name}`);
const sheets = {};

function ask(asked) {
  root.setAttribute('data-busy', '');
  trigger('act', {asked: {at: location.search, ...asked}});
}

// Sheets are dialogs around the components that hold their content.
function makeSheet(name) {
  const dialog = document.createElement('dialog');
  const content = part(name);
  content.before(dialog);
  dialog.className = 'zc-dialog';
  dialog.append(home.querySelector('.zc-close-template').content.cloneNode(true), content);
  dialog.addEventListener('click', event => { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener('close', () => {
    // Pictures that were added meanwhile belong on the page.
    if (dialog.dataset.changed) { delete dialog.dataset.changed; ask({do: 'open'}); }
  });
  sheets[name] = dialog;
}

function show(name, event, asked) {
  sheets[name].toggleAttribute('data-waiting', true);
  if (!sheets[name].open) sheets[name].showModal();
  trigger(event, {asked: {at: location.search, ...asked}});
}

function onClick(event) {
  const target = event.target.closest('[data-do], [data-sheet], [data-more], [data-close], [data-copy], .zc-language');
  if (!target) return;
  const data = {...target.dataset};
  if (target.matches('.zc-language')) {
    target.href = target.getAttribute('href').split('?')[0] + location.search;
  } else if ('close' in data) {
    target.closest('dialog').close();
  } else if ('copy' in data) {
    navigator.clipboard.writeText(data.copy).then(() => { target.textContent = data.done; });
  } else if ('more' in data) {
    target.disabled = true;
    trigger('more', {asked: {at: location.search, offset: data.more}});
  } else if (data.sheet === 'library') {
    show('library', 'library', {});
  } else if (data.sheet) {
    show('sheet', data.sheet === 'why' ? 'why' : 'folder', {id: data.id});
  } else {
    ask(data);
  }
}

function onSubmit(event) {
  const form = event.target.closest('[data-form]');
  if (!form) return;
  event.preventDefault();
  const values = Object.fromEntries(new FormData(form));
  if (form.dataset.form === 'filter') {
    form.closest('details').open = false;
    ask({do: 'filter', values});
  } else if (form.dataset.form === 'add-folder') {
    sheets.library.dataset.changed = '1';
    trigger('add_folder', {asked: values});
  } else if (values.text.trim()) {
    ask({do: form.dataset.form, ...values});
    form.reset();
  }
}

// After an answer the address follows it, and what was typed into the filters is what holds.
let opened = false;
function onAnswer() {
  const panel = element.querySelector('.zc-panel');
  if (!panel) return;
  root.removeAttribute('data-busy');
  root.toggleAttribute('data-asked', panel.dataset.at !== '');
  if (panel.dataset.at !== location.search) {
    history[opened ? 'pushState' : 'replaceState'](null, '', location.pathname + panel.dataset.at);
  }
  if (opened && window.scrollY > element.offsetTop) window.scrollTo(0, 0);
  opened = true;
  part('filters').querySelector('form')?.reset();
}

// More hits come in a component of their own, and are put after the others.
function onMore() {
  const page = part('more').querySelector('.zc-page');
  const grid = part('grid');
  if (!page || !grid || page.dataset.turn === grid.dataset.turn) return;
  grid.dataset.turn = page.dataset.turn;
  grid.append(...page.querySelectorAll('.zc-hit'));
  const button = page.querySelector('.zc-more');
  const old = part('results').querySelector('.zc-more');
  if (button) old.replaceWith(button); else old.remove();
}

async function begin() {
  const parts = ['sheet', 'library', 'filters', 'results', 'more'];
  while (!parts.every(part) || !home.querySelector('.zc-close-template')) {
    await new Promise(requestAnimationFrame);
  }
  ['sheet', 'library'].forEach(makeSheet);
  home.addEventListener('click', onClick);
  home.addEventListener('submit', onSubmit);
  watch('value', onAnswer);
  const changes = {childList: true, subtree: true, attributes: true};
  new MutationObserver(onMore).observe(part('more'), changes);
  for (const name of ['sheet', 'library']) {
    new MutationObserver(() => sheets[name].removeAttribute('data-waiting')).observe(part(name), changes);
  }
  window.addEventListener('popstate', () => ask({do: 'open'}));
  ask({do: 'open', fresh: '1'});
}
begin();
